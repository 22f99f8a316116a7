"""The signed link to the company's payment page: a JSON Web Token that says what is to be paid, and until when.

Pure: the same payment has the same link. Whoever sees it can read it, so it names nobody.
"""

from datetime import datetime

from joserfc import jwt
from joserfc.jwk import OctKey

ISSUER, AUDIENCE, ALGORITHM = "voicebot", "payment", "HS256"


class PaymentLinkSigner:
    """`page` is the company's, `secret` known to it, too."""

    def __init__(self, page: str, secret: str) -> None:
        self._page, self._key = page, OctKey.import_key(secret.encode())

    def __repr__(self) -> str:
        return f"PaymentLinkSigner({self._page})"

    def link(self, payment: str, amount: str, currency: str, since: datetime, until: datetime) -> str:
        """Where the caller pays `payment`. `amount` is a number as people write it."""
        claims = {
            "iss": ISSUER, "aud": AUDIENCE, "sub": payment, "amount": amount, "currency": currency,
            "iat": int(since.timestamp()), "exp": int(until.timestamp()),
        }  # fmt: skip
        token = jwt.encode({"alg": ALGORITHM}, claims, self._key, algorithms=[ALGORITHM])
        return f"{self._page}{'&' if '?' in self._page else '?'}payment={token}"
