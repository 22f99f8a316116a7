from concurrent.futures import ThreadPoolExecutor

import pytest

from voicebot.identity.breaker import Admission, Breaker


@pytest.fixture
def breaker() -> Breaker:
    return Breaker(failures=3, within=30.0, rest=15.0)


def fail(breaker: Breaker, *times: float) -> None:
    for at in times:
        admission = breaker.admit(at)
        assert admission is Admission.USUAL
        breaker.settle(admission, at, well=False)


def probe(breaker: Breaker, at: float) -> Admission:
    admission = breaker.admit(at)
    assert admission is Admission.PROBE
    return admission


def test_failures_within_the_window_shut_the_way_for_a_while(breaker: Breaker) -> None:
    fail(breaker, 0, 10)
    assert not breaker.is_shut(20)
    fail(breaker, 30)
    assert breaker.is_shut(30)
    assert breaker.admit(44.9) is None
    assert not breaker.is_shut(45)


def test_failures_that_are_far_apart_do_not_add_up(breaker: Breaker) -> None:
    fail(breaker, 0, 10, 30.5, 41, 61)
    assert not breaker.is_shut(61)
    fail(breaker, 61.5)
    assert breaker.is_shut(61.5)


def test_successes_between_failures_do_not_hide_them(breaker: Breaker) -> None:
    fail(breaker, 0, 1)
    breaker.settle(Admission.USUAL, 1.5, well=True)
    fail(breaker, 2)
    assert breaker.is_shut(2)


def test_after_the_rest_one_probe_goes_and_no_other(breaker: Breaker) -> None:
    fail(breaker, 0, 1, 2)
    probe(breaker, 17)
    assert breaker.is_shut(17)
    assert breaker.admit(17.1) is None


def test_a_probe_that_does_well_opens_the_way_with_a_clean_count(breaker: Breaker) -> None:
    fail(breaker, 0, 1, 2)
    breaker.settle(probe(breaker, 17), 17, well=True)
    fail(breaker, 18, 19)
    assert not breaker.is_shut(19)


def test_a_probe_that_fails_shuts_the_way_anew(breaker: Breaker) -> None:
    fail(breaker, 0, 1, 2)
    breaker.settle(probe(breaker, 17), 18.5, well=False)
    assert breaker.admit(33.4) is None
    assert breaker.admit(33.5) is Admission.PROBE


@pytest.mark.parametrize("well", [True, False])
def test_what_set_out_before_the_way_was_shut_changes_nothing_when_it_comes_back(breaker: Breaker, well: bool) -> None:
    late = breaker.admit(0)
    assert late is not None
    fail(breaker, 0, 1, 2)
    breaker.settle(late, 10, well=well)
    assert breaker.is_shut(16.9)
    assert not breaker.is_shut(17)


def test_of_many_threads_one_gets_the_probe(breaker: Breaker) -> None:
    fail(breaker, 0, 1, 2)
    with ThreadPoolExecutor(16) as threads:
        admissions = list(threads.map(breaker.admit, [17.0] * 200))
    assert [one for one in admissions if one is not None] == [Admission.PROBE]
