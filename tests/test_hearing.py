"""What the ear is prepared for beforehand, every question that some line listens for and no other; and what it is asked then."""

from dataclasses import replace
from pathlib import Path

import pytest

from voicebot.config.settings import load_settings
from voicebot.dialogue.actions import Ask, KeyPlan
from voicebot.dialogue.approving import APPROVAL
from voicebot.dialogue.forms import FieldPlan, StepUpPlan
from voicebot.dialogue.values import Shape
from voicebot.hearing import listening_for, questions
from voicebot.switchboard import Turned

CODE = FieldPlan("code", Shape.parse("digits:7"), secret=True)
ASK = Ask(1, (), Shape.parse("digits:8"), KeyPlan(8), listen=True, phase=1, field="account_number")
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


@pytest.mark.parametrize(
    ("among", "asked", "name"), [(True, "digits:8", "account_number"), (False, "digits:8", ""), (True, "yesno:8", "")]
)
def test_a_number_is_heard_among_customers_where_its_field_says_so(
    project: Path, *, among: bool, asked: str, name: str
) -> None:
    plan = load_settings(project / "voicebot.toml", {}).company.lines["billing"].plan
    fields = tuple(replace(one, among_customers=among) for one in plan.identifiers)
    turned = Turned("call", 1, (), "", "en", replace(plan, identifiers=fields))
    listening = listening_for(turned, replace(ASK, shape=Shape.parse(asked)))
    assert listening is not None
    assert listening.among == name
