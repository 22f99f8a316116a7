"""Prompt ids and their arguments."""

from dataclasses import replace

import pytest

from tests.dialogue.conversation import ADA, BILLING, PHONE_NUMBER, PIN
from voicebot.dialogue.actions import Say
from voicebot.dialogue.call import Call
from voicebot.dialogue.forms import Detail
from voicebot.dialogue.prompts import detail_prompt, field_prompt, spoken_name
from voicebot.dialogue.spoken import (
    Amount,
    Day,
    Digits,
    Spoken,
    Words,
)
from voicebot.dialogue.values import Customer


def test_a_fields_prompt_stands_under_its_name() -> None:
    assert field_prompt(PIN, "rejected", 2) == Say("pin.rejected", 2)


def test_a_prompt_of_a_field_of_a_kind_can_be_the_general_one_of_that_kind() -> None:
    assert field_prompt(PHONE_NUMBER, "ask") == Say("phone_number.ask", general="phone")


@pytest.mark.parametrize(
    ("kind", "spoken"),
    [("amount", Amount("1", "EUR")), ("day", Day("1")), ("digits", Digits("1")), ("words", Words("1")), ("other", Words("1"))],
)
def test_a_detail_is_spoken_in_its_kind(kind: str, spoken: Spoken) -> None:
    detail = Detail("balance", kind, currency="EUR")
    assert detail_prompt(detail, "1") == Say("self_service.balance", args=(("value", spoken),))


def test_a_name_is_spoken_where_the_back_end_has_one() -> None:
    call = Call("call-1", BILLING)
    assert spoken_name(call) is None
    assert spoken_name(replace(call, customer=Customer("r", "1"))) is None
    assert spoken_name(replace(call, customer=ADA)) == Say("verified_by_name", args=(("name", Words("Ada Marsh")),))
