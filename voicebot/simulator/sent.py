"""A message as it was to be sent, or as somebody wrote it; and as the REST API shows it. Pure."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

VERSION = "2010-04-01"
SEGMENT = 153


@dataclass
class Text:
    """To whom, from where, what; its SID and how far it is."""

    to: str
    from_: str
    body: str = field(repr=False)
    sid: str = ""
    status: str = "queued"
    direction: str = "outbound-api"
    template: str = ""
    variables: str = field(default="", repr=False)
    error: int | None = None
    created: datetime = field(default_factory=lambda: datetime.now(UTC))

    def resource(self, account: str) -> dict[str, Any]:
        """As the API shows it."""
        uri = f"/{VERSION}/Accounts/{account}/Messages/{self.sid}"
        sent = self.status not in ("queued", "accepted")
        return {
            "sid": self.sid, "account_sid": account, "messaging_service_sid": None, "to": self.to, "from": self.from_,
            "body": self.body, "status": self.status, "direction": self.direction, "num_media": "0",
            "num_segments": str(max(1, -(-len(self.body) // SEGMENT))), "error_code": self.error, "error_message": None,
            "price": None, "price_unit": "USD", "api_version": VERSION, "uri": f"{uri}.json",
            "date_created": format_datetime(self.created), "date_updated": format_datetime(datetime.now(UTC)),
            "date_sent": format_datetime(self.created) if sent else None,
            "subresource_uris": {"media": f"{uri}/Media.json", "feedback": f"{uri}/Feedback.json"},
        }  # fmt: skip
