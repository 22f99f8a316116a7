"""What the line asks of the rest of the house, as Protocols: somebody who decides, somebody who signs. Nothing is done here."""

from typing import Protocol

from voicebot.dialogue.calling_back import NotReached
from voicebot.dialogue.events import Event
from voicebot.dialogue.values import Ani
from voicebot.floor.values import TurnedDown
from voicebot.switchboard.plan import Turned


class Exchange(Protocol):
    """Who decides. Raises ImpossibleEvent for a call or reservation that is not there, StoreError and others when in trouble.

    `key` names a request of the caller's leg: the same key again gets the same document, and nothing happens twice. Without a
    key it is news that somebody else brings; what it changes is pushed to the leg.
    """

    def arrive(self, leg_id: str, dnis: str, ani: Ani) -> Turned:
        """A leg reached one of our numbers. The same leg again gets the document that it has now."""
        ...

    def handle(self, call_id: str, event: Event, *, key: str | None = None) -> Turned:
        """Something happened in the call."""
        ...

    def document(self, call_id: str) -> Turned:
        """What the caller's leg does now, by whatever number it was asked for. Never an event."""
        ...

    def look(self, call_id: str) -> Turned:
        """The same for whoever is not about to do it: only its language and prompts matter."""
        ...

    def call_of_leg(self, leg_id: str) -> str | None:
        """Whose leg this is."""
        ...

    def agent_answered(self, reservation: str, leg_id: str = "") -> Turned:
        """The agent's phone was picked up, by whomever. `leg_id`: the carrier's id of the leg, in case we never learnt it."""
        ...

    def agent_keyed(self, reservation: str, keys: str) -> Turned:
        """1, 2, something else, or nothing. A repeat is answered like the first."""
        ...

    def agent_leg_ended(self, reservation: str, why: TurnedDown | None) -> None:
        """Final status of the agent's leg; None if it had been answered."""
        ...

    def called_answered(self, call_id: str, leg_id: str) -> Turned:
        """Somebody, or a machine, picked up where we call a customer back. A repeat is answered like the first."""
        ...

    def called_ended(self, call_id: str, why: NotReached | None) -> None:
        """Final status of that leg; None if it had been answered."""
        ...

    def agent_document(self, reservation: str) -> Turned:
        """What the agent's leg does now. Never an event."""
        ...

    def room_changed(self, call_id: str, room: str, *, joined: str | None = None, left: str | None = None) -> None:
        """A leg came into the room of this name, or went out."""
        ...

    def recorded(self, call_id: str, sid: str, seconds: int) -> None:
        """A recording of this call is complete."""
        ...

    def answer_recorded(self, sid: str) -> None:
        """An answer was spoken into this recording. The carrier must not keep it."""
        ...

    def caller_hung_up(self, leg_id: str) -> None:
        """The caller's leg has ended."""
        ...


class TokenKeys(Protocol):
    """Who signs our URLs."""

    def token(self, purpose: str, *parts: str) -> str:
        """A token that only we can make for this purpose and these parts; url-safe."""
        ...

    def token_fits(self, token: str, purpose: str, *parts: str) -> bool:
        """Whether it is one, in constant time."""
        ...
