"""What a desk's page needs to be a phone itself: its script, and a token for the agent's own address and no other."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, jsonify, request

from voicebot.pages.gate import reaches, signed_in
from voicebot.pages.roles import Access

if TYPE_CHECKING:
    from voicebot.desk.room import DeskHouse

NOT_A_BROWSER = "That phone is not this browser."


@dataclass(frozen=True)
class BrowserPhones:
    """`identities`: by agent's id, the names of their phones that are browsers, with what such a browser is called at the
    carrier; the usual phone's name is "". `token(identity)` lets it in. `connects`, `media`: what the script speaks to.
    """

    identities: Mapping[str, Mapping[str, str]]
    token: Callable[[str], str]
    script: Path
    connects: tuple[str, ...] = ()
    media: tuple[str, ...] = ()

    def of(self, agent: str) -> dict[str, str]:
        """This agent's own."""
        return dict(self.identities.get(agent, {}))


class BrowserPhonePages:
    """The views."""

    def __init__(self, house: "DeskHouse") -> None:
        self._phones = house.browser_phones

    def register(self, room: Blueprint) -> dict[str, Access]:
        """Add the addresses; gives who may open them."""
        room.add_url_rule("/desk/phone-script", "phone_script", self.script)
        room.add_url_rule("/desk/phone-token", "phone_token", self.token, methods=["POST"])
        return {"phone_script": Access.AGENT, "phone_token": Access.AGENT}

    def script(self) -> Response:
        """The carrier's script, as it was checked when it was fetched."""
        if self._phones is None or not self._phones.script.is_file():
            abort(404)
        return Response(self._phones.script.read_bytes(), content_type="text/javascript; charset=utf-8")

    def token(self) -> tuple[Response, int]:
        """`phone`, one of the agent's own by name -> `token`, for an hour."""
        asked = request.get_json(silent=True)
        name = asked.get("phone") if isinstance(asked, dict) else None
        own = self._phones.of(signed_in().person.id) if self._phones is not None else {}
        if self._phones is None or not isinstance(name, str) or name not in own:
            return jsonify(error=NOT_A_BROWSER), 404
        return jsonify(token=self._phones.token(own[name])), 200


def own_browsers(phones: BrowserPhones | None) -> list[str]:
    """Which of their phones this page may be, for whoever has opened it; it may then speak to the carrier."""
    own = list(phones.of(signed_in().person.id)) if phones is not None else []
    if phones is not None and own:
        reaches(phones.connects, phones.media)
    return own
