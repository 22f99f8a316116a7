"""How the account fits what is configured here, in sentences."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.twin_stage import standing_twin
from voicebot.simulator.numbers import AccountNumber
from voicebot.simulator.twin import Twin
from voicebot.telephony.account import AccountCheck, account_findings, by_country, next_token, number_findings
from voicebot.telephony.findings import Verdict
from voicebot.telephony.numbers import AccountSeen, OwnedNumber, TwilioAccount, TwilioNumbers
from voicebot.telephony.wiring import Use, Wiring, wanted

BASE = "https://voice.example.com"
LINE, OTHER = "+12025550110", "+12025550120"
BIN = "https://handler.twilio.com/twiml/EH0"
OURS = wanted(BASE, Wiring(), BIN)


@pytest.fixture(scope="module")
def standing() -> Iterator[Twin]:
    with standing_twin() as twin:
        yield twin


OPENED: list[TwilioNumbers] = []


@pytest.fixture
def twin(standing: Twin) -> Iterator[Twin]:
    standing.numbers.numbers = [AccountNumber(LINE, set=OURS.as_dict())]
    standing.numbers.verified = []
    standing.numbers.inherits = False
    standing.numbers.countries = {"US": True, "KP": False}
    yield standing
    while OPENED:
        OPENED.pop().close()


def checked(twin: Twin, *, caller_id: str = LINE, token: str = "", **lines: str) -> AccountCheck:
    account = TwilioAccount(twin.settings.account_sid, token or twin.settings.auth_token, twin.api_url)
    OPENED.append(TwilioNumbers(account))
    return AccountCheck(BASE, lines or {"billing": LINE}, caller_id, OPENED[-1])


def seen(**changes: Any) -> AccountSeen:
    return AccountSeen(**({"status": "active", "trial": False, "primary": True, "ahead": 0.4} | changes))


@pytest.mark.parametrize(
    ("account", "verdicts", "said"),
    [
        (seen(), [Verdict.OK, Verdict.OK], "which is active"),
        (seen(primary=None), [Verdict.OK, Verdict.OK], "which is active"),
        (seen(status="suspended"), [Verdict.WRONG, Verdict.OK], "the account is suspended"),
        (seen(primary=False), [Verdict.WRONG, Verdict.OK], "is the secondary token"),
        (seen(trial=True), [Verdict.OK, Verdict.NOTE, Verdict.OK], "verified numbers only"),
        (seen(ahead=2.6), [Verdict.OK, Verdict.WRONG], "clock is 3 s ahead"),
        (seen(ahead=-300.0), [Verdict.OK, Verdict.WRONG], "clock is 300 s behind"),
        (seen(ahead=1.9), [Verdict.OK, Verdict.OK], "within two seconds"),
        (seen(ahead=None), [Verdict.OK, Verdict.SKIPPED], "told no time"),
    ],
)
def test_the_account_the_token_and_the_clock_are_told(account: AccountSeen, verdicts: list[Verdict], said: str) -> None:
    found = account_findings(account)
    assert [one.verdict for one in found] == verdicts
    assert said in " ".join(one.says for one in found)


def test_the_next_token_must_open_the_same_account(twin: Twin) -> None:
    def told(token: str) -> Any:
        return next_token(checked(twin, token=token).numbers, lambda: 0.0)[0]

    assert told(twin.settings.auth_token).verdict is Verdict.NOTE  # promoted already
    wrong = told("x" * 32)
    assert wrong.bad
    assert "TWILIO_AUTH_TOKEN_NEXT" in wrong.says
    assert "take it out" in wrong.mend


def test_a_next_token_that_is_the_secondary_one_is_as_it_should_be() -> None:
    with standing_twin(secondary_token="s" * 32) as twin:
        numbers = TwilioNumbers(TwilioAccount(twin.settings.account_sid, "s" * 32, twin.api_url))
        assert next_token(numbers, lambda: 0.0)[0].verdict is Verdict.OK
        numbers.close()


@pytest.mark.parametrize(
    ("wiring", "verdict", "said"),
    [
        (OURS, Verdict.OK, "wired to this server"),
        (wanted(BASE, Wiring()), Verdict.WRONG, "no fallback URL"),
        (wanted(BASE, Wiring(), f"{BASE}/sorry.xml"), Verdict.WRONG, "on this very host"),
        (Wiring(), Verdict.WRONG, "A call comes in: (not set) -> https://voice.example.com/voice/incoming"),
        (Wiring(voice_url="https://ivr.example.org/in"), Verdict.WRONG, "somebody else's"),
        (Wiring(trunk_sid="TK" + "0" * 32), Verdict.WRONG, "SIP trunk"),
        (
            Wiring(f"{BASE}/voice/incoming", "POST", BIN, "POST", f"{BASE}/voice/status#rc=1", "POST"),
            Verdict.NOTE,
            "#ct=1500",
        ),
        (Wiring(f"{BASE}/voice/incoming", "GET", BIN, "POST", f"{BASE}/voice/status", "POST"), Verdict.WRONG, "GET -> POST"),
    ],
)
def test_how_a_number_is_wired_is_told_by_what_it_means(wiring: Wiring, verdict: Verdict, said: str) -> None:
    found = number_findings("billing", LINE, OwnedNumber("PN0", LINE, True, wiring), BASE)
    assert found[0].verdict is verdict
    assert said in found[0].says
    assert verdict is Verdict.OK or found[0].mend


def test_a_number_that_is_not_there_or_takes_no_voice_is_told() -> None:
    assert "not in this account" in number_findings("billing", LINE, None, BASE)[0].says
    assert "no voice" in number_findings("billing", LINE, OwnedNumber("PN0", LINE, False, OURS), BASE)[0].says


def test_where_answers_to_messages_go_is_looked_at_where_messages_go_out() -> None:
    writes = Use(calls=False, messages=True)
    plain = OwnedNumber("PN0", LINE, True, Wiring())
    [told] = number_findings("messages", LINE, plain, BASE, writes)
    assert told.verdict is Verdict.WRONG
    assert "A message comes in: (not set) -> https://voice.example.com/voice/message" in told.says
    assert "twilio setup" in told.mend
    done = OwnedNumber("PN0", LINE, False, wanted(BASE, Wiring(), None, writes))
    assert number_findings("messages", LINE, done, BASE, writes)[0].verdict is Verdict.OK
    assert "takes no messages" in number_findings("messages", LINE, replace(done, writes=False), BASE, writes)[0].says


def test_a_number_that_is_only_written_from_is_looked_up_too(twin: Twin) -> None:
    twin.numbers.numbers.append(AccountNumber(OTHER))
    found = replace(checked(twin), senders=frozenset({OTHER})).wired()
    assert [(one.verdict, one.says.split()[0]) for one in found] == [(Verdict.OK, LINE), (Verdict.WRONG, OTHER)]


def test_every_line_is_looked_up_and_a_number_without_a_line_is_noticed(twin: Twin) -> None:
    twin.numbers.numbers.append(AccountNumber("+12025550199", set=OURS.as_dict()))
    twin.numbers.numbers.append(AccountNumber("+12025550198"))
    found = checked(twin, billing=LINE, support=OTHER).wired()
    assert [(one.verdict, one.says.split()[0]) for one in found] == [
        (Verdict.OK, LINE), (Verdict.WRONG, OTHER), (Verdict.NOTE, "+12025550199"),
    ]  # fmt: skip


def test_a_caller_id_is_ours_verified_or_wrong(twin: Twin) -> None:
    assert not any("CALLER_ID" in one.says for one in checked(twin).wired())
    assert "TWILIO_CALLER_ID +4533124567" in checked(twin, caller_id="+4533124567").wired()[-1].says
    twin.numbers.verified = ["+4533124567"]
    assert not any("CALLER_ID" in one.says for one in checked(twin, caller_id="+4533124567").wired())
    assert not any("CALLER_ID" in one.says for one in checked(twin, caller_id="").wired())


def test_a_country_may_be_called_may_not_or_is_the_parents_business(twin: Twin) -> None:
    assert checked(twin).country("US", "Mira Holt")[0].verdict is Verdict.OK
    forbidden = checked(twin).country("KP", "Mira Holt")[0]
    assert forbidden.bad
    assert "Mira Holt would never ring" in forbidden.says
    assert "Geo permissions" in forbidden.mend
    assert checked(twin).country("XX", "Mira Holt")[0].verdict is Verdict.NOTE
    twin.numbers.inherits = True
    assert checked(twin).country("KP", "Mira Holt")[0].verdict is Verdict.NOTE


def test_a_carrier_that_refuses_is_a_finding_and_no_exception(twin: Twin) -> None:
    check = checked(twin, token="x" * 32)
    assert "20003" in check.wired()[0].says
    assert "20003" in check.country("US", "Mira Holt")[0].says


def test_people_are_gathered_by_the_country_of_their_phone() -> None:
    phones = {
        "Ada": "+4533124567", "Bo": "+12025550171", "Cy": "+12025550172", "Di": "+12025550173", "Eli": "+12025550174",
        "Flo": "sip:flo@example.com", "Gus": "+80012345678", "Hal": "+999123", "": "",
    }  # fmt: skip
    countries, nowhere = by_country(phones)
    assert countries == {"DK": "Ada", "US": "Bo, Cy, Di and 1 more"}
    assert nowhere == ["Gus", "Hal"]
