"""What the ear is prepared for beforehand: every question that some line listens for, and no other."""

from dataclasses import replace
from pathlib import Path

import pytest

from voicebot.config.settings import load_settings
from voicebot.dialogue.approving import APPROVAL
from voicebot.dialogue.forms import FieldPlan, StepUpPlan
from voicebot.dialogue.values import Shape
from voicebot.hearing import questions

CODE = FieldPlan("code", Shape.parse("digits:7"), secret=True)
IN_APP = FieldPlan(APPROVAL, Shape.parse("digits:9"), secret=True)


@pytest.mark.parametrize(
    ("listens", "speech", "warm"), [(True, True, True), (True, False, False), (False, True, False)]
)  # fmt: skip
def test_a_proof_in_mid_call_that_may_be_said_is_known_beforehand(
    project: Path, *, listens: bool, speech: bool, warm: bool
) -> None:
    company = load_settings(project / "voicebot.toml", {}).company
    line = company.lines["billing"]
    plan = replace(line.plan, listen=listens, step_ups=(StepUpPlan("payout", (CODE, IN_APP), speech=speech),))
    shapes = {one.shape for one in questions(replace(company, lines={"billing": replace(line, plan=plan)}))}
    assert (CODE.shape in shapes, IN_APP.shape in shapes) == (warm, False)
    assert (Shape.parse("yesno") in shapes) is listens
    assert ({Shape.parse("yesno:8"), Shape.parse("digits:8")} <= shapes) is listens
