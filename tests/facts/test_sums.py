"""Figures of interactions whose true figures are known, and the laws of adding."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.facts.journals import at, seconds
from voicebot.facts.interaction import Facts, GivenTo, InVain, Outcome, Spell, Stay
from voicebot.facts.periods import Period, began, shifts, undivided
from voicebot.facts.repeats import marked
from voicebot.facts.sums import Count, Targets, counts, summed
from voicebot.facts.tally import Tally
from voicebot.facts.tally import total as total_of


def stay(waited: float, outcome: Outcome = Outcome.ANSWERED, queue: str = "billing") -> Stay:
    return Stay(queue, at(0), at(waited), outcome)


def call(*stays: Stay, spells: tuple[Spell, ...] = (), ending: str = "served", **others: object) -> Facts:
    facts = Facts("call-1", at(0), at(900), "billing", "en", ending, "verified", stays=stays, spells=spells)
    return replace(facts, **others)  # type: ignore[arg-type]


def total(*rows: Facts, targets: Targets | None = None) -> Tally:
    found = [one for row in rows for one in counts(row, targets or Targets())]
    return summed(found, lambda _: "all").get("all", Tally())


MIRA = Spell("Mira", "billing", at(30), at(330), seconds(60), seconds(40))


# ---- figures --------------------------------------------------------------------------------------------------------------


def test_service_level_is_answered_in_time_of_all_but_those_who_left_early() -> None:
    gone = [stay(3, Outcome.ABANDONED), stay(60, Outcome.ABANDONED), stay(600, Outcome.WAITED_TOO_LONG)]
    sums = total(*(call(one) for one in [stay(10), stay(20), stay(20.001), stay(90), *gone]))
    assert (sums.offered, sums.answered, sums.in_time, sums.abandoned, sums.abandoned_early) == (7, 4, 2, 2, 1)
    assert sums.service_level == 2 / 6
    assert sums.abandonment == 1 / 6
    assert sums.average_patience == seconds(31.5)
    assert sums.longest_wait == seconds(600)


def test_the_bounds_of_in_time_and_early_are_the_companys() -> None:
    targets = Targets(seconds(60), seconds(61))
    sums = total(call(stay(60)), call(stay(60, Outcome.ABANDONED)), call(stay(61, Outcome.ABANDONED)), targets=targets)
    assert (sums.in_time, sums.abandoned_early) == (1, 1)


def test_the_average_wait_is_over_the_answered() -> None:
    assert total(call(stay(10)), call(stay(30)), call(stay(500, Outcome.ABANDONED))).average_wait == seconds(20)


def test_handling_is_talk_hold_and_wrap_up() -> None:
    unfiled = replace(MIRA, hold=seconds(0), wrap_up=None, given_to=GivenTo.PASSED_ON, consults=1)
    sums = total(call(stay(10), spells=(MIRA, unfiled)))
    assert (sums.talk, sums.hold, sums.wrap_up, sums.handled) == (seconds(540), seconds(60), seconds(40), 2)
    assert sums.handling == seconds(320)
    assert sums.average_wrap_up == seconds(40)
    assert (sums.transfers, sums.consults, sums.passed_on) == (0.5, 1, 1)


def test_what_agents_did_with_a_call_is_counted_apart() -> None:
    sums = total(call(spells=tuple(replace(MIRA, given_to=how) for how in GivenTo)))
    assert (sums.passed_on, sums.taken_over, sums.lost, sums.transfers) == (1, 1, 1, 0.5)


def test_containment_is_of_the_calls_that_came_when_it_was_open() -> None:
    endings = ["contained", "contained", "closed", "handed_over", "abandoned", "served"]
    sums = total(*(call(ending=ending) for ending in endings))
    assert (sums.calls, sums.contained, sums.closed, sums.handed_over, sums.left_before_line) == (6, 2, 1, 1, 1)
    assert sums.containment == 2 / 5
    assert sums.verified == 6


def test_who_leaves_the_line_has_not_left_before_it() -> None:
    assert total(call(stay(9, Outcome.ABANDONED), ending="abandoned")).left_before_line == 0


def test_a_callback_is_kept_when_somebody_called() -> None:
    promised = call(stay(90, Outcome.CALLBACK_PROMISED), ending="callback_promised")
    sums = total(promised, replace(promised, called_back_at=at(4000)), call(stay(5), called_back_at=at(4000)))
    assert (sums.callbacks_promised, sums.callbacks_kept) == (2, 1)


def test_satisfaction_is_the_mean_of_what_was_said_and_recommendation_of_nine_and_ten_less_up_to_six() -> None:
    sums = total(*(call(score=score) for score in (10, 9, 8, 7, 6, 0, None)))
    assert (sums.scored, sums.scores, sums.promoters, sums.detractors) == (6, 40, 2, 2)
    assert sums.satisfaction == 40 / 6
    assert (sums.promoters_share, sums.detractors_share) == (2 / 6, 2 / 6)
    assert sums.recommendation == 0
    assert total(call(score=None)).satisfaction is None
    assert total(call(score=0)).satisfaction == 0


def test_other_ends_of_a_stay_are_counted() -> None:
    sums = total(call(stay(9, Outcome.CLOSED_MEANWHILE)), call(stay(9, Outcome.OTHER)))
    assert (sums.closed_meanwhile, sums.otherwise, sums.offered) == (1, 1, 2)


def test_of_nothing_there_are_no_figures() -> None:
    none = Tally()
    figures = [none.service_level, none.abandonment, none.average_wait, none.average_patience]
    figures += [none.handling, none.average_wrap_up, none.transfers, none.containment]
    figures += [none.reached_share, none.average_time_to_reach, none.evaluation, none.mark]
    assert figures == [None] * 12


# ---- where a count belongs ------------------------------------------------------------------------------------------------


def test_a_call_passed_on_counts_in_both_queues_and_for_both_agents() -> None:
    omar = Spell("Omar", "delivery", at(400), at(500))
    rows = [call(stay(30), stay(5, queue="delivery"), spells=(MIRA, omar), in_vain=(InVain("Ruth", "delivery", at(380)),))]
    found = [one for row in rows for one in counts(row, Targets())]
    by_queue = summed(found, lambda one: one.queue)
    by_agent = summed(found, lambda one: one.agent)
    assert {queue: (sums.calls, sums.offered, sums.handled) for queue, sums in by_queue.items()} == {
        "": (1, 0, 0), "billing": (0, 1, 1), "delivery": (0, 1, 1),
    }  # fmt: skip
    assert (by_agent["Mira"].talk, by_agent["Omar"].talk, by_agent["Ruth"].rung_in_vain) == (seconds(240), seconds(100), 1)


def test_what_belongs_to_a_call_goes_with_all_that_is_counted_of_it() -> None:
    found = list(counts(call(stay(30), spells=(MIRA,), code="invoice"), Targets()))
    assert {(one.line, one.language, one.code) for one in found} == {("billing", "en", "invoice")}
    assert [one.at for one in found] == [at(0), at(0), at(30)]


# ---- who calls again ------------------------------------------------------------------------------------------------------


def test_a_repeat_is_the_same_customers_next_call_within_the_time() -> None:
    def called(hours: float, customer: str) -> Facts:
        when = at(0) + timedelta(hours=hours)
        return call(call_id=f"{customer}-{hours}", started_at=when, customer=customer)

    rows = [called(24, "ada"), called(0, "ada"), called(192, "ada"), called(192.1, "bo"), called(0, ""), called(1, "")]
    sums = total(*marked(rows))
    assert (sums.repeats_in_a_day, sums.repeats_in_a_week) == (1, 2)
    assert [row.since_last for row in marked(rows) if row.customer == "ada"] == [None, timedelta(days=1), timedelta(days=7)]


# ---- laws -----------------------------------------------------------------------------------------------------------------

lengths = st.integers(0, 10**7).map(lambda ms: timedelta(milliseconds=ms))
tallies = st.builds(Tally, calls=st.integers(0, 9), offered=st.integers(0, 9), talk=lengths, longest_wait=lengths)


@given(tallies, tallies, tallies)
def test_sums_do_not_depend_on_order_or_grouping(one: Tally, two: Tally, three: Tally) -> None:
    assert one + two == two + one
    assert (one + two) + three == one + (two + three)
    assert one + Tally() == one


@given(st.lists(st.tuples(tallies, st.sampled_from("abc"))), st.randoms())
def test_groups_add_up_to_the_whole(parts: list[tuple[Tally, str]], chance: object) -> None:
    found = [Count(at(0), "billing", "en", "", tally, queue) for tally, queue in parts]
    whole = summed(found, lambda _: "all").get("all", Tally())
    chance.shuffle(found)  # type: ignore[attr-defined]
    together = Tally()
    for group in summed(found, lambda one: one.queue).values():
        together += group
    assert together == whole


# ---- periods --------------------------------------------------------------------------------------------------------------

COPENHAGEN = ZoneInfo("Europe/Copenhagen")


@pytest.mark.parametrize(
    ("period", "begin"),
    [
        (Period.QUARTER, "2026-07-15T21:45"),
        (Period.HALF, "2026-07-15T21:30"),
        (Period.HOUR, "2026-07-15T21:00"),
        (Period.DAY, "2026-07-14T22:00"),
        (Period.WEEK, "2026-07-12T22:00"),
        (Period.MONTH, "2026-06-30T22:00"),
    ],
)
def test_a_period_begins_by_the_companys_clock(period: Period, begin: str) -> None:
    moment = datetime(2026, 7, 15, 21, 47, 12, tzinfo=UTC)
    assert began(period, moment, COPENHAGEN) == datetime.fromisoformat(f"{begin}+00:00")


def test_the_hour_that_comes_twice_is_two_hours() -> None:
    hours = [began(Period.HOUR, datetime(2026, 10, 25, hour, 30, tzinfo=UTC), COPENHAGEN) for hour in (0, 1)]
    assert [one.isoformat() for one in hours] == ["2026-10-25T00:00:00+00:00", "2026-10-25T01:00:00+00:00"]


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-10-26", 24)])
def test_a_day_has_the_hours_that_it_has(day: str, hours: int) -> None:
    noon = datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=COPENHAGEN)
    begin = began(Period.DAY, noon, COPENHAGEN)
    moments = [begin + timedelta(hours=hour) for hour in range(-1, 27)]
    assert sum(began(Period.DAY, one, COPENHAGEN) == begin for one in moments) == hours


@given(
    st.sampled_from(Period),
    st.sampled_from(["Europe/Copenhagen", "Asia/Seoul", "America/Havana", "Australia/Lord_Howe", "Asia/Beirut", "Asia/Kolkata"]),
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - Hypothesis wants them so
    st.timedeltas(timedelta(), timedelta(days=40)),
)
def test_periods_follow_one_upon_the_other_and_begin_in_themselves(
    period: Period, place: str, moment: datetime, later: timedelta
) -> None:
    zone = ZoneInfo(place)
    begin = began(period, moment, zone)
    assert begin <= moment
    assert began(period, begin, zone) == begin
    assert begin <= began(period, moment + later, zone)


@given(
    st.sampled_from(Period),
    st.sampled_from(["Europe/Copenhagen", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Havana"]),
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - Hypothesis wants them so
    st.timedeltas(timedelta(), timedelta(days=400)),
    st.floats(0, 1),
)
def test_an_undivided_stretch_lies_in_one_period(
    period: Period, place: str, since: datetime, length: timedelta, share: float
) -> None:
    zone, moment = ZoneInfo(place), since + length * share
    seconds_long = undivided(period, since, since + length, zone)
    quarter = int(moment.timestamp()) // 900 * 900
    stretch = datetime.fromtimestamp(quarter - quarter % seconds_long, UTC)
    assert began(period, stretch, zone) == began(period, datetime.fromtimestamp(quarter, UTC), zone)


@given(
    st.sampled_from(["Europe/Copenhagen", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Havana"]),
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - Hypothesis wants them so
    st.timedeltas(timedelta(), timedelta(days=400)),
    st.floats(0, 1),
)
def test_the_companys_clock_is_as_far_ahead_as_its_shifts_say(
    place: str, since: datetime, length: timedelta, share: float
) -> None:
    quarter = int((since + length * share).timestamp()) // 900 * 900
    ahead = [off for at, off in shifts(since, since + length, ZoneInfo(place)) if at <= quarter][-1]
    assert datetime.fromtimestamp(quarter, ZoneInfo(place)).utcoffset() == timedelta(seconds=ahead)


@pytest.mark.parametrize(
    ("period", "place", "expected"),
    [
        (Period.DAY, "Europe/Copenhagen", 3600), (Period.HALF, "Europe/Copenhagen", 1800), (Period.MONTH, "Asia/Kolkata", 1800),
        (Period.QUARTER, "Asia/Kolkata", 900), (Period.HOUR, "Asia/Kathmandu", 900), (Period.HOUR, "Australia/Lord_Howe", 1800),
        (Period.DAY, "Africa/Monrovia", 900),
    ],
)  # fmt: skip
def test_stretches_are_as_long_as_the_companys_clock_lets_them(period: Period, place: str, expected: int) -> None:
    year = 1970 if place == "Africa/Monrovia" else 2026  # it was 44 minutes and a half off
    assert undivided(period, datetime(year, 1, 1, tzinfo=UTC), datetime(year, 6, 1, tzinfo=UTC), ZoneInfo(place)) == expected


def test_a_total_is_what_adding_one_after_the_other_gives() -> None:
    many = [Tally(calls=2, talk=seconds(3), longest_wait=seconds(5)), Tally(longest_wait=seconds(4)), Tally(calls=1, closed=1)]
    assert total_of(many) == many[0] + many[1] + many[2] == Tally(calls=3, closed=1, talk=seconds(3), longest_wait=seconds(5))
    assert total_of([]) == Tally()
