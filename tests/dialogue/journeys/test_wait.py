"""In line for an agent."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.dialogue.conversation import BILLING, Conversation
from voicebot.dialogue.actions import Hangup, OfferToFloor, Say, StopListening, Wait, WakeAt, WithdrawFromFloor
from voicebot.dialogue.call import Stage
from voicebot.dialogue.forms import QueuePlan
from voicebot.dialogue.journeys.wait import REASSURED_EVERY
from voicebot.dialogue.notes import Noted
from voicebot.dialogue.values import Ending, Hearing, Reason

LANGUAGES = replace(BILLING, queue=QueuePlan("languages", max_wait=120, skills=("danish",)))


def test_who_waits_is_in_line_for_the_lines_queue_and_no_longer_than_it_says() -> None:
    talk = Conversation(LANGUAGES).waits()
    assert OfferToFloor("languages", ("danish",)) in talk.actions
    assert WakeAt(talk.now + timedelta(seconds=120), "waited_too_long") in talk.actions
    assert talk.facts(Noted.QUEUED) == {"queue": "languages", "assurance": "none"}


def test_nobody_is_heard_while_waiting() -> None:
    talk = Conversation().waits()
    assert talk.call.verbs[0] == StopListening(1)
    assert not talk.call.stream_open


def test_the_caller_hears_why_it_goes_on_without_proof() -> None:
    talk = Conversation().waits()
    assert talk.hears == ["unauthenticated.asked_for_agent", "waiting.first"]
    assert talk.facts(Noted.UNAUTHENTICATED) == {"reason": "asked_for_agent", "assurance": "none"}


def test_who_is_verified_needs_no_excuse() -> None:
    talk = Conversation().is_verified()
    assert (talk.call.reason, talk.count(Noted.UNAUTHENTICATED)) == (None, 0)


@pytest.mark.parametrize("deed", ["silence", "keys"])
def test_the_music_goes_on_where_it_was_and_the_place_is_kept(deed: str) -> None:
    talk = Conversation().waits()
    since = talk.call.waiting.since if talk.call.waiting else None
    talk.caller.is_silent() if deed == "silence" else talk.caller.keys("5")
    wait = talk.call.verbs[-1]
    assert isinstance(wait, Wait)
    assert (wait.segment, wait.say) == (1, ())
    assert talk.call.waiting is not None
    assert talk.call.waiting.since == since
    assert not talk.does(OfferToFloor)


def test_now_and_then_a_word_tells_that_the_line_is_alive() -> None:
    talk = Conversation().waits()
    said = []
    for _ in range(2 * REASSURED_EVERY):
        talk.caller.is_silent()
        said.append(talk.hears)
    assert said.count(["waiting.on"]) == 2
    assert said.count([]) == 2 * REASSURED_EVERY - 2


def test_an_agent_who_turns_it_down_does_not_cost_the_place() -> None:
    talk = Conversation().waits()
    before = talk.call
    talk.agent.turns_down()
    assert talk.call == before
    assert talk.facts(Noted.AGENT_TURNED_DOWN) == {"agent": "Mira", "why": "declined"}


def test_the_wait_has_an_honest_end() -> None:
    talk = Conversation().waits()
    talk.time_comes("waited_too_long")
    assert talk.does(WithdrawFromFloor)
    assert talk.call.verbs == (Say("waited_too_long"), Hangup())
    assert (talk.stage, talk.call.ending) == (Stage.ENDED, Ending.WAITED_TOO_LONG)


def test_the_machines_time_does_not_matter_in_line() -> None:
    talk = Conversation().waits()
    before = talk.call
    assert talk.time_comes("bot_time_is_up") == []
    assert talk.call == before


def test_what_does_not_belong_here_is_a_note() -> None:
    talk = Conversation().waits()
    before = talk.call
    talk.caller.says("help", Hearing.ACCEPTED)
    talk.caller.leaves_room()
    talk.agent.leaves()
    assert talk.call == before
    assert talk.count(Noted.TOO_LATE) == 3


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_word_for_the_caller(reason: Reason, project) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    texts = "\n".join(path.read_text("utf-8") for path in (project / "prompts" / "en").glob("*.toml"))
    assert f"{reason.value} = " in texts
