"""What somebody at the desk gets for a command: it is done, or it is not, with a sentence for people. Never an exception."""

from dataclasses import dataclass
from typing import TypeAlias

from voicebot.dialogue.refusals import Refusal

SENTENCES: dict[Refusal, str] = {
    Refusal.NOT_YOURS: "This call is not with you.",
    Refusal.NOT_CONNECTED: "Caller and agent are not connected yet, or not any more.",
    Refusal.CONSULTING: "You are asking a colleague already. Complete that, or go back to the caller first.",
    Refusal.NOT_CONSULTING: "You are not asking a colleague.",
    Refusal.NOBODY_ANSWERED_YET: "Your colleague is not in the call yet.",
    Refusal.YOURSELF: "That is you.",
    Refusal.YOUR_OWN_CALL: "You are in this call yourself.",
    Refusal.NOT_SUPERVISING: "You are not in on this call.",
    Refusal.UNKNOWN_AGENT: "There is no such agent.",
    Refusal.UNKNOWN_QUEUE: "There is no such queue.",
    Refusal.UNKNOWN_CODE: "There is no such code.",
    Refusal.AGENT_NOT_READY: "This agent is not ready. Choose another one, or a queue.",
    Refusal.UNKNOWN_PHONE: "You have no such phone any more. Reload the page.",
    Refusal.NO_PHONE: "You have no phone that could be rung.",
    Refusal.BUSY: "You are on the phone yourself.",
    Refusal.GONE: "This call does not ring for you any more.",
    Refusal.ALREADY_TAKEN: "Another agent has already taken this call.",
    Refusal.SUPERVISORS_ONLY: "Only a supervisor may do that.",
    Refusal.NOTHING_SAID: "There is nothing in it.",
}


@dataclass(frozen=True)
class Done:
    """It is done, or under way. `pick_up`: the phone is still ringing, and picking it up connects."""

    pick_up: bool = False


@dataclass(frozen=True)
class Refused:
    """It is not done, and nothing has changed."""

    why: Refusal

    @property
    def sentence(self) -> str:
        """For people."""
        return SENTENCES[self.why]


Answer: TypeAlias = Done | Refused
DONE = Done()
