"""What an agent does at the desk in a scripted call, as it is written; and what is said where that is none."""

from pathlib import Path

import pytest

from voicebot.simulator.desk_deeds import DeskDeed, parse_deeds
from voicebot.simulator.scenario import load_scenario


@pytest.mark.parametrize(
    ("text", "deed"),
    [
        ("hold", DeskDeed("hold")),
        ("step_up:payout", DeskDeed("step_up", (("action", "payout"), ("amount", ""), ("proof", "")))),
        ("step_up:payout 250.00 pin", DeskDeed("step_up", (("action", "payout"), ("amount", "250.00"), ("proof", "pin")))),
        ("pay:12.50", DeskDeed("pay", (("amount", "12.50"),))),
        ("pay_again:expiry", DeskDeed("pay_again", (("piece", "expiry"),))),
        ("note:called about: rent", DeskDeed("note", (("text", "called about: rent"),))),
        ("until:passed", DeskDeed("until", (("state", "passed"),))),
        ("wait:2.5", DeskDeed("wait", (("seconds", "2.5"),))),
    ],
)
def test_a_deed_is_read_and_shown_as_it_is_written(text: str, deed: DeskDeed) -> None:
    assert DeskDeed.parse(text) == deed
    assert str(deed) == text


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "is nothing an agent does; known are hold, resume"),
        ("shout", "'shout' is nothing an agent does"),
        ("hold:now", "hold stands alone"),
        ("step_up", "step_up: takes action, amount, proof, not ''"),
        ("step_up:payout lots", "step_up: takes action, amount, proof, not 'payout lots'"),
        ("step_up:payout 1 pin more", "not 'payout 1 pin more'"),
        ("pay:-1", "pay: takes amount"),
        ("pay_again:name", "pay_again: takes piece"),
        ("wait:soon", "wait: takes seconds"),
        ("note:", "note: takes text"),
    ],
)
def test_what_is_no_deed_is_said_with_what_there_is(text: str, wrong: str) -> None:
    with pytest.raises(ValueError, match="deed 2: ") as told:
        parse_deeds(["hold", text])
    assert wrong in str(told.value)


def test_a_scenario_names_the_deed_that_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "one.toml"
    path.write_text('line = "+12025550110"\nfrom = "anonymous"\ndesk = ["hold", "shout"]\n')
    with pytest.raises(ValueError, match=r"one\.toml: desk: deed 2: 'shout'"):
        load_scenario(path)
