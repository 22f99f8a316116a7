"""Who a person is comes beside everything else, once, and keeps nothing waiting."""

from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import Any

import pytest

from voicebot.dialogue.values import Customer, IdentifyResult
from voicebot.messages.names import Names
from voicebot.ports.crm import Identified

ADA = "+12025550123"


@dataclass
class Later(Executor):
    """Work that is done when one says so."""

    work: list[tuple[Any, tuple[Any, ...]]] = field(default_factory=list)

    def submit(self, what: Any, /, *arguments: Any, **_: Any) -> Future[Any]:
        self.work.append((what, arguments))
        return Future()

    def run(self) -> None:
        while self.work:
            what, arguments = self.work.pop(0)
            what(*arguments)


@dataclass
class Crm:
    asked: list[tuple[str, str]] = field(default_factory=list)
    fails: bool = False
    silent: bool = False

    def identify(self, by: str, value: str, _within: object = None) -> Identified:
        self.asked.append((by, value))
        if self.fails:
            raise RuntimeError("down")
        if self.silent:
            return Identified(IdentifyResult.UNAVAILABLE)
        if value != ADA:
            return Identified(IdentifyResult.NOT_FOUND)
        return Identified(IdentifyResult.FOUND, Customer("C-1", "40719238", "Ada Marsh"))


def test_a_name_comes_later_and_is_asked_for_once() -> None:
    crm, beside, learned = Crm(), Later(), list[tuple[str, str]]()
    names = Names(crm, beside, lambda *what: learned.append(what))  # type: ignore[arg-type]
    assert [names.of(ADA), names.of(ADA), names.of("4711"), names.of("+12025550124")] == [""] * 4
    beside.run()
    assert [names.of(ADA), names.of("+12025550124")] == ["Ada Marsh", ""]
    assert (crm.asked, learned) == ([("ani", ADA), ("ani", "+12025550124")], [(ADA, "C-1")])


def test_a_back_end_that_fails_costs_nothing_but_the_name() -> None:
    beside = Later()
    names = Names(Crm(fails=True), beside, lambda *_: None)  # type: ignore[arg-type]
    names.of(ADA)
    beside.run()
    assert names.of(ADA) == ""


@pytest.mark.parametrize("raises", [True, False])
def test_a_name_that_could_not_be_learned_is_asked_for_again(*, raises: bool) -> None:
    crm, beside = Crm(fails=raises, silent=not raises), Later()
    names = Names(crm, beside, lambda *_: None)  # type: ignore[arg-type]
    names.of(ADA)
    assert len(beside.work) == 1
    names.of(ADA)
    assert len(beside.work) == 1  # one at a time
    beside.run()
    crm.fails = crm.silent = False
    names.of(ADA)
    beside.run()
    assert names.of(ADA) == "Ada Marsh"
