"""Facts are made of journals once they are over, made anew when something comes late, and sum to what a fold over them gives."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from tests.reports.book import Book, differences
from tests.reports.outward import Outward
from voicebot.dialogue.actions import SettleWish
from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.calling_back import WishResult
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.values import Assurance, Ending
from voicebot.facts.folding import facts_of
from voicebot.facts.interaction import Known
from voicebot.facts.periods import Period, began
from voicebot.facts.repeats import marked
from voicebot.facts.sums import Targets, counts, summed
from voicebot.facts.tally import Tally
from voicebot.ports.callback_wishes import CallbackWish
from voicebot.ports.facts import By, Part, Wanted
from voicebot.records.audit import Deed, SqlAudit
from voicebot.records.callback_wishes import SqlCallbackWishes
from voicebot.records.fact_making import FactMaking
from voicebot.records.facts import SqlFacts
from voicebot.records.migrations.versions import dialled
from voicebot.records.schema import facts, interactions
from voicebot.records.store import SqlStore
from voicebot.reports.library import LIBRARY
from voicebot.reports.making import Asked, House, make

ZONE = "Europe/Copenhagen"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
Taken = Callable[..., None]


def a_day(at: datetime = NOON, days: int = 1) -> Wanted:
    return Wanted(at - timedelta(hours=12), at + timedelta(hours=12, days=days - 1))


@pytest.fixture
def taken(store: SqlStore, begun: Callable[[str], Call]) -> Taken:
    """A whole call: rings at `at`, is in line after 10 s, has Mira after `wait` more, or the caller gives up then."""

    def take(call_id: str, at: datetime = NOON, wait: float = 12.0, ending: Ending = Ending.SERVED, customer: str = "") -> None:
        call = begun(call_id)
        queued, met, over = (at + timedelta(seconds=after) for after in (10, 10 + wait, 100 + wait))
        with store.transaction() as ledger:
            ledger.note(call_id, Note(Noted.ARRIVED, (("line", "billing"), ("language", "en"))), at)
            ledger.note(call_id, Note(Noted.QUEUED, (("queue", "billing"),)), queued)
            if ending is Ending.SERVED:
                ledger.note(call_id, Note(Noted.AGENT_ACCEPTED, (("agent", "Mira"),)), met)
                ledger.note(call_id, Note(Noted.JOINED), met)
            else:
                over = met
            said = (("ending", ending.value), ("assurance", Assurance.NONE.value))
            ledger.note(call_id, Note(Noted.ENDED, said), over)
            kept = ledger.load_call(call_id)
            assert kept is not None
            ledger.save_call(kept, replace(call, stage=Stage.ENDED, ending=ending, ended_at=over))
        if customer:
            with store.writing() as books:
                mine = interactions.c.call_id == call_id
                books.write(interactions.update().where(mine).values(customer=books.keyring.blind("test", customer)))

    return take


def total(store: SqlStore, wanted: Wanted | None = None) -> Tally:
    FactMaking(store).make_wanted()
    made = SqlFacts(store, ZONE)
    return next((one.tally for one in made.sums(wanted or a_day())), Tally())


def test_a_call_that_is_over_has_facts_and_one_that_goes_on_has_none(
    store: SqlStore, taken: Taken, begun: Callable[[str], Call]
) -> None:
    begun("open")
    taken("one")
    assert SqlFacts(store).missing() == 1
    summed_up = total(store)
    assert (summed_up.calls, summed_up.answered, summed_up.in_time, summed_up.talk) == (1, 1, 1, timedelta(seconds=90))
    assert SqlFacts(store).missing() == 0


def test_sums_are_what_a_fold_over_the_journals_gives(store: SqlStore, taken: Taken) -> None:
    taken("one", wait=20.0, customer="c-1")
    taken("two", NOON + timedelta(minutes=40), wait=21.5)
    taken("three", NOON + timedelta(hours=3), wait=4.0, ending=Ending.ABANDONED, customer="c-1")
    taken("four", NOON + timedelta(hours=3, minutes=1), wait=40.0, ending=Ending.ABANDONED)
    with store.viewing() as books:
        known = {row.call_id: row.customer or "" for row in books.rows(select(interactions))}
    with store.reading() as ledger:
        rows = [facts_of(Known(call_id, customer), ledger.journal(call_id)) for call_id, customer in known.items()]
    zone, targets = ZoneInfo(ZONE), Targets(timedelta(seconds=21), timedelta(seconds=10))
    found = [one for row in marked(row for row in rows if row) for one in counts(row, targets)]
    expected = summed(found, lambda one: (began(Period.HOUR, one.at, zone), (one.queue, one.agent)))
    FactMaking(store).make_wanted()
    made = SqlFacts(store, ZONE)
    told = made.sums(replace(a_day(), targets=targets), (By.QUEUE, By.AGENT), Period.HOUR)
    assert {(one.began, one.by): one.tally for one in told} == expected
    assert total(store).repeats_in_a_day == 1


def test_a_wrap_up_of_the_next_morning_is_in_the_facts(store: SqlStore, taken: Taken) -> None:
    taken("one")
    assert total(store).wrapped_up == 0
    with store.transaction() as ledger:
        ledger.note("one", Note(Noted.WRAPPED_UP, (("agent", "Mira"), ("code", "moved"))), NOON + timedelta(hours=20))
    assert total(store).wrapped_up == 1
    assert [one.by for one in SqlFacts(store).sums(a_day(), (By.CODE,))] == [("moved",)]


def test_a_kept_promise_to_call_back_is_in_the_facts(store: SqlStore, taken: Taken) -> None:
    taken("one", ending=Ending.CALLBACK_PROMISED)
    with store.transaction() as ledger:
        ledger.keep_wish(CallbackWish("one", "billing", "+15550123", NOON, NOON))
    assert (total(store).callbacks_promised, total(store).callbacks_kept) == (1, 0)
    assert SqlCallbackWishes(store).done("one", "Mira", NOON + timedelta(hours=1))
    assert total(store).callbacks_kept == 1


def test_a_link_that_is_paid_by_the_next_day_is_in_the_facts_of_its_own_day(store: SqlStore, taken: Taken) -> None:
    taken("one")
    for later, state, expected in ((timedelta(), "linked", (1, 0)), (timedelta(days=1), "paid", (0, 1))):
        with store.transaction() as ledger:
            told = (("number", "1"), ("way", "device"), ("state", state))
            ledger.note("one", Note(Noted.PAYMENT, told), NOON + timedelta(seconds=50) + later)
        counted = total(store)
        assert (counted.not_charged, counted.charged) == expected


def test_calls_that_are_made_out_of_order_know_their_repeats(store: SqlStore, taken: Taken) -> None:
    taken("later", NOON + timedelta(hours=2), customer="c-1")
    assert total(store).repeats_in_a_day == 0
    taken("earlier", NOON, customer="c-1")
    assert total(store).repeats_in_a_day == 1
    store.erase_call("earlier")
    assert total(store).repeats_in_a_day == 0


def test_an_erased_call_keeps_its_times_and_loses_its_names(store: SqlStore, taken: Taken) -> None:
    taken("one", customer="c-1")
    assert total(store).calls == 1
    store.erase_call("one")
    left = SqlFacts(store).sums(a_day(), (By.AGENT, By.QUEUE, By.LINE))
    assert {one.by for one in left} == {("", "", "")}
    assert sum(one.tally.calls for one in left) == 1
    with store.viewing() as books:
        assert books.rows(select(facts.c.customer)).scalar_one() is None


def test_questions_and_security_events_are_told_apart_by_their_words(store: SqlStore, begun: Callable[[str], Call]) -> None:
    call = begun("one")
    rows: tuple[tuple[Noted, dict[str, str]], ...] = (
        (Noted.ARRIVED, {"line": "billing", "language": "en"}),
        (Noted.ASKED, {"field": "pin", "prompt": "pin.ask"}),
        (Noted.ENTERED, {"verdict": "complete", "modality": "speech"}),
        (Noted.SECRET_RESULT, {"field": "pin", "verdict": "mismatched"}),
        (Noted.UNAUTHENTICATED, {"reason": "wrong_secret"}),
        (Noted.APPROVAL, {"progress": "denied"}),
        (Noted.PAYMENT, {"number": "1", "way": "device", "state": "linked"}),
        (Noted.PAYMENT, {"number": "1", "way": "device", "state": "declined"}),
        (Noted.ENDED, {"ending": "abandoned"}),
    )
    with store.transaction() as ledger:
        for what, told in rows:
            ledger.note("one", Note(what, tuple(told.items())), NOON)
        kept = ledger.load_call("one")
        assert kept is not None
        ledger.save_call(kept, replace(call, stage=Stage.ENDED, ending=Ending.ABANDONED, ended_at=NOON))
    audit = SqlAudit(store)
    for at, deed in ((NOON, Deed.SIGN_IN_FAILED), (NOON, Deed.SHOWN), (NOON - timedelta(days=1), Deed.LOCKED)):
        audit.write("mira", deed, at)
    assert FactMaking(store).make_wanted() == 1
    made = SqlFacts(store, ZONE)
    by = (By.STEP, By.ATTEMPT, By.MODALITY, By.REASON)
    told = {one.by: one.tally for one in made.sums(replace(a_day(), parts=(Part.QUESTIONS, Part.UNPROVEN)), by)}
    assert told[("pin", "1", "speech", "")].refused == 1
    assert told[("pin", "1", "speech", "wrong_secret")].unproven == 1
    events = replace(a_day(), parts=(Part.EVENTS,))

    def counted(wanted: Wanted) -> dict[tuple[str, ...], int]:
        return {one.by: one.tally.security_events for one in made.sums(wanted, (By.EVENT, By.LINE), Period.DAY)}

    both = {("approval_denied", "billing"): 1, ("sign_in_failed", ""): 1, ("wrong_proof", "billing"): 1}
    assert counted(events) == both
    assert ("sign_in_failed", "") not in counted(replace(events, only={By.LINE: "billing"}))
    assert counted(replace(events, only={By.EVENT: "sign_in_failed"})) == {("sign_in_failed", ""): 1}
    assert sum(counted(replace(events, since=NOON - timedelta(days=2))).values()) == 4
    payments = made.sums(replace(a_day(), parts=(Part.PAYMENTS,)), (By.WAY,))
    assert [(one.by, one.tally) for one in payments] == [(("device",), Tally(payments=1, declined=1))]


def test_what_goes_out_is_told_from_rows_of_its_own_and_journals_know_nothing_of_it(store: SqlStore, taken: Taken) -> None:
    book = Book()
    Outward(store, Random(1), book).day(NOON, 16)
    taken("one")
    FactMaking(store).make_wanted()
    house = House("Larkfield Water", ZONE, SqlFacts(store, ZONE))
    names, asked = ("callbacks", "outbound", "unreached"), Asked(NOON.date(), NOON.date())
    assert [line for name in names for line in differences(book, make(house, LIBRARY[name], asked, NOON))] == []
    notices = make(house, LIBRARY["outbound"], replace(asked, only={By.KIND: "notice"}, period=Period.HOUR), NOON)
    assert {row[1] for row in notices.rows} == {"notice"}
    mine = sum(row["outreach"] for where, row in book.rows["outbound"].items() if where[0] == "notice")
    assert sum(row[4] for row in notices.rows if isinstance(row[4], int)) == mine > 1
    assert make(house, LIBRARY["outbound"], replace(asked, only={By.QUEUE: "nobody's"}), NOON).rows == ()
    assert make(house, LIBRARY["queues"], replace(asked, only={By.KIND: "notice"}), NOON).rows == ()
    assert make(house, LIBRARY["outbound"], Asked(date(2026, 3, 4), date(2026, 3, 4)), NOON).rows == ()


def test_scores_are_added_up_by_stretch_and_name(store: SqlStore, taken: Taken) -> None:
    midnight = datetime(2026, 3, 2, 23, 0, tzinfo=UTC)  # there
    given = {"one": (NOON, 0), "two": (NOON + timedelta(minutes=50), 9), "three": (NOON + timedelta(minutes=59.9), 9)}
    given |= {"four": (midnight - timedelta(seconds=0.4), 10), "five": (midnight, 6), "none": (NOON, None)}
    for name, (at, _) in given.items():
        taken(name, at)
    FactMaking(store).make_wanted()
    with store.writing() as books:
        for name, (_, score) in given.items():
            books.write(facts.update().where(facts.c.call_id == name).values(satisfaction=score))
    made, wanted = SqlFacts(store, ZONE), replace(a_day(days=2), parts=(Part.SCORES,))

    def told(by: tuple[By, ...] = (), period: Period | None = None, **only: str) -> list[tuple[object, ...]]:
        asked = replace(wanted, only={By(name): value for name, value in only.items()})
        return [(one.began, one.by, one.tally.scored, one.tally.scores) for one in made.sums(asked, by, period)]

    assert told() == [(None, (), 5, 34)]
    assert told((By.SCORE,)) == [(None, ("0",), 1, 0), (None, ("6",), 1, 6), (None, ("9",), 2, 18), (None, ("10",), 1, 10)]
    assert [one[2:] for one in told(period=Period.DAY)] == [(4, 28), (1, 6)]
    hours = told(period=Period.HOUR)
    assert [(one[0], one[2]) for one in hours] == [(NOON, 3), (midnight - timedelta(hours=1), 1), (midnight, 1)]
    assert told(period=Period.HOUR, score="9") == [(NOON, (), 2, 18)]
    assert told(score="7") == told(line="nobody's") == []
    assert [one.tally.promoters for one in made.sums(wanted)] == [3]


def test_filters_and_times_leave_out_the_rest(store: SqlStore, taken: Taken) -> None:
    taken("one")
    taken("two", NOON + timedelta(days=1), ending=Ending.ABANDONED)
    assert total(store).calls == 1
    assert total(store, a_day(days=2)).calls == 2
    made = SqlFacts(store, ZONE)
    assert made.sums(replace(a_day(days=2), only={By.ENDING: "abandoned"}))[0].tally.offered == 1
    assert made.sums(replace(a_day(days=2), only={By.AGENT: "Mira"}))[0].tally.handled == 1
    assert made.sums(replace(a_day(days=2), only={By.AGENT: "nobody"})) == ()


def test_the_hour_that_comes_twice_is_two_and_days_begin_where_the_company_is(store: SqlStore, taken: Taken) -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 02:30 in summer time, and again an hour later
    taken("one", first)
    taken("two", first + timedelta(hours=1))
    taken("three", datetime(2026, 10, 25, 22, 50, tzinfo=UTC))  # 23:50 there
    taken("four", datetime(2026, 10, 25, 23, 10, tzinfo=UTC))  # 00:10 of the next day
    FactMaking(store).make_wanted()
    made = SqlFacts(store, ZONE)
    wanted = a_day(datetime(2026, 10, 25, 12, 0, tzinfo=UTC), days=3)
    hours = [one.began for one in made.sums(wanted, period=Period.HOUR)]
    assert hours[:2] == [first - timedelta(minutes=30), first + timedelta(minutes=30)]
    days = made.sums(wanted, period=Period.DAY)
    assert [(one.began, one.tally.calls) for one in days] == [
        (datetime(2026, 10, 24, 22, tzinfo=UTC), 3), (datetime(2026, 10, 25, 23, tzinfo=UTC), 1),
    ]  # fmt: skip
    (month,) = made.sums(wanted, period=Period.MONTH)
    assert (month.began, month.tally.calls) == (datetime(2026, 9, 30, 22, tzinfo=UTC), 4)


def test_a_journal_that_cannot_be_read_stays_listed_and_keeps_nobody_else_waiting(store: SqlStore, taken: Taken) -> None:
    taken("one")
    taken("broken")
    with store.writing() as books:
        books.connection.exec_driver_sql("UPDATE journal SET sealed = hash WHERE call_id = 'broken'")
    assert total(store).calls == 1
    assert SqlFacts(store).missing() == 1


def test_calls_of_before_are_listed_by_the_migration(store: SqlStore, taken: Taken) -> None:
    from voicebot.records.migrations.versions import fact_counts_by_part as migration

    taken("one")
    with store.writing() as books:
        books.connection.exec_driver_sql("DELETE FROM facts_wanted")
        books.connection.exec_driver_sql(migration.AGAIN)
    assert total(store).calls == 1


def test_a_callback_that_we_dialled_is_no_call_and_its_score_counts(store: SqlStore, begun: Callable[[str], Call]) -> None:
    call, over = begun("dialled"), NOON + timedelta(seconds=90)
    told: tuple[tuple[Noted, dict[str, Any]], ...] = (
        (Noted.CALLING_BACK, {"line": "billing", "language": "en", "tries": 0}), (Noted.QUEUED, {"queue": "billing"}),
        (Noted.AGENT_ACCEPTED, {"agent": "Mira"}), (Noted.JOINED, {}), (Noted.SURVEY_BEGUN, {}), (Noted.SURVEYED, {"score": 9}),
        (Noted.ENDED, {"ending": Ending.SERVED.value, "assurance": Assurance.NONE.value}),
    )  # fmt: skip
    with store.transaction() as ledger:
        for number, (what, said) in enumerate(told):
            ledger.note("dialled", Note(what, tuple(said.items())), NOON + timedelta(seconds=10 * number))
        kept = ledger.load_call("dialled")
        assert kept is not None
        ledger.save_call(kept, replace(call, stage=Stage.ENDED, ending=Ending.SERVED, ended_at=over))
    sums = total(store)
    assert (sums.calls, sums.offered, sums.handled, sums.talk) == (0, 0, 1, timedelta(seconds=10))
    assert (sums.scored, sums.scores) == (1, 9)
    with store.writing() as books:  # of a release before: they are made anew
        books.connection.exec_driver_sql("DELETE FROM fact_counts")
        books.connection.exec_driver_sql(dialled.AGAIN)
    assert total(store) == sums


def test_a_callback_reached_somebody_when_they_came_in_not_when_they_had_talked(
    store: SqlStore, begun: Callable[[str], Call]
) -> None:
    begun("wish")
    begun("dialled")
    with store.transaction() as ledger:
        assert ledger.keep_wish(CallbackWish("wish", "billing", "+12025550123", NOON, NOON, NOON))
        assert ledger.begin_wish("wish", "dialled")
    with store.writing() as books:
        met = interactions.update().where(interactions.c.call_id == "dialled")
        books.write(met.values(answered_at=NOON + timedelta(seconds=40)))
    with store.transaction() as ledger:
        ledger.settle_wish(SettleWish("wish", WishResult.SERVED, 2), NOON + timedelta(seconds=400), "Mira")
    [one] = SqlFacts(store, ZONE).sums(replace(a_day(), parts=[Part.CALLBACKS]))
    assert (one.tally.reached, one.tally.dials, one.tally.time_to_reach) == (1, 2, timedelta(seconds=40))


def test_a_callback_that_reached_nobody_has_facts_and_counts_nothing(store: SqlStore, begun: Callable[[str], Call]) -> None:
    call, over = begun("dialled"), NOON + timedelta(seconds=90)
    with store.transaction() as ledger:
        ledger.note("dialled", Note(Noted.CALLING_BACK, (("line", "billing"), ("language", "en"))), NOON)
        ledger.note("dialled", Note(Noted.ENDED, (("ending", Ending.NOT_REACHED.value),)), over)
        kept = ledger.load_call("dialled")
        assert kept is not None
        ledger.save_call(kept, replace(call, stage=Stage.ENDED, ending=Ending.NOT_REACHED, ended_at=over))
    assert total(store) == Tally()
    assert SqlFacts(store, ZONE).missing() == 0
