"""The webhooks of answers that are spoken into recordings."""

from collections.abc import Callable
from typing import TypeAlias

from flask import Blueprint, Response, request

from voicebot.dialogue.actions import Ask
from voicebot.dialogue.events import DoorFailed, NoInput
from voicebot.dialogue.forms import Door
from voicebot.ports.clock import Clock
from voicebot.switchboard.plan import Turned
from voicebot.telephony.answers import Answers
from voicebot.telephony.caller_webhooks import pressed
from voicebot.telephony.exchange import Exchange
from voicebot.telephony.gate import Gate
from voicebot.telephony.recordings import is_recording
from voicebot.telephony.spoken_answers import SpokenAnswers

Live: TypeAlias = Callable[[Callable[[], Turned], str, str, str], Response]


class SpokenWebhooks:
    """`live` answers a caller's leg, or takes note that it is gone."""

    def __init__(
        self, gate: Gate, answers: Answers, exchange: Exchange, clock: Clock, spoken_answers: SpokenAnswers, live: Live
    ) -> None:
        self._gate, self._answers, self._exchange = gate, answers, exchange
        self._clock, self._spoken_answers, self._live = clock, spoken_answers, live

    def register(self, room: Blueprint) -> None:
        """Add the addresses."""
        for rule, view in (
            ("/voice/spoken/<call>/<int:turn>-<int:extension>/<token>", self.spoken),
            ("/voice/answer-recorded/<call>/<token>", self.answer_recorded),
        ):
            room.add_url_rule(rule, view_func=view, methods=["POST"])

    def spoken(self, call: str, turn: int, extension: int, token: str) -> Response:
        """Something was said into a recording, or a key pressed instead. It is heard while the question is held open."""
        self._gate.token(token, "spoken", call, turn, extension)
        sid, keys, key = request.form.get("RecordingSid", ""), pressed(), f"spoken:{call}:{turn}:{extension}"
        self._answers.told(lambda: self._not_kept(sid), where="spoken")

        def go_on() -> Turned:
            now = self._clock.now()
            if keys or not is_recording(sid):
                return self._exchange.handle(call, DoorFailed(now, turn, by_caller=bool(keys)), key=key)
            ask = _recorded_question(self._exchange.look(call))
            if ask is not None and ask.turn == turn:
                self._spoken_answers.hear(call, turn, ask.phase, sid)
            return self._exchange.handle(call, NoInput(now, turn, extension, speech_active=True), key=key)

        return self._live(go_on, "spoken", key, call)

    def answer_recorded(self, call: str, token: str) -> Response:
        """A spoken answer lies with the carrier: also that of a caller who hung up in the midst of it."""
        self._gate.token(token, "answer-recorded", call)
        return self._answers.told(lambda: self._not_kept(request.form.get("RecordingSid", "")), where="answer-recorded")

    def _not_kept(self, sid: str) -> None:
        if is_recording(sid):
            self._exchange.answer_recorded(sid)


def _recorded_question(turned: Turned) -> Ask | None:
    """The question of this document, if it is answered into a recording."""
    last = turned.verbs[-1] if turned.verbs else None
    return last if isinstance(last, Ask) and last.door is Door.RECORD else None
