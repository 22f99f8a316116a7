"""Fresh proofs in whole calls: Mira starts one from the card, the caller answers alone, and both are together again, or not."""

import hashlib
import hmac
import json
import time
from base64 import b32encode
from secrets import token_hex
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from tests.control.stage import COMPANY_SECRET, TAPED, VERIFIED, Office, Placed
from tests.leaks import forms, leaks
from voicebot.dialogue.call import Stage
from voicebot.dialogue.card import Proving, card
from voicebot.dialogue.codec import to_plain
from voicebot.dialogue.proving import Progress
from voicebot.dialogue.refusals import Refusal
from voicebot.dialogue.values import Assurance, Ending
from voicebot.identity.codes import CodeKeeper, new_seed
from voicebot.records.customer_care import SqlCustomerCare
from voicebot.simulator.settings import Faults
from voicebot.switchboard.answers import Done, Refused

WRONG = "keys:918273"
PIN = "keys:493817"
KNOWN = ("keys:40719238", "keys:0")  # Ada's number, and no PIN


def proof(desks: Office, placed: Placed) -> Proving:
    """What Mira sees of it."""
    shown = card(desks.state(placed)).proof
    assert shown is not None
    return shown


def begun(desks: Office, *turns: str, by: str = "pin", amount: str = "250.00", **rest: Any) -> Placed:
    """Mira has started one, and the caller's leg is out of the room."""
    placed = desks.talking(*turns, **{"line": TAPED} | rest)
    desks.does(desks.desk.step_up("mira", placed.id, "payout", amount, by))
    return placed


def comes_to(desks: Office, placed: Placed, wanted: Progress) -> None:
    desks.until(lambda: proof(desks, placed).progress is wanted)


def together_again(desks: Office, placed: Placed) -> None:
    desks.until(lambda: desks.hears_now(placed.sid, desks.leg("mira").sid) and desks.hears_now(desks.leg("mira").sid, placed.sid))


def token(desks: Office, placed: Placed) -> str:
    answer = desks.desk.token("mira", placed.id)
    assert isinstance(answer, Done), answer
    return answer.token


def redeemed(desks: Office, shown: str, **other: str) -> str:
    """What the company's back end is told over HTTP, signed as docs/backend.md says."""
    asked = {"token": shown, "customer": "C1", "action": "payout", "amount": "250.00 USD"} | other
    body, at, number, key = json.dumps(asked).encode(), str(int(time.time())), token_hex(8), token_hex(16)
    text = "\n".join(["v1", at, number, "POST", "/proofs/redeem", key, hashlib.sha256(body).hexdigest()])
    headers = {
        "Voicebot-Timestamp": at, "Voicebot-Request-Id": number, "Idempotency-Key": key, "Content-Type": "application/json",
        "Voicebot-Signature": "v1=" + hmac.new(COMPANY_SECRET.encode(), text.encode(), hashlib.sha256).hexdigest(),
    }  # fmt: skip
    answer = httpx.post(f"{desks.address}/proofs/redeem", content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["result"])


def ends_well(desks: Office, placed: Placed) -> None:
    """Mira ends the call, and nobody complained of anything in it."""
    desks.does(desks.desk.end("mira", placed.id))
    record = desks.ended(placed)
    assert (record.failures, record.frames_after_join) == ([], 0)


def test_a_pin_in_mid_call_the_token_counts_once_for_its_action_and_amount(desks: Office) -> None:
    placed = begun(desks, *VERIFIED, "wait:4", PIN)
    mira = desks.leg("mira").sid
    desks.until(lambda: not desks.hears_now(mira, placed.sid) and desks.leg("mira").heard[-1].recording)  # music
    assert proof(desks, placed).progress in (Progress.ASKED, Progress.CHECKING)
    comes_to(desks, placed, Progress.PASSED)
    together_again(desks, placed)
    assert desks.has(placed, "mira")
    shown = token(desks, placed)
    assert desks.desk.token("mira", placed.id) == Refused(Refusal.NO_TOKEN)
    for other in ({"amount": "250.01 USD"}, {"customer": "C2"}, {"action": "address"}):
        assert redeemed(desks, shown, **other) == "invalid"
    assert [redeemed(desks, shown), redeemed(desks, shown)] == ["valid", "invalid"]
    assert proof(desks, placed).progress is Progress.REDEEMED
    assert "493817" not in json.dumps(to_plain(card(desks.state(placed))))
    ends_well(desks, placed)


def test_while_the_caller_is_away_nobody_hears_them_and_no_tape_runs(desks: Office) -> None:
    placed = desks.talking(*VERIFIED, "wait:4", PIN, line=TAPED)
    tapes = next(leg.tapes for leg in desks.legs if leg.sid == placed.sid)
    desks.until(lambda: tapes and tapes[0].status == "in-progress")
    desks.does(desks.desk.listen("sofia", placed.id, supervises=True))
    desks.until(lambda: desks.rang("sofia") and desks.hears_now(desks.leg("sofia").sid, placed.sid))
    desks.does(desks.desk.step_up("mira", placed.id, "payout", "250.00", "pin"))
    both = [desks.leg(one).sid for one in ("mira", "sofia")]
    desks.until(lambda: not any(desks.hears_now(one, placed.sid) for one in both))
    desks.until(lambda: tapes[0].status == "paused")
    assert proof(desks, placed).progress is Progress.ASKED
    comes_to(desks, placed, Progress.PASSED)
    together_again(desks, placed)
    desks.until(lambda: tapes[0].status == "in-progress")
    ends_well(desks, placed)


def test_an_identified_caller_is_verified_by_it(desks: Office) -> None:
    placed = begun(desks, *KNOWN, PIN)
    comes_to(desks, placed, Progress.PASSED)
    assert desks.state(placed).assurance is Assurance.VERIFIED
    together_again(desks, placed)
    ends_well(desks, placed)


class App:
    """Ada's authenticator app. Each code is of a step that none before was of."""

    def __init__(self, desks: Office) -> None:
        self.seed, self.last = new_seed(), 0
        care = SqlCustomerCare(desks.house.store, ("account_number",))
        stored = CodeKeeper(desks.house.keyring).stored("C1", "code", self.seed)
        assert care.set_secret("C1", "code", stored, "test", desks.house.clock.now())

    def code(self) -> str:
        """One that is good now and for the half minute that the call takes."""
        return TOTP(self.seed, 6, SHA1(), 30, enforce_key_length=False).generate(int(time.time()) + 30).decode()  # noqa: S303


def test_a_code_of_an_authenticator_app_is_a_proof_and_no_proof_in_the_next_call(desks: Office) -> None:
    code = App(desks).code()
    placed = begun(desks, *VERIFIED, f"keys:{code}", by="code")
    comes_to(desks, placed, Progress.PASSED)
    together_again(desks, placed)
    assert redeemed(desks, token(desks, placed)) == "valid"
    ends_well(desks, placed)
    again = begun(desks, *VERIFIED, f"keys:{code}", by="code")
    comes_to(desks, again, Progress.AGAIN)
    assert proof(desks, again).wrong == 1
    desks.does(desks.desk.take_back("mira", again.id))
    comes_to(desks, again, Progress.ABANDONED)
    together_again(desks, again)
    ends_well(desks, again)


def test_wrong_three_times_is_seen_while_it_happens_and_is_a_failure(desks: Office) -> None:
    placed = begun(desks, *VERIFIED, WRONG, "wait:4", WRONG, "wait:4", WRONG)
    desks.until(lambda: proof(desks, placed).wrong in (1, 2))
    assert proof(desks, placed).progress in (Progress.AGAIN, Progress.CHECKING)
    comes_to(desks, placed, Progress.FAILED)
    assert (proof(desks, placed).wrong, proof(desks, placed).token) == (3, False)
    assert desks.desk.token("mira", placed.id) == Refused(Refusal.NO_TOKEN)
    together_again(desks, placed)
    assert desks.state(placed).assurance is Assurance.VERIFIED  # of before: nothing was proven, nothing disproven
    ends_well(desks, placed)


def test_the_caller_hangs_up_meanwhile(desks: Office) -> None:
    placed = begun(desks, *VERIFIED, "hangup")
    record = desks.ended(placed)
    assert record.failures == []
    assert (proof(desks, placed).progress, proof(desks, placed).why) == (Progress.ABANDONED, "the caller has left")
    assert desks.leg("mira").ended_at is not None
    assert desks.state(placed).ending is Ending.SERVED
    desks.until(lambda: not desks.floor().reservations)


def test_the_agents_leg_is_lost_meanwhile_and_the_caller_is_in_line_again_and_served(desks: Office) -> None:
    placed = begun(desks, *VERIFIED)
    desks.ready("mira", "jonas")
    desks.until(lambda: desks.leg("mira").heard[-1].recording)
    desks.hang_up(desks.leg("mira").sid)
    comes_to(desks, placed, Progress.ABANDONED)
    assert proof(desks, placed).why == "the agent has left"
    desks.until(lambda: desks.state(placed).stage is Stage.TRANSFER)
    desks.until(lambda: desks.has(placed, "jonas") or desks.has(placed, "mira"))
    desks.hang_up(placed.sid)
    assert desks.ended(placed).failures == []


def test_zero_leads_back_without_a_proof_and_the_next_one_may_pass(desks: Office) -> None:
    placed = begun(desks, *VERIFIED, "keys:0", PIN)
    comes_to(desks, placed, Progress.ABANDONED)
    together_again(desks, placed)
    desks.does(desks.desk.step_up("mira", placed.id, "payout", "300.00", "pin"))
    comes_to(desks, placed, Progress.PASSED)
    together_again(desks, placed)
    assert redeemed(desks, token(desks, placed), amount="300.00 USD") == "valid"
    ends_well(desks, placed)


@pytest.mark.parametrize("fate", ["429", "500", "unanswered"])
@pytest.mark.parametrize("request_", ["arrange", "push"])
def test_a_request_that_fails_is_made_again_and_both_come_together(desks: Office, request_: str, fate: str) -> None:
    before = ("push:well",) if request_ == "push" else ()  # the way into the room
    placed = begun(desks, *VERIFIED, PIN, faults=Faults(rest=(*before, f"{request_}:{fate}")))
    comes_to(desks, placed, Progress.PASSED)
    together_again(desks, placed)
    ends_well(desks, placed)


def test_what_happens_to_the_room_when_somebody_leaves_it_is_never_changed_while_they_are_on_hold(desks: Office) -> None:
    """The telephone company refuses that; here it would be among the failures. The room outlives the caller's being away."""
    placed = begun(desks, *VERIFIED, "wait:4", PIN)
    room = desks.twin.rooms[-1]
    agent = room.participants[desks.leg("mira").sid]
    desks.until(lambda: agent.held)
    assert agent.ends is False
    comes_to(desks, placed, Progress.PASSED)
    together_again(desks, placed)
    assert (agent.held, agent.ends, room.status) == (False, False, "in-progress")
    assert len({*desks.caller(placed).rooms}) == 1
    ends_well(desks, placed)


def test_no_pin_code_seed_or_token_is_in_a_file_a_log_or_on_the_card(desks: Office, capsys: pytest.CaptureFixture[str]) -> None:
    app = App(desks)
    code = app.code()
    placed = begun(desks, *VERIFIED, WRONG, f"keys:{code}", by="code")
    comes_to(desks, placed, Progress.PASSED)
    shown = token(desks, placed)
    assert redeemed(desks, shown) == "valid"
    together_again(desks, placed)
    ends_well(desks, placed)
    seed = app.seed.hex(), b32encode(app.seed).decode()
    secrets = {"a PIN": forms("493817"), "a wrong code": forms("918273"), "a code": forms(code)}
    secrets |= {"the seed": {"raw": app.seed, "hex": seed[0].encode(), "base32": seed[1].encode()}}
    secrets |= {"the token": {"signature": shown.rpartition(".")[2].encode()}}
    place = desks.house.settings.deployment.data
    assert (place / "voicebot.db-wal").exists()
    assert leaks(place, secrets) == []
    written = capsys.readouterr()
    card_shown = json.dumps(to_plain(card(desks.state(placed))))
    assert leaks([("log", (written.out + written.err).encode()), ("card", card_shown.encode())], secrets) == []
