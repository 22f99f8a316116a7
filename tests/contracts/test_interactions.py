"""Calls can be looked for by what is known of them; who called is forgotten with the call."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from voicebot.dialogue.call import Call, Serving, Stage, Survey, Waiting
from voicebot.dialogue.forms import LinePlan
from voicebot.dialogue.values import Assurance, Customer, Ending
from voicebot.errors import StoreError
from voicebot.ports.interactions import Interactions, Offered, Sought, Which
from voicebot.ports.store import Leg, LegRole
from voicebot.records.interactions import SqlInteractions
from voicebot.records.schema import interactions
from voicebot.records.store import SqlStore

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ADA = Customer("k7", "40719238", "Ada Marsh")
Takes = Callable[..., Call]


def minutes(count: float) -> datetime:
    return NOON + timedelta(minutes=count)


@pytest.fixture
def looked_for(store: SqlStore) -> Interactions:
    return SqlInteractions(store)


@pytest.fixture
def takes(store: SqlStore, line: LinePlan) -> Takes:
    """Opens a call and moves it on by these changes, one save each."""

    def take(call_id: str, at: datetime, *changes: dict[str, Any], **plan: Any) -> Call:
        call = Call(call_id, replace(line, **plan))
        with store.transaction() as ledger:
            ledger.open_call(call, Leg(f"CA-{call_id}", call_id, LegRole.CALLER), "prompts-1", at)
        for change in changes:
            with store.transaction() as ledger:
                kept = ledger.load_call(call_id)
                assert kept is not None
                call = ledger.save_call(kept, replace(kept.call, **change)).call
        return call

    return take


def served(at: datetime, customer: Customer | None = ADA, agent: str = "Mira Holt") -> tuple[dict[str, Any], ...]:
    """The ways of a call that an agent had for two minutes."""
    after = timedelta(minutes=1)
    serving = Serving("c.1", agent)
    return (
        {"customer": customer, "assurance": Assurance.VERIFIED if customer else Assurance.NONE},
        {"stage": Stage.WAIT, "waiting": Waiting(at + after)},
        {"stage": Stage.TRANSFER, "serving": serving},
        {"serving": replace(serving, joined_at=at + 2 * after)},
        {"stage": Stage.ENDED, "ending": Ending.SERVED, "ended_at": at + 4 * after},
    )


def ids(rows: tuple[Any, ...]) -> list[str]:
    return [row.call_id for row in rows]


def test_a_call_is_there_as_soon_as_it_has_begun(looked_for: Interactions, takes: Takes) -> None:
    takes("c1", NOON)
    found = looked_for.get("c1")
    assert found is not None
    assert (found.started_at, found.line, found.queue, found.language, found.stage) == (NOON, "billing", "billing", "en", "new")
    assert (found.assurance, found.ending, found.agent, found.name) == (Assurance.NONE, None, "", "")
    assert looked_for.get("nobody") is None


def test_a_call_that_was_served_has_all_its_times_and_its_people(looked_for: Interactions, takes: Takes) -> None:
    takes("c1", NOON, *served(NOON))
    found = looked_for.get("c1")
    assert found is not None
    assert (found.queued_at, found.answered_at, found.ended_at) == (minutes(1), minutes(2), minutes(4))
    assert (found.agent, found.identifier, found.name) == ("Mira Holt", "40719238", "Ada Marsh")
    assert (found.assurance, found.ending, found.stage) == (Assurance.VERIFIED, Ending.SERVED, "ended")


def test_the_first_answer_stays_when_the_call_goes_to_another_agent(looked_for: Interactions, takes: Takes) -> None:
    first, second = Serving("c1.1", "Mira Holt", joined_at=minutes(2)), Serving("c1.2", "Jonas Bell", joined_at=minutes(9))
    takes("c1", NOON, {"serving": first}, {"serving": None}, {"serving": second})
    found = looked_for.get("c1")
    assert found is not None
    assert (found.answered_at, found.agent) == (minutes(2), "Jonas Bell")


def test_live_and_past_calls_are_told_apart(looked_for: Interactions, takes: Takes) -> None:
    takes("over", NOON, *served(NOON))
    takes("on", minutes(1))
    assert ids(looked_for.find(Sought(Which.LIVE)).rows) == ["on"]
    assert ids(looked_for.find(Sought(Which.PAST)).rows) == ["over"]
    assert ids(looked_for.find(Sought()).rows) == ["on", "over"]


@pytest.mark.parametrize(
    ("sought", "expected"),
    [
        (Sought(since=minutes(10)), ["fr", "none"]),
        (Sought(until=minutes(10)), ["ada"]),
        (Sought(line="assistance"), ["fr"]),
        (Sought(language="fr"), ["fr"]),
        (Sought(queue="billing"), ["fr", "none", "ada"]),
        (Sought(agent="Jonas Bell"), ["none"]),
        (Sought(assurance=Assurance.VERIFIED), ["ada"]),
        (Sought(ending=Ending.SERVED), ["none", "ada"]),
        (Sought(identifier="40719238"), ["ada"]),
        (Sought(identifier="4071923"), []),
        (Sought(wrap_up="paid"), ["ada"]),
    ],
)
def test_each_filter_finds_its_calls(looked_for: Interactions, takes: Takes, sought: Sought, expected: list[str]) -> None:
    takes("ada", NOON, *served(NOON))
    takes("none", minutes(10), *served(minutes(10), None, "Jonas Bell"))
    takes("fr", minutes(20), name="assistance", language="fr")
    looked_for.wrapped_up("ada", "paid")
    assert ids(looked_for.find(sought).rows) == expected


def test_pages_hold_every_call_once_even_those_of_one_moment(looked_for: Interactions, takes: Takes) -> None:
    for number in range(7):
        takes(f"c{number}", minutes(number // 3))
    seen: list[str] = []
    older = ""
    while True:
        page = looked_for.find(Sought(), limit=2, older=older)
        seen += ids(page.rows)
        if not (older := page.older):
            break
    assert seen == ["c6", "c5", "c4", "c3", "c2", "c1", "c0"]


@pytest.mark.parametrize("older", ["x", "bm8=", "!!!", "MjAyNi0wMy0wMiBjMQ"])
def test_a_page_that_nobody_gave_is_refused(looked_for: Interactions, older: str) -> None:
    with pytest.raises(StoreError, match="no such page"):
        looked_for.find(Sought(), older=older)


def test_a_customer_s_earlier_calls_are_found_newest_first(looked_for: Interactions, takes: Takes) -> None:
    for number in range(4):
        takes(f"c{number}", minutes(number), *served(minutes(number)))
    takes("other", minutes(1), *served(minutes(1), Customer("k8", "1")))
    assert ids(looked_for.earlier("k7", minutes(3), limit=2)) == ["c2", "c1"]


def test_whoever_got_in_line_is_counted_without_opening_anything(
    looked_for: Interactions, takes: Takes, store: SqlStore
) -> None:
    takes("before", NOON, *served(NOON))
    takes("served", minutes(5), *served(minutes(5)))
    takes("waits", minutes(7), {"stage": Stage.WAIT, "waiting": Waiting(minutes(8))})
    left = {"stage": Stage.ENDED, "ending": Ending.ABANDONED, "ended_at": minutes(10)}
    takes("left", minutes(8), {"stage": Stage.WAIT, "waiting": Waiting(minutes(9))}, left)
    takes("never in line", minutes(9))
    store.erase_call("served")
    assert looked_for.offered(minutes(2)) == (
        Offered("billing", minutes(6), 60.0, True, Ending.SERVED),
        Offered("billing", minutes(8), None, False, None),
        Offered("billing", minutes(9), 60.0, False, Ending.ABANDONED),
    )


def test_an_unknown_call_cannot_be_filed(looked_for: Interactions) -> None:
    with pytest.raises(StoreError):
        looked_for.wrapped_up("nobody", "paid")


def test_who_called_is_forgotten_with_the_call(looked_for: Interactions, takes: Takes, store: SqlStore) -> None:
    takes("c1", NOON, *served(NOON))
    store.erase_call("c1")
    found = looked_for.get("c1")
    assert found is not None
    assert (found.name, found.identifier, found.ending) == ("", "", Ending.SERVED)
    assert looked_for.earlier("k7", minutes(60)) == ()
    with store.viewing() as books:
        row = books.rows(select(interactions)).one()
    assert (row.customer, row.identifier, row.sealed) == (None, None, None)


def test_what_each_agent_had_lately_is_found_at_once_newest_first(looked_for: Interactions, takes: Takes) -> None:
    for number in range(4):
        takes(f"m{number}", minutes(number), *served(minutes(number)))
    takes("j0", minutes(2), *served(minutes(2), agent="Jonas Bell"))
    takes("old", minutes(-61), *served(minutes(-61)))
    takes("now", minutes(5), *served(minutes(5))[:-1])
    takes("nobodys", minutes(5), {"stage": Stage.ENDED, "ending": Ending.ABANDONED, "ended_at": minutes(6)})
    assert looked_for.lately(minutes(-60), 3) == {"Mira Holt": ("m3", "m2", "m1"), "Jonas Bell": ("j0",)}
    assert looked_for.lately(minutes(10), 3) == {}


def test_how_satisfied_a_caller_was_is_kept_and_sought(looked_for: Interactions, takes: Takes) -> None:
    for number, score in enumerate((None, 0, 6, 9, 10)):
        takes(f"call-{number}", minutes(number), *served(minutes(number)), {"survey": Survey(score=score)})
    takes("never asked", minutes(9), *served(minutes(9)))
    assert [one.score for one in looked_for.find(Sought()).rows] == [None, 10, 9, 6, 0, None]
    assert [one.score for one in looked_for.find(Sought(scores=(0, 6))).rows] == [6, 0]
    assert [one.score for one in looked_for.find(Sought(scores=(0, 10))).rows] == [10, 9, 6, 0]
    assert looked_for.find(Sought(scores=(7, 8))).rows == ()


def test_a_call_is_its_agents_to_file_while_the_caller_is_asked_how_it_was(looked_for: Interactions, takes: Takes) -> None:
    *talking, _ = served(NOON)
    takes("asked", NOON, *talking, {"stage": Stage.SURVEY, "survey": Survey()})
    assert looked_for.lately(minutes(-1), 3) == {"Mira Holt": ("asked",)}
