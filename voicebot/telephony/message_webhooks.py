"""What the carrier tells of messages: the fate of ours, in any order and more than once; and what people write to us."""

import re
from collections.abc import Callable

import structlog
from flask import Blueprint, Response, request

from voicebot.ports.clock import Clock
from voicebot.ports.correspondence import Reply
from voicebot.ports.outgoing import Channel, MessageState
from voicebot.telephony.gate import Gate
from voicebot.telephony.messages import PREFIX, STATES

log = structlog.get_logger(__name__)

_SID = re.compile(r"[SM]M[0-9a-fA-F]{32}")
_CODE = re.compile(r"[0-9]{1,6}")

_NUMBER, _PERSON = re.compile(r"\+[1-9]\d{6,14}"), re.compile(r"[A-Za-z0-9_.-]{1,100}")
LONGEST = 4096  # characters; WhatsApp's own limit
WORDS = ("STOP", "START", "HELP")
NOTHING = '<?xml version="1.0" encoding="UTF-8"?><Response/>'  # the carrier itself answers STOP, START and HELP

Learned = Callable[[str, MessageState, str, str], bool]
Arrived = Callable[[Reply, str], None]


class MessageWebhooks:
    """`learned(name, state, sid, reason)` says whether there is such a message; `arrived(reply, word)` keeps what came in."""

    def __init__(self, gate: Gate, learned: Learned, arrived: Arrived, clock: Clock) -> None:
        self._gate, self._learned, self._arrived, self._clock = gate, learned, arrived, clock

    def register(self, room: Blueprint) -> None:
        """Add the addresses. The one for what comes in stands in the Console, so it has no token."""
        room.add_url_rule("/voice/message", view_func=self.arrives, methods=["POST"], endpoint="message_arrives")
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

    def arrives(self) -> Response:
        """Nothing is answered: an agent does. What cannot be read is noted, and not asked for again."""
        reply = self._reply()
        if reply is None:
            log.warning("a message could not be read")
        else:
            word = request.form.get("OptOutType", "")
            self._arrived(reply, word if word in WORDS else "")
        return Response(NOTHING, mimetype="text/xml")

    def _reply(self) -> Reply | None:
        form = request.form
        (channel, person), (ours, sender) = _address(form.get("From", "")), _address(form.get("To", ""))
        sid = form.get("MessageSid", "")
        if not _SID.fullmatch(sid) or channel is None or channel is not ours:
            return None
        text = form.get("Body", "")[:LONGEST]
        media = form.get("NumMedia", "0")
        if media.isdecimal() and int(media[:3]) > 0:
            text = f"{text}\n[{int(media[:3])} attached]".strip()
        return Reply(sid, channel, person, sender, text, self._clock.now())


def _address(text: str) -> tuple[Channel | None, str]:
    """`whatsapp:+12025550110` -> its channel, and the address there. None where it is none."""
    channel = next((one for one in (Channel.WHATSAPP, Channel.MESSENGER) if text.startswith(PREFIX[one])), Channel.SMS)
    bare = text.removeprefix(PREFIX[channel])
    fits = (_PERSON if channel is Channel.MESSENGER else _NUMBER).fullmatch(bare)
    return (channel, bare) if fits else (None, "")
