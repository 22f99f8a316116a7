"""What the carrier tells of messages: the fate of ours. In any order, and more than once."""

import re
from collections.abc import Callable

import structlog
from flask import Blueprint, Response, request

from voicebot.ports.outgoing import MessageState
from voicebot.telephony.gate import Gate
from voicebot.telephony.messages import STATES

log = structlog.get_logger(__name__)

_SID = re.compile(r"[SM]M[0-9a-fA-F]{32}")
_CODE = re.compile(r"[0-9]{1,6}")

Learned = Callable[[str, MessageState, str, str], bool]


class MessageWebhooks:
    """`learned(name, state, sid, reason)` says whether there is such a message."""

    def __init__(self, gate: Gate, learned: Learned) -> None:
        self._gate, self._learned = gate, learned

    def register(self, room: Blueprint) -> None:
        """Add the address."""
        room.add_url_rule("/voice/message/<name>/<token>", view_func=self.fate, methods=["POST"], endpoint="message_fate")

    def fate(self, name: str, token: str) -> Response:
        """204 also for what is not ours any more: the carrier would only repeat it."""
        self._gate.token(token, "message", name)
        sid, state = request.form.get("MessageSid", ""), STATES.get(request.form.get("MessageStatus", ""))
        code = request.form.get("ErrorCode", "")
        if not _SID.fullmatch(sid) or state is None:
            log.warning("a message's fate could not be read", state=state is not None)
            return Response(status=204)
        reason = f"carrier {code}" if _CODE.fullmatch(code) else ""
        if not self._learned(name, state, sid, reason):
            log.info("the fate of a message that is not there")
        return Response(status=204)
