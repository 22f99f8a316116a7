"""A signature has no time, so a request may come again, from whomever: it gets what it got before, and nothing happens twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile.stage import LEG, Besieged, action
from tests.switchboard.house import ADA, question
from tests.telephony.stage import document, outline

PIN, WRONG = "493817", "111111"
TOKENS = [{"I-Twilio-Idempotency-Token": "one"}, {"I-Twilio-Idempotency-Token": "two"}, {}]


@pytest.fixture
def besieged(tmp_path: Path) -> Iterator[Besieged]:
    opened = Besieged(tmp_path)
    yield opened
    opened.close()


def again(besieged: Besieged, target: str, form: dict[str, str], first: str) -> None:
    """The same request as often as one likes, under the same token, others and none: the same answer, and no row changed."""
    before = besieged.written()
    for headers in [*TOKENS, *TOKENS]:
        besieged.house.clock.pass_seconds(0.5)
        answer = besieged.post(target, form, headers=headers)
        assert answer.status_code in (200, 204)
        assert answer.text == first
    assert besieged.written() == before


def test_an_arrival_again_is_the_same_call(besieged: Besieged) -> None:
    first = besieged.post("/voice/incoming", headers=TOKENS[0]).text
    again(besieged, "/voice/incoming", {}, first)


def test_every_entry_of_a_call_again_is_answered_as_before_even_long_after(besieged: Besieged) -> None:
    asked = besieged.rings()
    captured: list[tuple[str, dict[str, str], str]] = []
    for keys in ("99999999", ADA.identifier, WRONG, PIN):
        besieged.house.clock.pass_seconds(5)
        target, form = action(asked), {"Digits": keys, "FinishedOnKey": "#"}
        answer = besieged.post(target, form, headers=TOKENS[0]).text
        captured.append((target, form, answer))
        again(besieged, target, form, answer)
        asked = document(answer)
    for target, form, answer in captured:
        again(besieged, target, form, answer)
    besieged.post("/voice/status", {"CallStatus": "completed"})
    for target, form, answer in captured:
        again(besieged, target, form, answer)


def test_a_guess_again_is_one_guess(besieged: Besieged) -> None:
    asked = besieged.keys(besieged.rings(), ADA.identifier)
    target = action(asked)
    for _ in range(12):
        besieged.post(target, {"Digits": WRONG})
    assert besieged.house.crm.checks == 1
    call = besieged.house.switchboard.call_of_leg(LEG)
    assert call is not None
    entered = [facts for what, facts in besieged.house.journal(call) if what == "secret_result"]
    assert len(entered) == 1


def test_another_guess_at_a_turn_that_is_over_is_not_made(besieged: Besieged) -> None:
    """Signed, even, and under a token that was never seen."""
    asked = besieged.keys(besieged.rings(), ADA.identifier)
    first = besieged.post(action(asked), {"Digits": WRONG}).text
    before = besieged.written()
    for guess in ("222222", "333333", PIN):
        answer = besieged.post(action(asked), {"Digits": guess}, headers={"I-Twilio-Idempotency-Token": guess})
        assert answer.text == first
    assert besieged.house.crm.checks == 1
    assert besieged.written() == before


def test_the_end_again_is_the_end(besieged: Besieged) -> None:
    besieged.rings()
    form = {"CallStatus": "completed"}
    again(besieged, "/voice/status", form, besieged.post("/voice/status", form).text)


def test_what_an_agents_leg_said_again_changes_nothing_and_whispers_the_same(besieged: Besieged) -> None:
    reservation = besieged.in_line()
    said = [("answer", {}), ("status", {"CallStatus": "ringing"}), ("status", {"CallStatus": "in-progress"})]
    agent = {"CallSid": "CA" + "2" * 32, "Direction": "outbound-api"}
    for what, form in [*said, ("verdict", {"Digits": "1"}), ("left", {}), ("status", {"CallStatus": "completed"})]:
        target = besieged.agent(what, reservation)
        again(besieged, target, agent | form, besieged.post(target, agent | form).text)


def test_a_no_of_an_agent_again_does_not_turn_the_next_one_down(besieged: Besieged) -> None:
    reservation = besieged.in_line()
    target, form = besieged.agent("verdict", reservation), {"CallSid": "CA" + "2" * 32, "Digits": "2"}
    first = besieged.post(target, form).text
    assert len(besieged.house.carrier.wait_for("ring", 2)) == 2
    again(besieged, target, form, first)
    assert len(besieged.house.carrier.wait_for("ring", 2)) == 2


def test_a_document_again_is_the_same_document(besieged: Besieged) -> None:
    besieged.in_line()
    call = besieged.house.switchboard.call_of_leg(LEG)
    assert call is not None
    target = f"/voice/document/{call}/1/{besieged.house.keyring.token('voice.document', call, '1')}"
    first = besieged.post(target).text
    assert "Gather" in outline(document(first))
    again(besieged, target, {}, first)


def test_trouble_again_is_no_more_trouble(besieged: Besieged) -> None:
    failed = {"ErrorCode": "11205", "ErrorUrl": "https://voice.example.com" + action(besieged.rings())}
    again(besieged, "/voice/fallback", failed, besieged.post("/voice/fallback", failed).text)
    besieged.post("/voice/status", {"CallStatus": "completed"})
    again(besieged, "/voice/fallback", failed, besieged.post("/voice/fallback", failed).text)


def test_a_request_of_one_call_does_nothing_in_another(besieged: Besieged) -> None:
    """The leg that a request names is not whose turn it is: its address is."""
    asked = besieged.rings()
    other = "CA" + "3" * 32
    besieged.post("/voice/incoming", {"CallSid": other})
    besieged.keys(asked, ADA.identifier, CallSid=other)
    mine = besieged.house.switchboard.call_of_leg(LEG)
    theirs = besieged.house.switchboard.call_of_leg(other)
    assert mine is not None
    assert theirs is not None
    assert question(besieged.house.switchboard.document(theirs)).turn == 1
    assert question(besieged.house.switchboard.document(mine)).turn == 2


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("keys", [PIN, WRONG])
def test_however_often_each_request_comes_the_call_comes_to_the_same(besieged: Besieged, times: int, keys: str) -> None:
    def post(target: str, **form: str) -> str:
        answers = [besieged.post(target, form, headers=TOKENS[number]).text for number in range(times)]
        assert len(set(answers)) == 1
        besieged.house.clock.pass_seconds(5)
        return answers[0]

    asked = document(post("/voice/incoming"))
    for entry in (ADA.identifier, keys):
        asked = document(post(action(asked), Digits=entry))
    call = besieged.house.switchboard.call_of_leg(LEG)
    assert call is not None
    what = [what for what, _ in besieged.house.journal(call)]
    asked_for_pin = ["arrived", "identify_result", "asked", "entered", "identify_result", "assured", "asked"]
    assert what == [*asked_for_pin, "entered", "secret_result"] + (["assured", "queued"] if keys == PIN else ["asked"])
