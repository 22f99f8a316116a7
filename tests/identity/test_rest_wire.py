"""How many requests go out at once, and none while the breaker is open."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Condition, Event

import httpx
import pytest

from tests.identity.backends import BACK_END, Moved, Scripted, a_crm, says
from voicebot.dialogue.actions import Claim
from voicebot.dialogue.values import IdentifyResult, Secret, SecretVerdict
from voicebot.identity.breaker import Breaker
from voicebot.identity.conformance.probe import new_key
from voicebot.identity.rest import RestCrm

NOBODY = says({"result": "not_found"})
DOWN = httpx.ConnectError("no")


def asks(crm: RestCrm) -> IdentifyResult:
    return crm.identify("account_number", "40719238").result


def check(crm: RestCrm) -> SecretVerdict:
    return crm.check_secret(Claim(ref="C-1"), "pin", Secret("493817"), new_key())


def test_after_five_failures_nobody_asks_any_more_and_no_attempt_is_lost() -> None:
    when, line = Moved(), Scripted(DOWN)
    crm = a_crm(line, when)
    for _ in range(4):
        asks(crm)
    assert len(line.requests) == 5
    assert check(crm) is SecretVerdict.UNAVAILABLE
    assert crm.details("C-1", ("balance",)).details is None
    assert len(line.requests) == 5


def test_when_the_back_end_is_back_it_is_asked_again() -> None:
    when, line = Moved(), Scripted(*[DOWN] * 5, NOBODY)
    crm = a_crm(line, when)
    for _ in range(3):
        asks(crm)
    when.seconds += 14.5
    assert asks(crm) is IdentifyResult.UNAVAILABLE
    when.seconds += 1
    assert asks(crm) is IdentifyResult.NOT_FOUND
    assert asks(crm) is IdentifyResult.NOT_FOUND
    assert len(line.requests) == 7


def test_a_probe_that_fails_is_not_followed_by_a_second_try() -> None:
    when, line = Moved(), Scripted(*[DOWN] * 6, NOBODY)
    crm = a_crm(line, when)
    for _ in range(3):
        asks(crm)
    when.seconds += 16
    assert asks(crm) is IdentifyResult.UNAVAILABLE
    assert len(line.requests) == 6


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_a_back_end_that_fails_or_is_overrun_is_left_alone(status: int) -> None:
    line = Scripted(says({}, status, retry_after="1"))
    crm = a_crm(line)
    for _ in range(8):
        asks(crm)
    assert len(line.requests) == 5


@pytest.mark.parametrize("status", [400, 401, 404, 422, 200])
def test_a_back_end_that_answers_is_not_down_whatever_it_says(status: int) -> None:
    line = Scripted(says({}, status))
    crm = a_crm(line)
    for _ in range(8):
        asks(crm)
    assert len(line.requests) == 8


class Gate(httpx.BaseTransport):
    """Holds every request until it is opened."""

    def __init__(self) -> None:
        self.open, self.came = Event(), Condition()
        self.inside = self.most = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with self.came:
            self.inside += 1
            self.most = max(self.most, self.inside)
            self.came.notify_all()
        assert self.open.wait(20)
        with self.came:
            self.inside -= 1
        request.read()
        return httpx.Response(200, stream=httpx.ByteStream(b'{"result": "not_found"}'))

    def wait_for(self, number: int) -> None:
        with self.came:
            assert self.came.wait_for(lambda: self.inside == number, 20)


def test_no_more_requests_go_out_than_may_and_one_too_many_is_unavailable_while_the_rest_go_on() -> None:
    gate, when = Gate(), Moved()
    crm = a_crm(gate, when, replace(BACK_END, in_flight=4, step=0.2), breaker=Breaker())
    with ThreadPoolExecutor(4) as threads:
        first = [threads.submit(asks, crm) for _ in range(4)]
        gate.wait_for(4)
        assert asks(crm) is IdentifyResult.UNAVAILABLE
        assert check(crm) is SecretVerdict.UNAVAILABLE
        gate.open.set()
        assert [one.result() for one in first] == [IdentifyResult.NOT_FOUND] * 4
    assert gate.most == 4
    assert asks(crm) is IdentifyResult.NOT_FOUND


def test_a_request_that_finds_a_place_in_time_goes_out() -> None:
    gate = Gate()
    crm = a_crm(gate, Moved(), replace(BACK_END, in_flight=1))
    with ThreadPoolExecutor(2) as threads:
        both = [threads.submit(asks, crm) for _ in range(2)]
        gate.wait_for(1)
        gate.open.set()
        assert [one.result() for one in both] == [IdentifyResult.NOT_FOUND] * 2
    assert gate.most == 1


def test_a_fault_of_ours_gives_its_place_back_and_counts_as_a_failure() -> None:
    class Faulty(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            raise ZeroDivisionError(request.method)

    crm = a_crm(Faulty(), back_end=replace(BACK_END, in_flight=1))
    for _ in range(5):
        with pytest.raises(ZeroDivisionError):
            asks(crm)
    assert asks(crm) is IdentifyResult.UNAVAILABLE
