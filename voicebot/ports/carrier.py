"""The telephone company, as far as we act on it of our own accord. Every method is an effect with its outbox row.

All raise LegGone where the leg has ended, CarrierUnavailable where the outcome is unknown (`refused` where it certainly did
not happen, `for_good` where it never will).
"""

from typing import Protocol

from voicebot.dialogue.seats import Seat
from voicebot.dialogue.values import Tape


class Carrier(Protocol):
    """What we can do to legs and rooms."""

    def ring(self, phone: str, reservation: str, call_id: str, timeout: int) -> str:
        """Ring an agent's phone for at most `timeout` seconds; gives the new leg's id. Never repeated blindly: see `find_leg`."""
        ...

    def dial(self, number: str, leg: str, call_id: str, timeout: int) -> str:
        """Ring a customer (E.164) for at most `timeout` seconds; gives the new leg's id. `leg`: our name of it.

        Never repeated: where the outcome is unknown, `find_leg` by that name is all that may be done.
        """
        ...

    def find_leg(self, reservation: str, phone: str | None = None) -> str | None:
        """The leg that an earlier `ring` of `phone` for this reservation made, if it did."""
        ...

    def has_ended(self, leg: str) -> bool:
        """Whether this leg is over, as the carrier knows it: for a leg whose last callback never came."""
        ...

    def push(self, leg: str, call_id: str, seq: int) -> None:
        """Have the caller's leg fetch document `seq` now, whatever it is doing."""
        ...

    def push_agent(self, leg: str, reservation: str) -> None:
        """Have an agent's leg fetch what it does now, whatever it is doing."""
        ...

    def arrange(self, room: str, leg: str, seat: Seat, call_id: str, coached: str | None) -> None:
        """Have a leg sit like this in the room of this name; the same again does no harm. `coached`: the leg that it coaches.

        LegGone where the room or the leg in it is gone.
        """
        ...

    def who_is_in(self, room: str) -> frozenset[str]:
        """The legs in the room of this name, for one whose coming in was never told. Nobody in a room that is gone."""
        ...

    def record(self, leg: str, call_id: str, tape: Tape) -> str | None:
        """Have the recording of this leg run, pause or stop; it is begun where it is to run and there is none. Gives its id.

        The same again does no harm: a recording that goes on is looked for first.
        """
        ...

    def delete_recording(self, sid: str) -> None:
        """Delete a recording for good. One that is not there is no error."""
        ...

    def end_leg(self, leg: str) -> None:
        """Hang this leg up, ringing or not. A leg that has ended already is no error."""
        ...

    def close_room(self, room: str) -> None:
        """End the conference of this name. A room that is gone already is no error."""
        ...
