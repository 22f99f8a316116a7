"""Card payments with the agent on the line, over the simulated telephone company: charged once, or not at all."""

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import OctKey
from werkzeug.test import TestResponse

from tests.control.stage import CALLER, COMPANY_SECRET, TAPED, VERIFIED, Office, Placed
from voicebot.dialogue.call import Stage
from voicebot.dialogue.card import Paying, PieceState, card
from voicebot.dialogue.payment import PaymentState
from voicebot.dialogue.refusals import Refusal
from voicebot.simulator.paid import TOKEN, PaySession
from voicebot.simulator.script import Connector
from voicebot.simulator.sent import Text
from voicebot.simulator.settings import Faults
from voicebot.switchboard.answers import Refused

NUMBER, EXPIRY, CODE = "4242424242424242", "1229", "123"
CARD = (NUMBER, EXPIRY, CODE)


def paying(desks: Office, placed: Placed) -> Paying:
    shown = card(desks.state(placed)).payment
    assert shown is not None
    return shown


def sessions(desks: Office, placed: Placed) -> list[PaySession]:
    return next(leg.payments for leg in desks.legs if leg.sid == placed.sid)


def charges(desks: Office, placed: Placed) -> int:
    """How often money was moved."""
    return sum(session.charged for session in sessions(desks, placed))


def is_in(desks: Office, placed: Placed, *states: PaymentState) -> Callable[[], bool]:
    return lambda: paying(desks, placed).state in states


def begun(desks: Office, *turns: str, amount: str = "12.50", **rest: object) -> Placed:
    """Mira has begun a payment."""
    placed = desks.talking(*turns, **rest)  # type: ignore[arg-type]
    desks.does(desks.desk.payments.begin("mira", placed.id, amount))
    return placed


def complete(desks: Office, *turns: str, **rest: object) -> Placed:
    """The card is complete; nothing is charged yet."""
    placed = begun(desks, *turns, **{"pays": CARD} | rest)  # type: ignore[arg-type]
    desks.until(is_in(desks, placed, PaymentState.ENTERED))
    return placed


def test_the_caller_keys_the_card_the_agent_stays_hears_no_tone_and_charges_it(desks: Office) -> None:
    placed = complete(desks)
    assert charges(desks, placed) == 0
    assert [one.state for one in paying(desks, placed).pieces] == [PieceState.DONE] * 3
    assert desks.hears_now(desks.leg("mira").sid, placed.sid)
    desks.does(desks.desk.payments.charge("mira", placed.id))
    desks.until(is_in(desks, placed, PaymentState.PAID))
    shown, (session,) = paying(desks, placed), sessions(desks, placed)
    assert (shown.amount, shown.card, shown.reference) == ("12.50 EUR", "4242", f"ch-{session.sid[2:12]}")
    assert (session.charged, session.amount, session.currency) == (1, "12.50", "EUR")
    assert "".join(one.key for one in desks.caller(placed).keys).endswith("".join(CARD))
    assert desks.leg("mira").keys[1:] == []  # after the one that accepted
    desks.does(desks.desk.end("mira", placed.id))
    record = desks.ended(placed)
    assert (record.failures, record.frames_after_join) == ([], 0)
    assert desks.facts(placed, "payment") == {
        "amount": "12.50 EUR", "state": "paid", "why": "", "card": "4242", "reference": shown.reference, "authorisation": "",
        "way": "agent", "number": 1,
    }  # fmt: skip


def test_the_recording_is_paused_before_the_first_key_and_runs_again_afterwards(desks: Office) -> None:
    placed = desks.talking(*VERIFIED, line=TAPED, pays=CARD)
    tapes = next(leg.tapes for leg in desks.legs if leg.sid == placed.sid)
    desks.until(lambda: tapes and tapes[0].status == "in-progress")
    desks.does(desks.desk.payments.begin("mira", placed.id, "3"))
    desks.until(is_in(desks, placed, PaymentState.ENTERED))
    assert tapes[0].status == "paused"
    desks.does(desks.desk.payments.charge("mira", placed.id))
    desks.until(is_in(desks, placed, PaymentState.PAID))
    desks.until(lambda: tapes[0].status == "in-progress")
    desks.does(desks.desk.end("mira", placed.id))
    assert desks.ended(placed).failures == []  # the telephone company would have told of a key on a recording
    assert len(tapes[0].spans) == 2


def test_a_recording_that_cannot_be_paused_keeps_the_payment_waiting(desks: Office) -> None:
    faults = Faults(rest=("record:500?", "record:500?", "record:500?"))
    placed = begun(desks, *VERIFIED, line=TAPED, pays=CARD, faults=faults)
    desks.until(is_in(desks, placed, PaymentState.ENTERED))
    desks.does(desks.desk.end("mira", placed.id))
    assert desks.ended(placed).failures == []


def test_what_is_wrong_is_asked_again_and_the_agent_may_ask_again_too(desks: Office) -> None:
    placed = complete(desks, pays=("4242424242424241", NUMBER, "1329", "-", EXPIRY, CODE, NUMBER))
    desks.does(desks.desk.payments.ask_again("mira", placed.id, "card_number"))
    desks.until(lambda: len(desks.caller(placed).keys) >= 60 and is_in(desks, placed, PaymentState.ENTERED)())
    desks.does(desks.desk.payments.charge("mira", placed.id))
    desks.until(is_in(desks, placed, PaymentState.PAID))
    assert charges(desks, placed) == 1


def test_wrong_three_times_ends_it_without_a_charge(desks: Office) -> None:
    placed = begun(desks, pays=(NUMBER, "1329", "1329", "1329"))
    desks.until(is_in(desks, placed, PaymentState.CANCELLED))
    assert paying(desks, placed).why == "invalid-date, 3 times"
    desks.until(lambda: not sessions(desks, placed)[0].open)
    assert charges(desks, placed) == 0


def test_a_card_that_is_declined_may_be_followed_by_another(desks: Office) -> None:
    placed = complete(desks, pays=(*CARD, *CARD), connector=Connector.DECLINES)
    desks.does(desks.desk.payments.charge("mira", placed.id))
    desks.until(is_in(desks, placed, PaymentState.DECLINED))
    assert paying(desks, placed).why == "payment-connector-error"
    desks.does(desks.desk.payments.begin("mira", placed.id, "12.50"))
    desks.until(is_in(desks, placed, PaymentState.ENTERED))
    assert charges(desks, placed) == 0


def test_a_payment_is_cancelled_by_the_agent_while_the_caller_keys(desks: Office) -> None:
    placed = begun(desks, pays=(NUMBER,))
    desks.until(lambda: sessions(desks, placed) and paying(desks, placed).card)
    desks.does(desks.desk.payments.cancel("mira", placed.id))
    assert paying(desks, placed).state is PaymentState.CANCELLED
    desks.until(lambda: not sessions(desks, placed)[0].open)
    assert desks.desk.payments.charge("mira", placed.id) == Refused(Refusal.NOT_PAYING)


@pytest.mark.parametrize("word", ["pay_open", "pay_ask", "pay_charge"])
@pytest.mark.parametrize("fate", ["unanswered", "429", "500"])
def test_a_request_that_may_have_been_done_is_made_again_with_its_key_and_charges_once(
    desks: Office, word: str, fate: str
) -> None:
    placed = complete(desks, faults=Faults(rest=(f"{word}:{fate}",)))
    desks.does(desks.desk.payments.charge("mira", placed.id))
    desks.until(is_in(desks, placed, PaymentState.PAID))
    assert (charges(desks, placed), len(sessions(desks, placed))) == (1, 1)


def test_callbacks_that_come_twice_and_in_another_order_change_nothing(desks: Office) -> None:
    placed = complete(desks, faults=Faults(duplicate_callbacks=True, reorder_callbacks=True))
    desks.does(desks.desk.payments.charge("mira", placed.id))
    desks.until(is_in(desks, placed, PaymentState.PAID))
    assert charges(desks, placed) == 1
    assert desks.told(placed).count("payment") == 5  # begun, keyed, complete, charging, paid


def test_a_charge_of_which_nothing_is_ever_told_is_uncertain_and_not_tried_again(desks: Office) -> None:
    placed = complete(desks, connector=Connector.SILENT)
    desks.does(desks.desk.payments.charge("mira", placed.id))
    desks.until(is_in(desks, placed, PaymentState.UNCERTAIN))
    assert desks.desk.payments.begin("mira", placed.id, "12.50") == Refused(Refusal.UNCERTAIN)
    assert charges(desks, placed) == 1


def test_a_result_that_comes_after_everybody_has_given_it_up_is_believed(desks: Office) -> None:
    late = Faults(late_callbacks=frozenset({"payment-over"}), late_by=110.0)
    placed = complete(desks, faults=late)
    desks.does(desks.desk.payments.charge("mira", placed.id))
    desks.until(is_in(desks, placed, PaymentState.UNCERTAIN))
    desks.until(is_in(desks, placed, PaymentState.PAID))
    assert charges(desks, placed) == 1


def test_a_caller_who_keys_nothing_is_given_up(desks: Office) -> None:
    placed = begun(desks)
    desks.until(is_in(desks, placed, PaymentState.CANCELLED))
    assert paying(desks, placed).why == "it took too long"


def test_a_carrier_that_breaks_leaves_it_uncertain(desks: Office) -> None:
    placed = complete(desks, connector=Connector.BREAKS)
    desks.does(desks.desk.payments.charge("mira", placed.id))
    desks.until(is_in(desks, placed, PaymentState.UNCERTAIN))


def test_a_caller_who_hangs_up_while_keying_is_not_charged(desks: Office) -> None:
    placed = begun(desks, pays=(NUMBER,))
    desks.until(lambda: paying(desks, placed).card)
    desks.hang_up(placed.sid)
    desks.ended(placed)
    desks.until(lambda: desks.state(placed).stage is Stage.ENDED)
    assert paying(desks, placed).state in (PaymentState.CANCELLED, PaymentState.FAILED)  # a request may have met the hang-up
    assert charges(desks, placed) == 0


def test_a_caller_who_hangs_up_while_it_is_charged_has_paid_and_the_card_says_so(desks: Office) -> None:
    late = Faults(late_callbacks=frozenset({"payment-over"}), late_by=20.0)
    placed = complete(desks, faults=late)
    desks.does(desks.desk.payments.charge("mira", placed.id))
    desks.until(lambda: charges(desks, placed))
    desks.hang_up(placed.sid)
    desks.until(lambda: desks.state(placed).stage is Stage.ENDED)
    assert paying(desks, placed).state in (PaymentState.UNCERTAIN, PaymentState.PAID)
    desks.until(is_in(desks, placed, PaymentState.PAID))
    desks.ended(placed)
    assert charges(desks, placed) == 1


def test_an_agent_who_hangs_up_while_the_caller_keys_loses_the_payment_and_the_caller_keeps_the_place(desks: Office) -> None:
    placed = begun(desks, pays=(NUMBER,))
    desks.until(lambda: paying(desks, placed).card)
    desks.ready("jonas")
    desks.hang_up(desks.leg("mira").sid)
    desks.until(lambda: desks.has(placed, "jonas"))
    assert (paying(desks, placed).state, charges(desks, placed)) == (PaymentState.CANCELLED, 0)
    desks.until(lambda: not sessions(desks, placed)[0].open)
    desks.does(desks.desk.payments.begin("jonas", placed.id, "12.50"))


def test_an_agent_who_hangs_up_while_it_is_charged_leaves_the_result_to_the_next_one(desks: Office) -> None:
    late = Faults(late_callbacks=frozenset({"payment-over"}), late_by=30.0)
    placed = complete(desks, faults=late)
    desks.does(desks.desk.payments.charge("mira", placed.id))
    desks.until(lambda: charges(desks, placed))
    desks.ready("jonas")
    desks.hang_up(desks.leg("mira").sid)
    desks.until(lambda: desks.has(placed, "jonas"))
    desks.until(is_in(desks, placed, PaymentState.PAID))
    assert charges(desks, placed) == 1


def test_meanwhile_the_call_is_not_held_passed_on_or_asked_about(desks: Office) -> None:
    placed = complete(desks)
    desk = desks.desk
    for answer in (
        desk.hold("mira", placed.id), desk.pass_to("mira", placed.id, to_queue="law"),
        desk.consult("mira", placed.id, to_queue="law"), desk.payments.begin("mira", placed.id, "1"),
    ):  # fmt: skip
        assert answer == Refused(Refusal.PAYING)
    assert desk.payments.cancel("omar", placed.id) == Refused(Refusal.NOT_YOURS)
    desks.does(desk.payments.cancel("mira", placed.id))
    assert desk.payments.begin("mira", placed.id, "500.01") == Refused(Refusal.TOO_MUCH)
    assert desk.payments.begin("mira", placed.id, "0") == Refused(Refusal.NO_CHARGE)
    assert desk.payments.begin("mira", placed.id, "12,50") == Refused(Refusal.NO_AMOUNT)
    desks.does(desk.hold("mira", placed.id))
    assert desk.payments.begin("mira", placed.id, "12.50") == Refused(Refusal.ON_HOLD)


def test_no_card_data_and_no_token_are_in_the_call_or_its_journal(desks: Office) -> None:
    placed = complete(desks)
    desks.does(desks.desk.payments.charge("mira", placed.id))
    desks.until(is_in(desks, placed, PaymentState.PAID))
    with desks.house.store.reading() as ledger:
        told = repr([(entry.what, entry.facts) for entry in ledger.journal(placed.id)])
    for canary in (NUMBER, NUMBER[:12], EXPIRY, TOKEN):
        assert canary not in told
        assert canary not in str(desks.state(placed).to_dict())


# ---- on a device of the caller's own ----------------------------------------------------------------------------------


def linked(desks: Office) -> tuple[Placed, dict[str, Any]]:
    """A link is out; gives what it says, as the company's page reads it."""
    placed = desks.talking()
    desks.does(desks.desk.payments.begin("mira", placed.id, "12.50", link=True))

    def mine() -> list[Text]:
        return [text for text in desks.twin.texts if said(text.body)["sub"] == f"{placed.id}.1"]

    desks.until(mine)
    (text,) = mine()
    assert (text.to, text.from_) == (CALLER, "+12025550100")
    assert text.body.startswith("Pay ")
    page, _, token = text.body.rpartition("?payment=")
    assert page.endswith(" https://pay.example.com/voice")
    with pytest.raises(BadSignatureError):
        jwt.decode(token, OctKey.import_key("x" * 40), algorithms=["HS256"])
    return placed, said(text.body)


def said(body: str) -> dict[str, Any]:
    """What the link in a message says."""
    return jwt.decode(body.rpartition("=")[2], OctKey.import_key(COMPANY_SECRET), algorithms=["HS256"]).claims


def reports(desks: Office, content: dict[str, str], *, secret: str = COMPANY_SECRET, request_id: str = "") -> TestResponse:
    """The company's page tells what became of it, signed as docs/backend.md says, written anew here."""
    body, path, at = json.dumps(content).encode(), "/payments/result", str(int(time.time()))
    request_id, key = request_id or secrets.token_hex(8), secrets.token_hex(16)
    text = "\n".join(["v1", at, request_id, "POST", path, key, hashlib.sha256(body).hexdigest()])
    signature = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    headers = {
        "Voicebot-Timestamp": at, "Voicebot-Request-Id": request_id, "Idempotency-Key": key,
        "Voicebot-Signature": f"v1={signature}",
    }  # fmt: skip
    return desks.house.flask.test_client().post(path, data=body, headers=headers, content_type="application/json")


def report(claims: dict[str, Any], **other: str) -> dict[str, str]:
    paid = {"payment": claims["sub"], "amount": f"{claims['amount']} {claims['currency']}", "result": "paid"}
    return paid | {"transaction": "ch_1", "authorisation": "A81733", "card": "4242"} | other


def test_the_caller_pays_by_a_signed_link_and_the_card_shows_transaction_and_authorisation(desks: Office) -> None:
    placed, claims = linked(desks)
    assert (claims["amount"], claims["currency"], claims["exp"] - claims["iat"]) == ("12.50", "EUR", 1800)
    assert paying(desks, placed).state is PaymentState.LINKED
    assert reports(desks, report(claims)).json == {"result": "taken"}
    shown = paying(desks, placed)
    assert (shown.state, shown.reference, shown.authorisation, shown.card) == (PaymentState.PAID, "ch_1", "A81733", "4242")
    assert sessions(desks, placed) == []


def test_a_report_of_another_call_payment_or_amount_is_unknown_and_changes_nothing(desks: Office) -> None:
    placed, claims = linked(desks)
    call, number = claims["sub"].split(".")
    for other in (
        {"payment": f"{call}.2"}, {"payment": f"x{call}.{number}"}, {"payment": call}, {"payment": f"{call}.²"},
        {"amount": "12.51 EUR"}, {"result": "refunded"},
    ):  # fmt: skip
        assert reports(desks, report(claims, **other)).json == {"result": "unknown"}, other
    assert paying(desks, placed).state is PaymentState.LINKED
    assert reports(desks, report(claims, result="declined")).json == {"result": "taken"}


def test_a_report_with_a_bad_signature_or_sent_twice_is_refused(desks: Office) -> None:
    placed, claims = linked(desks)
    assert reports(desks, report(claims), secret="x" * 40).status_code == 401
    assert paying(desks, placed).state is PaymentState.LINKED
    assert reports(desks, report(claims, result="declined"), request_id="once").status_code == 200
    replayed = reports(desks, report(claims), request_id="once")
    assert (replayed.status_code, replayed.json["type"]) == (401, "urn:voicebot:problem:replayed")
    assert paying(desks, placed).state is PaymentState.DECLINED


def test_card_data_in_a_report_are_kept_nowhere(desks: Office) -> None:
    placed, claims = linked(desks)
    reports(desks, report(claims, transaction=NUMBER, authorisation=f"no {NUMBER}", card=NUMBER))
    shown = paying(desks, placed)
    assert (shown.state, shown.reference, shown.authorisation, shown.card) == (PaymentState.PAID, "", "", "")
    assert NUMBER not in str(desks.state(placed).to_dict())


@pytest.mark.parametrize("fate", ["unanswered", "429", "500"])
def test_a_message_that_may_not_have_gone_out_is_sent_again_with_the_same_link(desks: Office, fate: str) -> None:
    placed = desks.talking(faults=Faults(rest=(f"text:{fate}",)))
    desks.does(desks.desk.payments.begin("mira", placed.id, "12.50", link=True))

    def sent() -> list[str]:
        bodies = [text.body for text in desks.twin.texts]
        return [body for body in bodies if said(body)["sub"] == f"{placed.id}.1"]

    desks.until(lambda: len(sent()) == (2 if fate == "unanswered" else 1))
    assert len(set(sent())) == 1
    assert paying(desks, placed).state is PaymentState.LINKED
