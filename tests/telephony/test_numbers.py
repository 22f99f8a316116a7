"""The account asked as an operator's command asks it: what is sent, and what each kind of answer becomes in words."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from twilio.http.response import Response

from tests.telephony.stage import ACCOUNT
from tests.twin_stage import standing_twin
from voicebot.errors import CarrierUnavailable
from voicebot.simulator.numbers import WELCOME, AccountNumber
from voicebot.simulator.resources import ApiError
from voicebot.simulator.twin import Twin
from voicebot.telephony.carrier_http import PatientHttp
from voicebot.telephony.numbers import NotThere, TwilioAccount, TwilioNumbers

LINE = "+12025550110"
TOKEN = "canary-token-000000000000"


@pytest.fixture(scope="module")
def standing() -> Iterator[Twin]:
    with standing_twin(secondary_token="s" * 32) as twin:
        yield twin


@pytest.fixture
def twin(standing: Twin) -> Twin:
    standing.numbers.numbers = [AccountNumber(LINE), AccountNumber(LINE + "9")]
    return standing


@pytest.fixture
def numbers(twin: Twin) -> Iterator[TwilioNumbers]:
    numbers = TwilioNumbers(TwilioAccount(twin.settings.account_sid, twin.settings.auth_token, twin.api_url))
    yield numbers
    numbers.close()
    assert twin.failures == []


def test_the_account_tells_its_state_our_token_and_the_time(numbers: TwilioNumbers) -> None:
    seen = numbers.account(time.time)
    assert (seen.status, seen.trial, seen.primary) == ("active", False, True)
    assert seen.ahead is not None
    assert abs(seen.ahead) < 1.5
    later = numbers.account(lambda: time.time() + 10)
    assert later.ahead is not None
    assert 8.5 < later.ahead < 11.5


def test_a_secondary_token_opens_the_account_and_is_known_for_what_it_is(twin: Twin) -> None:
    numbers = TwilioNumbers(TwilioAccount(twin.settings.account_sid, "s" * 32, twin.api_url))
    assert numbers.account(time.time).primary is False
    numbers.close()


def test_a_number_is_found_exactly_and_all_are_listed(numbers: TwilioNumbers) -> None:
    found = numbers.find(LINE)
    assert found is not None
    assert (found.phone, found.speaks, found.wiring.voice_url) == (LINE, True, WELCOME)
    assert numbers.find(LINE[:-1]) is None
    assert [one.phone for one in numbers.all()] == [LINE, LINE + "9"]
    assert numbers.fetch(found.sid) == found


def test_a_change_touches_what_it_names_and_nothing_else(numbers: TwilioNumbers, twin: Twin) -> None:
    found = numbers.find(LINE)
    assert found is not None
    changed = numbers.change(found.sid, {"status_callback": "https://voice.example.com/s#rc=2", "status_callback_method": "GET"})
    assert changed.wiring.status_callback == "https://voice.example.com/s#rc=2"
    assert changed.wiring.voice_url == WELCOME
    assert numbers.change(found.sid, {"status_callback": ""}).wiring.status_callback == ""
    assert twin.numbers.numbers[1].changes == 0
    with pytest.raises(ValueError, match="wiring"):
        numbers.change(found.sid, {"friendly_name": "x"})


def test_verified_numbers_and_countries_are_asked_about(numbers: TwilioNumbers, twin: Twin) -> None:
    twin.numbers.verified = ["+4533124567"]
    twin.numbers.countries = {"US": True, "KP": False}
    assert numbers.may_show("+4533124567")
    assert not numbers.may_show("+4533124568")
    assert (numbers.may_call("US"), numbers.may_call("KP"), numbers.may_call("XX")) == (True, False, None)
    assert numbers.inherits_countries() is False


def test_an_url_that_the_carrier_refuses_is_explained(numbers: TwilioNumbers) -> None:
    found = numbers.find(LINE)
    assert found is not None
    with pytest.raises(CarrierUnavailable, match=r"does not take this URL.*21402") as refusal:
        numbers.change(found.sid, {"voice_url": "nowhere"})
    assert (refusal.value.refused, refusal.value.for_good) == (True, True)
    with pytest.raises(CarrierUnavailable, match="21405"):
        numbers.change(found.sid, {"voice_url": "", "voice_fallback_url": "https://example.org/x"})


def test_a_wrong_token_is_explained_and_not_shown(twin: Twin) -> None:
    numbers = TwilioNumbers(TwilioAccount(twin.settings.account_sid, TOKEN, twin.api_url))
    with pytest.raises(CarrierUnavailable, match=r"account SID and auth token.*20003") as refusal:
        numbers.all()
    numbers.close()
    twin.failures.clear()
    assert TOKEN not in f"{refusal.value}{numbers!r}{TwilioAccount(ACCOUNT, TOKEN)!r}"


def test_what_is_not_there_is_a_kind_of_its_own(numbers: TwilioNumbers) -> None:
    with pytest.raises(NotThere, match="20404"):
        numbers.fetch("PN" + "0" * 32)


class Saying(PatientHttp):
    """A carrier that always says the same, or fails."""

    def __init__(self, status: int, text: str = "", failure: CarrierUnavailable | None = None) -> None:
        super().__init__()
        self.status, self.text, self.failure = status, text, failure

    def request(self, *_: Any, **__: Any) -> Response:
        if self.failure is not None:
            raise self.failure
        return Response(self.status, self.text, {})


def refusal(status: int, code: int) -> Saying:
    return Saying(status, f'{{"code": {code}, "message": "about {LINE}", "status": {status}}}')


@pytest.mark.parametrize(
    ("http", "said", "refused"),
    [
        (refusal(400, 21211), "no telephone number", True),
        (refusal(401, 20003), "compare both", True),
        (refusal(401, 99999), "compare both", True),
        (refusal(403, 20008), "test credentials", True),
        (refusal(403, 20005), "not active", True),
        (refusal(429, 20429), "try again in a minute", True),
        (refusal(400, 12345), "Twilio refused (code 12345, status 400)", True),
        (refusal(500, 20500), "Twilio itself failed (status 500)", False),
        (Saying(502, "<html>Bad Gateway</html>"), "Twilio itself failed (status 502)", False),
        (Saying(200, "not json"), "could not be read", False),
        (Saying(200, '["a list"]'), "could not be read", False),
        (Saying(0, failure=CarrierUnavailable("x", refused=True)), "could not be reached", True),
        (Saying(0, failure=CarrierUnavailable("x")), "not known", False),
    ],
)
def test_every_failure_is_told_in_words_and_whether_anything_may_have_happened(http: Saying, said: str, refused: bool) -> None:
    numbers = TwilioNumbers(TwilioAccount(ACCOUNT, TOKEN), http)
    with pytest.raises(CarrierUnavailable) as failure:
        numbers.change("PN" + "0" * 32, {"voice_url": ""})
    assert said in str(failure.value)
    assert failure.value.refused is refused
    assert LINE not in str(failure.value)
    assert failure.value.__cause__ is None
    http.close()


def test_a_newer_kind_of_error_is_read_too() -> None:
    """The voice API may describe its refusals as problem details."""
    problem = '{"type": "https://x", "title": "no", "status": 401, "code": 20003}'
    http = Saying(401, problem)
    with pytest.raises(CarrierUnavailable, match="compare both"):
        TwilioNumbers(TwilioAccount(ACCOUNT, TOKEN), http).may_call("US")
    http.close()


def test_a_refusal_that_was_arranged_comes_once(numbers: TwilioNumbers, twin: Twin) -> None:
    found = numbers.find(LINE)
    assert found is not None
    twin.numbers.refuse_next = ApiError(429, 20429, "Too Many Requests")
    with pytest.raises(CarrierUnavailable, match="20429"):
        numbers.change(found.sid, {"voice_url": "https://voice.example.com/x"})
    assert numbers.change(found.sid, {"voice_url": "https://voice.example.com/x"}).wiring.voice_url.endswith("/x")
