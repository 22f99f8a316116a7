"""Card payments at Twilio: what it is asked, and what of its news is let in."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.telephony.stage import ACCOUNT, BASE, CALL, KEYS, LEG, NOW, Line, Told, document, settings
from tests.telephony.test_carrier import Exchange, exchange, refusal
from voicebot.dialogue.actions import Pay, Say, TakeCard
from voicebot.dialogue.forms import PaymentPlan
from voicebot.dialogue.payment import Outcome, PaymentTold, Piece, Request
from voicebot.errors import CarrierUnavailable, LegGone
from voicebot.ports.payments import Payments
from voicebot.telephony.carrier_http import PatientHttp
from voicebot.telephony.payments import TwilioPayments
from voicebot.telephony.settings import PATIENCE

__all__ = ["exchange"]  # a fixture

PLAN = PaymentPlan("EUR", 2, 50_000, connector="Stripe")
PK = "PK" + "4" * 32
OPEN = Pay(Request.OPEN, 1, 1, "call-1-1-open", amount="12.50")
ASK = Pay(Request.ASK, 1, 2, "call-1-2-ask", PK, Piece.EXPIRY, "12.50")
PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Calls/{LEG}/Payments"


@pytest.fixture
def payments(exchange: Exchange) -> Iterator[TwilioPayments]:  # the fixture's name
    line = settings(api_base_url=f"http://127.0.0.1:{exchange.port}")
    payments = TwilioPayments(line, KEYS, PatientHttp(connect=0.5, answer=0.3))
    yield payments
    payments.close()


def callback(step: int) -> str:
    return f"{BASE}/voice/payment/{CALL}/1-{step}/{KEYS.token('voice.payment', CALL, '1', str(step))}{PATIENCE}"


def test_a_session_is_opened_with_all_that_a_card_needs_and_the_key(exchange: Exchange, payments: TwilioPayments) -> None:
    exchange.answers = [(201, {"sid": PK})]
    known: Payments = payments
    assert known.ask(LEG, CALL, OPEN, PLAN) == PK
    assert exchange.requests == [("POST", f"{PATH}.json", {
        "IdempotencyKey": ["call-1-1-open"], "StatusCallback": [callback(1)], "ChargeAmount": ["12.50"], "Currency": ["EUR"],
        "PaymentConnector": ["Stripe"], "PaymentMethod": ["credit-card"], "Input": ["dtmf"], "PostalCode": ["false"],
        "SecurityCode": ["true"], "Timeout": ["10"], "ValidCardTypes": ["visa mastercard amex"],
    })]  # fmt: skip


@pytest.mark.parametrize(
    ("pay", "change"),
    [
        (replace(ASK, piece=Piece.CARD_NUMBER), {"Capture": ["payment-card-number"]}),
        (ASK, {"Capture": ["expiration-date"]}),
        (replace(ASK, piece=Piece.SECURITY_CODE), {"Capture": ["security-code"]}),
        (replace(ASK, request=Request.CHARGE, piece=None), {"Status": ["complete"]}),
        (replace(ASK, request=Request.CANCEL, piece=None), {"Status": ["cancel"]}),
    ],
)
def test_a_session_goes_on(exchange: Exchange, payments: TwilioPayments, pay: Pay, change: dict[str, list[str]]) -> None:
    exchange.answers = [(202, {"sid": PK})]
    assert payments.ask(LEG, CALL, pay, PLAN) == PK
    expected = {"IdempotencyKey": ["call-1-2-ask"], "StatusCallback": [callback(2)]} | change
    assert exchange.requests == [("POST", f"{PATH}/{PK}.json", expected)]


def test_what_may_have_been_done_and_what_was_not_are_told_apart(exchange: Exchange, payments: TwilioPayments) -> None:
    exchange.answers = [(0, ""), (429, refusal(20429, 429)), (400, refusal(20001, 400)), (400, refusal(21220, 400))]
    told = []
    for _ in range(3):
        with pytest.raises(CarrierUnavailable) as trouble:
            payments.ask(LEG, CALL, ASK, PLAN)
        told.append((trouble.value.refused, trouble.value.for_good))
    assert told == [(False, False), (True, False), (True, True)]
    with pytest.raises(LegGone):
        payments.ask(LEG, CALL, ASK, PLAN)


# ---- its news -------------------------------------------------------------------------------------------------------


@pytest.fixture
def line() -> Line:
    return Line()


def post(line: Line, form: dict[str, str], *, number: int = 1, step: int = 2, call: str = CALL, **extra: str) -> int:
    target = line.target("payment", f"{call}/{number}-{step}", call, number, step)
    return line.post(target, {"Sid": PK} | form, **extra).status_code


def events(line: Line) -> list[PaymentTold]:
    return [asked[2] for asked in line.exchange.asked if asked[0] == "handle"]


def test_a_piece_that_was_keyed_is_told_with_the_last_four_digits_and_nothing_else_of_the_card(line: Line) -> None:
    form = {
        "Capture": "expiration-date", "Required": "security-code", "PaymentCardNumber": "xxxxxxxxxxxx4242",
        "ExpirationDate": "1229", "SecurityCode": "xxx", "PaymentToken": "tok_1", "ProfileId": "p1", "PartialResult": "true",
    }  # fmt: skip
    assert post(line, form) == 204
    (told,) = events(line)
    assert told == PaymentTold(NOW, 1, 2, PK, missing=(Piece.SECURITY_CODE,), last_four="4242")
    assert not any(secret in repr(told) for secret in ("1229", "tok_1", "p1"))


@pytest.mark.parametrize(
    ("required", "missing"),
    [
        ("payment-card-number,expiration-date", (Piece.CARD_NUMBER, Piece.EXPIRY)),
        ('["security-code"]', (Piece.SECURITY_CODE,)),
        ("", ()),
        ("postal-code", ()),
    ],
)
def test_what_is_missing_is_read_however_it_is_written(line: Line, required: str, missing: tuple[Piece, ...]) -> None:
    post(line, {"Capture": "payment-card-number", "Required": required})
    assert events(line)[0].missing == missing


def test_the_opening_of_a_session_says_nothing_of_pieces(line: Line) -> None:
    post(line, {"Required": "payment-card-number"}, step=1)
    assert events(line) == [PaymentTold(NOW, 1, 1, PK)]


def test_a_wrong_entry_is_told_with_the_carriers_own_word(line: Line) -> None:
    post(line, {"Capture": "expiration-date", "Required": "expiration-date", "ErrorType": "invalid-date"})
    assert events(line)[0].wrong == "invalid-date"


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        ("success", Outcome.CHARGED),
        ("payment-connector-error", Outcome.DECLINED),
        ("internal-error", Outcome.UNKNOWN),
        ("caller-interrupted-with-star", Outcome.NOT_CHARGED),
        ("validation-error", Outcome.NOT_CHARGED),
    ],
)
def test_how_it_ends(line: Line, result: str, outcome: Outcome) -> None:
    post(line, {"Result": result, "PaymentConfirmationCode": "ch_1"}, step=5)
    (told,) = events(line)
    assert (told.outcome, told.why, told.reference) == (outcome, result, "ch_1")


def test_a_number_that_is_not_masked_or_a_name_that_could_be_one_is_dropped(line: Line) -> None:
    form = {"PaymentCardNumber": "4242424242424242", "Result": "success", "PaymentConfirmationCode": "4242424242424242"}
    post(line, form)
    (told,) = events(line)
    assert (told.last_four, told.reference) == ("", "")


def test_news_without_a_session_or_of_another_leg_are_no_news(line: Line) -> None:
    assert post(line, {"Sid": "PK1"}) == 204
    assert post(line, {"CallSid": "CA" + "9" * 32, "Result": "success"}) == 204
    assert events(line) == []


def test_an_address_of_another_call_payment_or_step_is_worth_nothing(line: Line) -> None:
    token = KEYS.token("voice.payment", CALL, "1", "2")
    for path in ("other/1-2", f"{CALL}/2-2", f"{CALL}/1-3"):
        assert line.post(f"/voice/payment/{path}/{token}", {"Sid": PK, "Result": "success"}).status_code == 403
    assert post(line, {"Result": "success"}, token="another") == 403  # signed with another key
    assert events(line) == []


# ---- a card that the carrier takes alone ------------------------------------------------------------------------------


def taking() -> Told:
    says = tuple((moment, Say(f"payment.{moment}")) for moment in ("card_number", "expiry", "security_code", "charging", "wrong"))
    return Told(verbs=(Say("payment.begins"), TakeCard(1, PLAN, "12.50", says)))


def test_a_card_is_taken_by_the_carrier_with_our_words_and_comes_back_to_us(line: Line) -> None:
    line.exchange.answer = taking()
    root = document(line.post(line.entry(), {"Digits": "1"}).text)
    assert [one.tag for one in root] == ["Say", "Pay"]
    pay = root.find("Pay")
    assert pay is not None
    assert dict(pay.attrib) == {
        "input": "dtmf", "action": f"{BASE}{line.target('paid', f'{CALL}/7-1', CALL, 7, 1)}{PATIENCE}", "chargeAmount": "12.50",
        "currency": "EUR", "paymentConnector": "Stripe", "paymentMethod": "credit-card", "securityCode": "true",
        "postalCode": "false", "timeout": "10", "maxAttempts": "3", "validCardTypes": "visa mastercard amex",
    }  # fmt: skip
    told = [(one.get("for"), one.get("errorType"), one.findtext("Say")) for one in pay]
    assert told[:2] == [
        ("payment-card-number", None, "payment.card_number/1"), ("expiration-date", None, "payment.expiry/1"),
    ]  # fmt: skip
    assert ("expiration-date", "timeout invalid-date", "payment.wrong/1") in told


def test_an_agents_leg_takes_no_card(line: Line) -> None:
    line.exchange.answer = taking()
    assert "Pay" not in line.post(line.agent("answer")).text


@pytest.mark.parametrize(
    ("form", "outcome", "why"),
    [
        ({"Result": "success", "PaymentToken": "tok_1"}, Outcome.CHARGED, "success"),
        ({"Result": "too-many-failed-attempts"}, Outcome.NOT_CHARGED, "too-many-failed-attempts"),
        ({}, Outcome.UNKNOWN, ""),
    ],
)
def test_what_became_of_it_is_told_once_and_the_call_goes_on(
    line: Line, form: dict[str, str], outcome: Outcome, why: str
) -> None:
    target = line.target("paid", f"{CALL}/7-1", CALL, 7, 1)
    told = PaymentTold(NOW, 1, 1, "", last_four="4242", outcome=outcome, why=why)
    answer = line.post(target, {"PaymentCardNumber": "xxxxxxxxxxxx4242", "ExpirationDate": "1229"} | form)
    assert "<Gather" in answer.text
    assert line.exchange.asked == [("handle", CALL, told, "paid:our-call:1")]
    assert line.post(target, form | {"CallStatus": "completed"}).status_code == 204
    assert line.exchange.asked[1][3] is None  # news only: nobody is there to go on
    assert line.post(target.replace("7-1", "7-2"), form).status_code == 403
