"""What Prometheus is told: kinds, results, counts and seconds, and nothing that anybody said."""

import pytest

from voicebot.dialogue.notes import Note, Noted
from voicebot.errors import StoreError
from voicebot.ports.pressure import Arrears, InLine, Kept, Pressure, Streams
from voicebot.ports.watch import Work
from voicebot.telemetry.meters import Meters, detail

FULL = Pressure(
    Kept({"authenticating": 2, "waiting": 1}, 3, Arrears(4, 1.5), Arrears(0, 0.0)),
    {"billing": InLine(1, 2, 42.0)},
    {"ready": 1, "away": 2},
    Streams(5, 100, 2, 0.25),
)


def lines(meters: Meters) -> set[str]:
    return set(meters.exposition().decode().splitlines())


def test_work_is_told_by_kind_name_and_result() -> None:
    meters = Meters("9.9")
    meters.worked(Work.ERRAND, "CheckSecret", "matched", 0.3)
    meters.worked(Work.ERRAND, "CheckSecret", "matched", 0.4)
    told = lines(meters)
    about = 'name="CheckSecret",result="matched",work="errand"'
    assert f"voicebot_work_seconds_count{{{about}}} 2.0" in told
    assert f'voicebot_work_seconds_bucket{{le="0.25",{about}}} 0.0' in told
    assert f'voicebot_work_seconds_bucket{{le="0.5",{about}}} 2.0' in told
    assert 'voicebot_build_info{version="9.9"} 1.0' in told


def test_journals_rows_are_counted_by_their_kind() -> None:
    meters = Meters("9.9")
    entered = Note(Noted.ENTERED, (("field", "pin"), ("modality", "keypad"), ("value", "4071"), ("verdict", "no_match")))
    meters.noted([entered, entered, Note(Noted.ARRIVED, (("ani", "+12025550123"),))])
    told = lines(meters)
    assert 'voicebot_journal_rows_total{detail="keypad no_match",what="entered"} 2.0' in told
    assert 'voicebot_journal_rows_total{detail="",what="arrived"} 1.0' in told


@pytest.mark.parametrize("value", ["40719238", "Ada 3", "four-0", "+12025550123", "x" * 10 + "1", "a b c d e f g h"])
def test_what_is_no_word_of_ours_is_no_label(value: str) -> None:
    assert detail(Note(Noted.SECRET_RESULT, (("verdict", value),))) == "other"


def test_the_house_is_looked_at_when_somebody_asks_and_once_a_second() -> None:
    looks: list[int] = []

    def look() -> Pressure:
        looks.append(1)
        return FULL

    meters = Meters("9.9", look)
    told = lines(meters)
    lines(meters)
    assert len(looks) == 1
    assert {
        'voicebot_calls{stage="authenticating"} 2.0',
        'voicebot_queue_waiting{queue="billing"} 1.0',
        'voicebot_queue_served{queue="billing"} 2.0',
        'voicebot_queue_longest_wait_seconds{queue="billing"} 42.0',
        'voicebot_agents{state="away"} 2.0',
        "voicebot_callbacks_open 3.0",
        'voicebot_overdue{rows="effects"} 4.0',
        'voicebot_overdue_seconds{rows="effects"} 1.5',
        "voicebot_listening_streams 5.0",
        "voicebot_listening_most 100.0",
        "voicebot_recognisers 2.0",
        "voicebot_recogniser_lag_seconds 0.25",
        "voicebot_looks_failed_total 0.0",
    } <= told


def test_a_database_that_does_not_answer_is_told_and_costs_no_other_figure() -> None:
    def look() -> Pressure:
        raise StoreError("gone")

    meters = Meters("9.9", look)
    meters.worked(Work.EFFECT, "push", "done", 0.1)
    told = lines(meters)
    assert "voicebot_looks_failed_total 1.0" in told
    assert 'voicebot_work_seconds_count{name="push",result="done",work="effect"} 1.0' in told
    assert not any(line.startswith("voicebot_calls") for line in told)
    assert "voicebot_looks_failed_total 2.0" in lines(meters)
