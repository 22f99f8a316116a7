"""A fresh proof in mid-call, heard on the telephones: the caller alone with a question, the agent with music, then both again."""

import re
import subprocess
import sys
import time
from base64 import b32decode
from os import environ

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from tests.control.stage import ADAS_APP, IN_APP, Office, Placed
from voicebot.dialogue.call import Stage
from voicebot.dialogue.proving import Progress, StepUp
from voicebot.dialogue.refusals import Refusal
from voicebot.dialogue.values import Assurance, Ending
from voicebot.floor.values import AgentState
from voicebot.switchboard.answers import Done, Refused
from voicebot.switchboard.proofs import Redeemed

PIN, WRONG = "493817", "111111"
KNOWN = ("keys:40719238", "keys:0")  # Ada's number, and then an agent
DEED = ("payout", "250.00")
WORTH = ("C1", "payout", "250.00 USD")


def proving(desks: Office, *turns: str, proof: str = "pin") -> Placed:
    """Mira has the caller, and wants a fresh proof for a payout of 250 dollars."""
    placed = desks.talking(*KNOWN, *turns, line=IN_APP, app=ADAS_APP)
    desks.does(desks.desk.step_up("mira", placed.id, *DEED, proof))
    return placed


def proof(desks: Office, placed: Placed) -> StepUp:
    found = desks.state(placed).step_up
    assert found is not None
    return found


def comes_to(desks: Office, placed: Placed, progress: Progress) -> None:
    desks.until(lambda: proof(desks, placed).progress is progress)


def together(desks: Office, placed: Placed) -> None:
    """Caller and Mira hear each other."""
    agent = desks.leg("mira").sid
    desks.until(lambda: desks.hears_now(placed.sid, agent) and desks.hears_now(agent, placed.sid))


def token(desks: Office, placed: Placed) -> str:
    answer = desks.desk.token("mira", placed.id)
    assert isinstance(answer, Done)
    return answer.token


def spoken_to(desks: Office, placed: Placed) -> str:
    return " ".join(one.what for one in desks.caller(placed).heard)


@pytest.fixture(scope="module")
def seed(shared: Office) -> str:
    """Ada's authenticator app, set up as an operator does it."""
    deployment = shared.house.settings.deployment
    command = [sys.executable, "-m", "voicebot.cli", "customers", "totp", "C1", "code"]
    told = environ | {"VOICEBOT_CONFIG": str(shared.house.settings.root / "voicebot.toml"), "VOICEBOT_DATA": str(deployment.data)}
    told |= {"VOICEBOT_APPROVALS_SECRET": deployment.approvals_secret}
    shown = subprocess.run(command, env=told, check=True, capture_output=True, text=True).stdout
    found = re.search(r"secret=([A-Z2-7]+)", shown)
    assert found is not None
    return found[1]


def test_the_caller_keys_alone_the_agent_hears_music_and_both_are_together_again(desks: Office) -> None:
    placed = proving(desks, f"keys:{PIN}")
    agent = desks.leg("mira").sid
    desks.until(lambda: not desks.hears_now(agent, placed.sid))
    comes_to(desks, placed, Progress.PASSED)
    together(desks, placed)
    assert "Your agent cannot hear you now" in spoken_to(desks, placed)
    assert any(one.recording for one in desks.leg("mira").heard)  # the music
    assert PIN not in str(desks.leg("mira"))
    assert desks.state(placed).assurance is Assurance.VERIFIED  # the PIN is a secret of this line
    shown = token(desks, placed)
    redeem = desks.house.switchboard.proofs.redeem
    assert redeem(shown, "C1", "payout", "251.00 USD") is Redeemed.INVALID
    assert redeem(shown, *WORTH) is Redeemed.VALID
    assert redeem(shown, *WORTH) is Redeemed.INVALID
    desks.does(desks.desk.end("mira", placed.id))
    assert desks.ended(placed).failures == []


def test_a_code_of_an_authenticator_app_passes_once_over_all_calls(desks: Office, seed: str) -> None:
    app = TOTP(b32decode(seed), 6, SHA1(), 30, enforce_key_length=False)  # noqa: S303 - what RFC 6238 and all apps use
    code = app.generate(int(time.time())).decode()
    placed = proving(desks, f"keys:{code}", proof="code")
    comes_to(desks, placed, Progress.PASSED)
    assert desks.state(placed).assurance is Assurance.IDENTIFIED  # it is no secret of this line
    desks.hang_up(placed.sid)
    desks.ended(placed)
    again = proving(desks, f"keys:{code}", "keys:0", proof="code")
    comes_to(desks, again, Progress.ABANDONED)
    assert proof(desks, again).wrong == 1


def test_three_wrong_ones_fail_and_the_agent_has_the_caller_back(desks: Office) -> None:
    placed = proving(desks, *[f"keys:{WRONG}"] * 3)
    comes_to(desks, placed, Progress.FAILED)
    together(desks, placed)
    assert desks.state(placed).assurance is Assurance.IDENTIFIED
    assert desks.desk.token("mira", placed.id) == Refused(Refusal.NO_TOKEN)


def test_the_caller_may_go_back_without_it(desks: Office) -> None:
    placed = proving(desks, "keys:0")
    comes_to(desks, placed, Progress.ABANDONED)
    together(desks, placed)


def test_the_agent_may_take_the_caller_back(desks: Office) -> None:
    placed = proving(desks)
    desks.until(lambda: "Your agent cannot hear you now" in spoken_to(desks, placed))
    desks.does(desks.desk.take_back("mira", placed.id))
    comes_to(desks, placed, Progress.ABANDONED)
    together(desks, placed)


def test_a_caller_who_hangs_up_meanwhile_ends_it_for_the_agent_too(desks: Office) -> None:
    placed = proving(desks)
    desks.until(lambda: "Your agent cannot hear you now" in spoken_to(desks, placed))
    desks.hang_up(placed.sid)
    record = desks.ended(placed)
    assert record.failures == []
    assert all(leg.ended_at is not None for leg in record.legs)
    assert (proof(desks, placed).progress, desks.state(placed).ending) == (Progress.ABANDONED, Ending.SERVED)


def test_an_agent_who_is_lost_meanwhile_leaves_the_caller_in_line_at_the_old_place(desks: Office) -> None:
    placed = proving(desks)
    desks.until(lambda: "Your agent cannot hear you now" in spoken_to(desks, placed))
    waiting = desks.state(placed).waiting
    desks.ready("jonas")
    desks.hang_up(desks.leg("mira").sid)
    comes_to(desks, placed, Progress.ABANDONED)
    desks.until(lambda: desks.has(placed, "jonas"))
    after = desks.state(placed).waiting
    assert waiting is not None
    assert after is not None
    assert after.since == waiting.since
    assert desks.state(placed).stage is Stage.TRANSFER


def test_nobody_else_is_in_on_it(desks: Office) -> None:
    """A supervisor who listens hears nothing of it: the room has no caller in it."""
    placed = desks.talking(*KNOWN, f"keys:{PIN}", line=IN_APP)
    desks.does(desks.desk.listen("sofia", placed.id, supervises=True))
    desks.until(lambda: desks.rang("sofia") and desks.hears_now(desks.leg("sofia").sid, placed.sid))
    desks.does(desks.desk.step_up("mira", placed.id, *DEED, "pin"))
    desks.until(lambda: not desks.hears_now(desks.leg("sofia").sid, placed.sid))
    comes_to(desks, placed, Progress.PASSED)
    together(desks, placed)
    desks.until(lambda: desks.hears_now(desks.leg("sofia").sid, placed.sid))


def test_an_agent_is_reserved_for_nobody_else_meanwhile(desks: Office) -> None:
    placed = proving(desks)
    desks.until(lambda: "Your agent cannot hear you now" in spoken_to(desks, placed))
    assert next(one.state for one in desks.floor().agents if one.id == "mira") is AgentState.BUSY
