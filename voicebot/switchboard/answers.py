"""What somebody at the desk gets for a command: it is done, or it is not, with a sentence for people. Never an exception."""

from dataclasses import dataclass, field
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
    Refusal.STEPPING_UP: "The caller is giving a proof. Wait for it, or take the caller back first.",
    Refusal.NOT_STEPPING_UP: "The caller is not giving a proof.",
    Refusal.UNKNOWN_ACTION: "Nothing is laid down for this action.",
    Refusal.UNKNOWN_PROOF: "This proof is not accepted for this action.",
    Refusal.NO_PROOF_NEEDED: "This amount needs no proof.",
    Refusal.NOBODY_KNOWN: "Find out first who the caller is: nobody can prove to be a customer whom you have not found.",
    Refusal.NO_AMOUNT: "That is no amount. Write it like 1250.00.",
    Refusal.NO_TOKEN: "There is no token to be shown, or it has been shown already.",
    Refusal.NO_PHRASE: "There is no phrase to be read out, or it has been shown already.",
    Refusal.PAYING: "The caller is paying. Wait for it, or cancel the payment first.",
    Refusal.CHARGING: "The card is being charged just now. Wait for the answer.",
    Refusal.NOT_PAYING: "The caller is not paying.",
    Refusal.NOT_ENTERED: "The card is not complete yet.",
    Refusal.NO_PAYMENTS: "Card payments are not set up here.",
    Refusal.NO_CHARGE: "There is nothing to be paid.",
    Refusal.TOO_MUCH: "That is more than may be paid in a call.",
    Refusal.ON_HOLD: "Take the caller off hold first.",
    Refusal.UNCERTAIN: "Nobody knows whether the last payment was charged. Look it up where it would be charged.",
    Refusal.LINKED: "A link to pay is out. Wait for it, or cancel the payment first.",
    Refusal.NO_LINK: "Links to a payment page are not set up here.",
    Refusal.NO_NUMBER: "There is no number to which a link could be sent.",
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
    """It is done, or under way. `pick_up`: the phone still rings, and picking it up connects. `token`, `phrase`: for the agent's
    eyes, once.
    """

    pick_up: bool = False
    token: str = field(default="", repr=False)
    phrase: str = field(default="", repr=False)


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
