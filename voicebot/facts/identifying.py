"""The part of a journal that is before any line: each question of the form and what came of it, and who went on unproven.

A read-back belongs to the question whose answer it reads back. Questions of later are not the form's: what a caller says when the
line has told them something, and a fresh proof.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from voicebot.dialogue.notes import Noted
from voicebot.dialogue.values import Command, IdentifyResult, Modality, SecretVerdict
from voicebot.facts.interaction import NOTHING, Came, Question, Unproven

READ_BACK = (".confirm", ".part_")  # in the prompts that read back, or ask for a part of what was heard
OPTED_OUT = (Command.AGENT, Command.DONT_HAVE_IT)
DOWN = (IdentifyResult.UNAVAILABLE, SecretVerdict.UNAVAILABLE, SecretVerdict.TIMED_OUT)
GOOD = (IdentifyResult.FOUND, IdentifyResult.SEVERAL, SecretVerdict.MATCHED)


@dataclass
class Identifying:
    """How far it has been read."""

    questions: list[Question] = field(default_factory=list)
    unproven: list[Unproven] = field(default_factory=list)
    outage: timedelta = NOTHING
    checks_lost: int = 0
    down_since: datetime | None = None
    answered: bool = False  # the form: what the caller wants to know is told
    over: bool = False

    def read(self, what: str, at: datetime, told: Mapping[str, Any]) -> None:
        """One row more. Once the caller is in line, or gone, there is nothing more to read."""
        if self.over:
            return
        if not self.answered:
            self._of_the_form(what, at, told)
        match what:
            case Noted.DETAILS:
                self.answered = True
            case Noted.IDENTIFY_RESULT | Noted.SECRET_RESULT:
                self._checked(told.get("result") or told.get("verdict"), at)
            case Noted.UNAUTHENTICATED:
                last = self.questions[-1] if self.questions else Question("", 1, at)
                self.unproven.append(Unproven(last.step, last.attempt, last.modality, str(told.get("reason") or ""), at))
            case Noted.QUEUED | Noted.HANDED_OVER | Noted.ENDED:
                self._up_again(at)
                self.over = True

    def _of_the_form(self, what: str, at: datetime, told: Mapping[str, Any]) -> None:
        match what:
            case Noted.ASKED if told.get("field"):
                self._asked(str(told["field"]), str(told.get("prompt") or ""), at)
            case Noted.ENTERED:
                self._entered(str(told.get("verdict") or ""), _modality(told))
            case Noted.COMMANDED:
                wish = Came.OPTED_OUT if told.get("command") in OPTED_OUT else Came.HELPED
                self._is(wish, _modality(told))
            case Noted.SILENT:
                self._is(Came.SILENT)

    def _asked(self, step: str, prompt: str, at: datetime) -> None:
        if (not prompt or any(one in prompt for one in READ_BACK)) and self.questions and self.questions[-1].step == step:
            return
        attempt = 1 + sum(one.step == step for one in self.questions)
        self.questions.append(Question(step, attempt, at))

    def _entered(self, verdict: str, modality: Modality | None) -> None:
        match verdict:
            case "complete":
                self._is(Came.KEPT, modality)
            case "to_confirm" | "begun":
                self._is(Came.LEFT, modality)  # what the caller says to the read-back comes later
            case "yes" | "no":
                self._confirmed(yes=verdict == "yes")
            case _:
                self._is(Came.NOT_UNDERSTOOD, modality)

    def _confirmed(self, *, yes: bool) -> None:
        if self.questions:
            last = self.questions[-1]
            came, told = (Came.KEPT, "confirmed") if yes else (Came.NOT_UNDERSTOOD, "denied")
            self.questions[-1] = replace(last, came=came, **{told: getattr(last, told) + 1})

    def _checked(self, result: object, at: datetime) -> None:
        if result in DOWN:
            self.checks_lost += 1
            self.down_since = self.down_since or at
        else:
            self._up_again(at)
        if self.questions and self.questions[-1].came is Came.KEPT:
            self._is(Came.NOT_CHECKED if result in DOWN else Came.ACCEPTED if result in GOOD else Came.REFUSED)

    def _up_again(self, at: datetime) -> None:
        if self.down_since is not None:
            self.outage += at - self.down_since
            self.down_since = None

    def _is(self, came: Came, modality: Modality | None = None) -> None:
        """What the newest question came to; how the answer came stays what it was where nothing says so now."""
        if self.questions:
            last = self.questions[-1]
            self.questions[-1] = replace(last, came=came, modality=modality or last.modality)


def _modality(told: Mapping[str, Any]) -> Modality | None:
    """None in rows of an erased call."""
    found = told.get("modality")
    return Modality(found) if found in set(Modality) else None
