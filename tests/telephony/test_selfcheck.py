"""The check address: it says what arrived to whoever asks, and that the gate is open to whoever signs."""

import pytest

from tests.telephony.stage import ACCOUNT, BASE, KEYS, Line
from voicebot.keyring import Keyring
from voicebot.telephony.selfcheck import ARRIVAL, SETTINGS, SIGNED

NONCE = "0123456789abcdef" * 2
TARGET = f"/voice/check/{NONCE}/a.b~c?one=1%2B2&two=a+b&empty="


def test_it_says_what_arrived_byte_by_byte_and_proves_who_it_is() -> None:
    answer = Line().client.get(TARGET)
    said = answer.get_json()
    assert answer.status_code == 200
    assert said["target"] == TARGET
    assert KEYS.token_fits(said["answer"], ARRIVAL, NONCE, TARGET)
    assert KEYS.token_fits(said["settings"], SETTINGS, NONCE, BASE, ACCOUNT)
    assert answer.headers["Cache-Control"] == "no-store"


def test_its_proof_is_worth_nothing_for_anything_else(tmp_path_factory: pytest.TempPathFactory) -> None:
    said = Line().client.get(TARGET).get_json()
    assert not KEYS.token_fits(said["answer"], ARRIVAL, "f" * 32, TARGET)
    assert not KEYS.token_fits(said["answer"], "voice.document", NONCE, TARGET)
    assert not KEYS.token_fits(said["settings"], SETTINGS, NONCE, BASE + "x", ACCOUNT)
    others = Keyring.open(tmp_path_factory.mktemp("others") / "keys")
    assert not others.token_fits(said["answer"], ARRIVAL, NONCE, TARGET)


@pytest.mark.parametrize("target", ["/voice/check/short/a", f"/voice/check/{'G' * 32}/a", f"/voice/check/{NONCE}/{'a' * 600}"])
def test_what_is_no_question_of_ours_is_not_answered(target: str) -> None:
    assert Line().client.get(target).status_code == 404


def test_only_a_signed_post_of_our_account_is_let_in_and_no_call_hears_of_it() -> None:
    line = Line()
    answer = line.post(TARGET, {"Text": "a + b"})
    assert answer.status_code == 200
    assert KEYS.token_fits(answer.get_json()["answer"], SIGNED, NONCE)
    assert line.post(TARGET, token="another-token-000").status_code == 403
    assert line.post(TARGET, {"AccountSid": "AC" + "9" * 32}).status_code == 403
    assert line.post("/voice/check/short/a").status_code == 404
    assert line.exchange.asked == []
