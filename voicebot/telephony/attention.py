"""Keeps the ear's attention on the document that the caller is in, and on no earlier one. Says nothing to the caller."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock
from typing import TypeAlias

import structlog

from voicebot.dialogue.actions import Ask, Join, StopListening, Wait
from voicebot.dialogue.forms import Door
from voicebot.ports.ear import Ear, Listening
from voicebot.switchboard.plan import Turned
from voicebot.telephony.streams import Streams

MOST_CALLS = 4096  # remembered; an older call's repeats are then taken for news, which only costs a moment of hearing

ListeningFor: TypeAlias = Callable[[Turned, Ask], Listening | None]

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Followed:
    """The newest document of a call: its number, and its question's turn and phase if that is listened to."""

    seq: int
    turn: int = 0
    phase: int | None = None


class Attention:
    """Follows the documents of each call as they are handed out.

    `wind_down`: seconds from the end of listening to the end of the socket, if the carrier does not end it. `is_fetched(call,
    turn)`: an answer that was recorded is on its way to the ear.
    """

    def __init__(
        self, ear: Ear, streams: Streams, listening_for: ListeningFor, wind_down: float,
        is_fetched: Callable[[str, int], bool] = lambda *_: False,
    ) -> None:  # fmt: skip
        self._is_fetched = is_fetched
        self._ear = ear
        self._streams = streams
        self._listening_for = listening_for
        self._wind_down = wind_down
        self._lock = Lock()
        self._newest: OrderedDict[str, _Followed] = OrderedDict()

    def follow(self, turned: Turned) -> None:
        """The caller's leg is given this. A failing ear is the ear's affair: the keys go on."""
        try:
            with self._lock:  # held throughout, so that two documents of one call are followed in their order
                if self._is_news(turned):
                    self._turn_to(turned)
        except Exception as failure:  # noqa: BLE001  # speech may fail in any way, and the document must still go out
            log.error("ear failed", failure=type(failure).__name__)

    def leave(self, turned: Turned) -> None:
        """Nobody hears the question of this document any more, unless the call has gone on to another one meanwhile."""
        with self._lock:
            newest = self._newest.get(turned.call_id)
            if newest is None or newest.seq != turned.seq:
                return
            try:
                self._ear.ignore(turned.call_id)
            except Exception as failure:  # noqa: BLE001  # the keys go on
                log.error("ear failed", failure=type(failure).__name__)

    def end(self, call_id: str) -> None:
        """The call is over."""
        with self._lock:
            self._newest.pop(call_id, None)
        try:
            self._ear.ignore(call_id)
        except Exception as failure:  # noqa: BLE001  # the caller is gone; nobody waits for this
            log.error("ear failed", failure=type(failure).__name__)

    def is_speaking(self, call_id: str, turn: int) -> bool:
        """Whether the ear hears speech for this question, or is at it still; an ear that cannot say hears none."""
        try:
            return self._is_fetched(call_id, turn) or self._ear.speech_active(call_id, turn)
        except Exception as failure:  # noqa: BLE001  # then silence is what it is
            log.error("ear failed", failure=type(failure).__name__)
            return False

    def had_stream(self, call_id: str, phase: int) -> bool:
        """Whether this phase's audio has come to us, so that the ear itself tells when it is lost."""
        return self._streams.was_claimed(call_id, phase)

    def unheard(self, call_id: str, turn: int, *, answered: bool) -> int | None:
        """The phase of this question if its audio cannot have come to us and nobody told: its stream ended in good order, or a
        caller who has not `answered` was silent to the end and none has opened. Keys may be quicker than a socket.
        """
        with self._lock:
            followed = self._newest.get(call_id)
        if followed is None or followed.turn != turn or followed.phase is None:
            return None
        stopped = self._streams.was_stopped(call_id, followed.phase)
        never_came = not answered and not self._streams.was_claimed(call_id, followed.phase)
        return followed.phase if stopped or never_came else None

    def forget_phase(self, call_id: str, phase: int) -> None:
        """This phase's loss is known to the call."""
        with self._lock:
            followed = self._newest.get(call_id)
            if followed is not None and followed.phase == phase:
                self._newest[call_id] = replace(followed, phase=None)

    def _is_news(self, turned: Turned) -> bool:
        before = self._newest.get(turned.call_id)
        if before is not None and turned.seq < before.seq:
            return False  # a repeat of what the caller has left behind
        if before is None or turned.seq > before.seq:
            self._newest[turned.call_id] = _followed(turned)
        self._newest.move_to_end(turned.call_id)
        if len(self._newest) > MOST_CALLS:
            self._newest.popitem(last=False)
        return True

    def _turn_to(self, turned: Turned) -> None:
        ask = _heard_question(turned)
        listening = self._listening_for(turned, ask) if ask is not None else None
        if listening is None:
            self._ear.ignore(turned.call_id)
        else:
            self._ear.attend(turned.call_id, listening)
        if turned.pending:
            return
        for verb in turned.verbs:
            match verb:
                case StopListening():
                    self._streams.wind_down(turned.call_id, self._wind_down, verb.phase)
                case Wait() | Join():  # whatever was said before, from here on we must not hear
                    self._streams.wind_down(turned.call_id, self._wind_down)


def _heard_question(turned: Turned) -> Ask | None:
    """The question that this document listens to."""
    asks = [] if turned.pending else [verb for verb in turned.verbs if isinstance(verb, Ask) and verb.listen]
    return asks[-1] if asks else None


def _followed(turned: Turned) -> _Followed:
    ask = _heard_question(turned)
    if ask is None or ask.door is Door.RECORD:  # there is no stream of which anything could be lost
        return _Followed(turned.seq)
    return _Followed(turned.seq, ask.turn, ask.phase)
