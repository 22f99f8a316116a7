"""Scripts, scenario files and what robots make of them."""

from pathlib import Path
from typing import Any

import pytest

from voicebot.simulator.record import CallRecord, Failure, Heard, LegRecord
from voicebot.simulator.robot import Caller, Gathering, turn_number
from voicebot.simulator.scenario import Expect, check, load_scenario, run_scenario
from voicebot.simulator.script import Habit, Script, Turn, TurnKind, parse_habits, parse_turns
from voicebot.simulator.settings import StreamFault


@pytest.mark.parametrize(
    ("text", "turn"),
    [
        ("keys:12345678#", Turn(TurnKind.KEYS, "12345678#")),
        ("keys:1@wait", Turn(TurnKind.KEYS, "1", waiting=True)),
        ("keys:1@early", Turn(TurnKind.KEYS, "1", early=True)),
        ("audio:a b/c.wav", Turn(TurnKind.AUDIO, "a b/c.wav")),
        ("say:one two: three", Turn(TurnKind.SAY, "one two: three")),
        ("silence", Turn(TurnKind.SILENCE)),
        ("hangup", Turn(TurnKind.HANGUP)),
        ("hangup@wait", Turn(TurnKind.HANGUP, waiting=True)),
        ("wait:2.5", Turn(TurnKind.WAIT, seconds=2.5)),
    ],
)
def test_turns_are_read(text: str, turn: Turn) -> None:
    assert Turn.parse(text) == turn


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "is no turn"),
        ("press:1", "is no turn; a turn is keys:…"),
        ("keys", "needs something after the colon"),
        ("keys:12a", "0 to 9, \\* and # only"),
        ("audio:", "needs something"),
        ("silence:3", "stands alone"),
        ("hangup:now", "stands alone"),
        ("wait:long", "a number of seconds"),
        ("audio:x.wav@wait", "cannot be marked @wait"),
    ],
)
def test_a_wrong_turn_is_named_by_its_number_and_says_what_is_wrong(text: str, what: str) -> None:
    with pytest.raises(ValueError, match=f"turn 2: .*{what}"):
        parse_turns(["silence", text])


def test_habits_are_read_and_an_unknown_one_is_told_with_the_known() -> None:
    assert parse_habits(["accept", "none"]) == (Habit.ACCEPT, Habit.NONE)
    with pytest.raises(ValueError, match=r"'sleep' is nothing .* accept, decline, voicemail, busy, none"):
        parse_habits(["sleep"])


def test_habits_follow_the_ringing_or_the_number() -> None:
    in_order = Script("+1", "+2", agents=(Habit.BUSY, Habit.ACCEPT))
    assert [in_order.habit_of("+3", rung, 0) for rung in range(3)] == [Habit.BUSY, Habit.ACCEPT, Habit.ACCEPT]
    by_number = Script("+1", "+2", agents={"+3": (Habit.NONE, Habit.ACCEPT)})
    assert [by_number.habit_of("+3", 5, here) for here in range(2)] == [Habit.NONE, Habit.ACCEPT]
    assert by_number.habit_of("+4", 0, 0) is Habit.NONE


def test_who_hangs_up_is_the_agent_or_the_caller() -> None:
    with pytest.raises(ValueError, match="agent or caller"):
        Script("+1", "+2", hangs_up="nobody")


@pytest.mark.parametrize(
    ("path", "number"),
    [
        ("/voice/entry/c1/3-0/tok", 3),
        ("/voice/entry/123/4-2/987", 4),
        ("/entry/7", 7),
        ("/voice/waiting/c1/3/tok", None),
        ("/voice/document/c1/5/tok", None),
    ],
)
def test_a_questions_number_stands_in_its_path(path: str, number: int | None) -> None:
    assert turn_number(path) == number


def test_no_script_and_no_plan_shows_its_keys() -> None:
    script = Script.of("+15550100", "+15550199", ["keys:493817#"])
    plan = Caller(script, {}).plan(Gathering("/voice/entry/c/1-0/t", 1.0, 0.0))
    assert [press.key for press in plan.presses] == list("493817#")
    for shown in (repr(script), repr(plan)):
        assert "493817" not in shown
        assert "key=" not in shown


SCENARIO = """
line = "+15550100"
from = "+15550199"
turns = ["keys:0420"]
agents = {"+15550171" = ["busy", "accept"]}
stir = "TN-Validation-Passed-A"
patience = 9

[faults]
stream = "dropped"
stream_after = 7
lose_callbacks = ["completed"]

[expect]
assurance = "verified"
heard_contains = ["Thank you"]
heard_not_contains = ["0420"]
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "billing.toml"
    path.write_text(text)
    return path


def test_a_scenario_file_is_read(tmp_path: Path) -> None:
    scenario = load_scenario(written(tmp_path, SCENARIO))
    script, faults = scenario.script, scenario.script.faults
    assert (scenario.name, script.line, script.from_, script.patience) == ("billing", "+15550100", "+15550199", 9.0)
    assert script.turns == (Turn(TurnKind.KEYS, "0420"),)
    assert script.agents == {"+15550171": (Habit.BUSY, Habit.ACCEPT)}
    assert faults is not None
    assert (faults.stream, faults.stream_after, faults.loses("completed")) == (StreamFault.DROPPED, 7, True)
    assert scenario.expect == Expect(assurance="verified", heard_contains=("Thank you",), heard_not_contains=("0420",))


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (("line =", "lin ="), "billing.toml: lin: there is no such key; known are line, from"),
        (('line = "+15550100"', ""), "billing.toml: line: must be given"),
        (('["keys:0420"]', '["keys:x"]'), "billing.toml: turns: turn 1: keys: takes"),
        (('["busy", "accept"]', '["late"]'), "billing.toml: agents: 'late' is nothing"),
        (("patience = 9", 'patience = "9"'), "billing.toml: patience: must be a number"),
        (('stream = "dropped"', 'stream = "wet"'), "billing.toml: faults: stream: must be one of refused, dropped"),
        (("stream_after = 7", "after = 7"), "billing.toml: faults: after: there is no such key"),
        (("assurance =", "assured ="), "billing.toml: expect: assured: there is no such key"),
        (('["Thank you"]', "[1]"), "billing.toml: expect: heard_contains: must be a list of texts"),
        (("patience = 9", 'hangs_up = "both"'), "billing.toml: hangs_up is agent or caller"),
        (("patience = 9", "patience 9"), "billing.toml: "),
    ],
)
def test_a_wrong_scenario_file_is_named_with_the_key(tmp_path: Path, change: tuple[str, str], what: str) -> None:
    with pytest.raises(ValueError) as wrong:  # noqa: PT011  the text is looked at below
        load_scenario(written(tmp_path, SCENARIO.replace(*change)))
    assert str(wrong.value).startswith(what)


def record() -> CallRecord:
    caller = LegRecord("CA1", "+15550199", heard=[Heard(1.0, "Thank you"), Heard(2.0, "Goodbye")], ended_by="product")
    caller.failures.append(Failure(1.0, 12200, "<Say> has no attribute tone"))
    return CallRecord(caller)


def test_all_as_expected_is_no_word() -> None:
    expect = Expect(assurance="verified", heard_contains=("Good",), ended_by="product", agent_verdict="none", failures=("tone",))
    assert check(expect, record(), {"assurance": "verified"}) == []


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        (Expect(assurance="verified"), "assurance is 'none', not 'verified'"),
        (Expect(agent_verdict="accepted"), "agent_verdict is 'none', not 'accepted'"),
        (Expect(heard_contains=("Welcome",)), "the caller never heard 'Welcome'"),
        (Expect(heard_not_contains=("Thank",)), "the caller heard 'Thank'"),
        (Expect(whisper_contains=("verified",)), "the agent never heard 'verified'"),
        (Expect(), "failure 12200 <Say> has no attribute tone"),
        (Expect(failures=("other",)), "no failure tells of 'other'"),
    ],
)
def test_what_is_not_as_expected_is_said(expect: Expect, said: str) -> None:
    assert said in check(expect, record(), {"assurance": "none"})


def test_a_scenario_runs_over_the_twin_with_files_beside_it(tmp_path: Path, kit: Any) -> None:
    text = 'line = "+15550100"\nfrom = "+15550199"\nturns = ["keys:0420"]\n[expect]\nheard_contains = ["0420"]\n'
    scenario = load_scenario(written(tmp_path, text))
    action = "/voice/entry/c/1-0/t"
    answers = {
        "/voice/incoming": f'<Gather numDigits="4" action="{action}"/>',
        action: lambda came: f"<Say>{came.form['Digits']}</Say>",
    }

    async def run() -> list[str]:
        async with kit.twin(kit.Product(answers)) as twin:
            return check(scenario.expect, await run_scenario(twin, scenario))

    assert kit.run(run()) == []
    assert scenario.script.folder == tmp_path
