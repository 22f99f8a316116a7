"""A rehearsal for many calls, on an event loop of its own: the server is started once."""

import asyncio
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from voicebot.rehearsal import Rehearsal, RehearsalPlan, rehearsal
from voicebot.retelling import CallStory
from voicebot.simulator.paid import PaySession
from voicebot.simulator.record import CallRecord
from voicebot.simulator.scenario import Scenario, check, load_scenario
from voicebot.simulator.script import Script
from voicebot.speech.models import find_model

LONGEST = 60.0  # real seconds for one call; beyond it the test is stuck


PROJECT = Path(__file__).parents[2]


def example_with(place: Path, added: Mapping[str, str]) -> Path:
    """The example company in this folder, with these settings added to lines, by the number dialled."""
    for name in ("prompts", "grammars"):
        (place / name).symlink_to(PROJECT / name)
    text = (PROJECT / "voicebot.toml").read_text()
    for dnis, settings in added.items():
        head = f'dnis = "{dnis}"\n'
        assert text.count(head) == 1, dnis
        text = text.replace(head, f"{head}{settings}\n")
    config = place / "voicebot.toml"
    config.write_text(text)
    return config


class Stage:
    """One rehearsal for all scenarios, on an event loop of its own."""

    def __init__(self, plan: RehearsalPlan) -> None:
        self._plan = plan
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="rehearsal")
        self._over = asyncio.Event()
        self._opened: Future[Rehearsal] = Future()

    @property
    def data(self) -> Path:
        """Where the server keeps everything."""
        return self._opened.result().data

    def open(self) -> None:
        """Bring the server up."""
        self._thread.start()
        self._closed = asyncio.run_coroutine_threadsafe(self._stay_open(), self._loop)
        self._opened.result(LONGEST)

    async def _stay_open(self) -> None:
        try:
            async with rehearsal(self._plan) as open_now:
                self._opened.set_result(open_now)
                await self._over.wait()
        except BaseException as trouble:
            if not self._opened.done():
                self._opened.set_exception(trouble)
            raise

    def place(self, scenario: Scenario) -> tuple[CallRecord, CallStory | None]:
        """One scenario's call."""
        return self.call(scenario.script)

    def call(self, script: Script) -> tuple[CallRecord, CallStory | None]:
        """One call to its end, and what the server made of it."""

        async def placed() -> tuple[CallRecord, CallStory | None]:
            open_now = self._opened.result()
            record = await open_now.place(script)
            await open_now.left_over()  # what nobody told is found in its own time
            return record, await open_now.ended_story(record.call_sid)

        return asyncio.run_coroutine_threadsafe(placed(), self._loop).result(LONGEST)

    def goes_well(self, script: Script) -> tuple[CallRecord, CallStory]:
        """One call about which neither the carrier complains nor anything is left over."""
        record, story = self.call(script)
        assert story is not None
        assert record.failures == [], record.failures
        assert self.left_over() == []
        return record, story

    def runs(self, path: Path) -> None:
        """One scenario from its file, as it is expected to go; afterwards everything is at rest."""
        scenario = load_scenario(path)
        if any(turn.kind == "audio" for turn in scenario.script.turns) and find_model("en") is None:
            pytest.skip("no English recognition model")
        record, story = self.place(scenario)
        wrong = check(scenario.expect, record, summary(story))
        assert not wrong, wrong
        assert record.frames_after_join == 0
        left = self.left_over()
        assert not left, left

    def payments(self, call_sid: str) -> list[PaySession]:
        """The payments on a caller's leg."""
        return next(leg.payments for leg in self._opened.result().twin.legs if leg.sid == call_sid)

    def tapes(self) -> list[str]:
        """Recordings that lie with the carrier, by their source."""
        return [tape.source for leg in self._opened.result().twin.legs for tape in leg.tapes]

    def left_over(self) -> list[str]:
        """What is not at rest although nobody calls."""
        return asyncio.run_coroutine_threadsafe(self._opened.result().left_over(), self._loop).result(LONGEST)

    def close(self) -> None:
        """Down again."""
        self._loop.call_soon_threadsafe(self._over.set)
        self._closed.result(LONGEST)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def noted(story: CallStory) -> set[str]:
    """The kinds of journal entries."""
    return {entry.what for entry in story.journal}


def summary(story: CallStory | None) -> dict[str, Any]:
    """What the journal says, as scenarios name it."""
    if story is None:
        return {}
    return {
        "assurance": story.assurance, "identifier": story.identifier, "customer": story.customer, "outcome": story.outcome,
        "proof": story.proof, "payment": story.payment,
        "noted": noted(story),
    }  # fmt: skip
