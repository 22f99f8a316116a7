"""Only proof of this call raises assurance, and only here."""

import ast
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest

from tests.dialogue.conversation import ADA, BILLING, KNOWN_NUMBER, NOON, OPEN_BOOK, TWO_SECRETS, WITHHELD
from voicebot.dialogue.call import Call
from voicebot.dialogue.values import Ani, AniStanding, Assurance, Attestation, Evidence, Modality, Proof
from voicebot.dialogue.verification import (
    identified_by_ani,
    identified_by_entry,
    linked_by_agent,
    proven_together,
    secret_matched,
    worth_looking_up,
)
from voicebot.errors import ImpossibleEvent

PACKAGE = Path(__file__).resolve().parents[2] / "voicebot"
FRESH = Call("call-1", BILLING, ani=KNOWN_NUMBER)
KEYPAD = Modality.KEYPAD
ONLY_ONCE_IDENTIFIED = r"^a secret can verify only a caller who is identified and not yet verified$"
ENTRY = Evidence(Proof.IDENTIFIER, "account_number", NOON, KEYPAD)


def identified(call: Call = FRESH) -> Call:
    return identified_by_entry(call, ADA, ENTRY)


@pytest.mark.parametrize(
    ("standing", "attestation", "worth"),
    [
        (AniStanding.USABLE, Attestation.A, True),
        (AniStanding.USABLE, Attestation.NONE, True),
        (AniStanding.USABLE, Attestation.FAILED, False),
        (AniStanding.WITHHELD, Attestation.A, False),
        (AniStanding.BOGUS, Attestation.A, False),
    ],
)
def test_a_number_is_looked_up_if_it_is_usable_and_not_forged(
    standing: AniStanding, attestation: Attestation, worth: bool
) -> None:
    assert worth_looking_up(Ani(standing, "+12025550199", attestation)) is worth


def test_the_best_attested_number_makes_a_caller_identified_and_no_more() -> None:
    call = identified_by_ani(FRESH, ADA, NOON)
    assert (call.assurance, call.customer, call.identified_by) == (Assurance.IDENTIFIED, ADA, "ani")
    assert call.evidence == (Evidence(Proof.ANI, "ani", NOON, attestation=Attestation.A),)


@pytest.mark.parametrize("ani", [None, WITHHELD, Ani(AniStanding.USABLE, "+12025550199", Attestation.FAILED)])
def test_a_number_that_may_not_be_looked_up_cannot_identify(ani: Ani | None) -> None:
    with pytest.raises(ImpossibleEvent, match=r"^a calling number that may not be looked up cannot identify$"):
        identified_by_ani(replace(FRESH, ani=ani), ADA, NOON)


def test_whom_an_agent_names_is_identified_and_no_more() -> None:
    call = linked_by_agent(FRESH, ADA, "account_number", NOON)
    assert (call.assurance, call.customer, call.identified_by) == (Assurance.IDENTIFIED, ADA, "account_number")
    assert call.evidence == (Evidence(Proof.AGENT, "account_number", NOON),)


def test_an_agent_makes_nobody_somebody_else() -> None:
    with pytest.raises(ImpossibleEvent, match=r"^the caller of this call is identified already$"):
        linked_by_agent(identified(), ADA, "account_number", NOON)


def test_an_identifier_makes_a_caller_identified_even_on_a_line_without_secrets() -> None:
    assert identified(replace(FRESH, line=OPEN_BOOK)).assurance is Assurance.IDENTIFIED


@pytest.mark.parametrize("assurance", [Assurance.IDENTIFIED, Assurance.VERIFIED])
def test_nobody_becomes_somebody_else_in_mid_call(assurance: Assurance) -> None:
    with pytest.raises(ImpossibleEvent, match=r"^the caller of this call is identified already$"):
        identified(replace(FRESH, assurance=assurance))


def test_the_only_secret_verifies() -> None:
    call = secret_matched(identified(), "pin", KEYPAD, 2, NOON)
    assert call.assurance is Assurance.VERIFIED
    assert call.evidence[-1] == Evidence(Proof.SECRET, "pin", NOON, KEYPAD, 2)


def test_one_secret_of_two_does_not_verify() -> None:
    call = secret_matched(identified(replace(FRESH, line=TWO_SECRETS)), "pin", KEYPAD, 1, NOON)
    assert call.assurance is Assurance.IDENTIFIED
    assert secret_matched(call, "birth_year", KEYPAD, 1, NOON).assurance is Assurance.VERIFIED


def test_the_same_secret_twice_is_still_one_of_two() -> None:
    call = secret_matched(identified(replace(FRESH, line=TWO_SECRETS)), "pin", KEYPAD, 1, NOON)
    assert secret_matched(call, "pin", KEYPAD, 1, NOON).assurance is Assurance.IDENTIFIED


@pytest.mark.parametrize("assurance", [Assurance.NONE, Assurance.VERIFIED])
def test_a_secret_verifies_only_who_is_identified(assurance: Assurance) -> None:
    with pytest.raises(ImpossibleEvent, match=ONLY_ONCE_IDENTIFIED):
        secret_matched(replace(identified(), assurance=assurance), "pin", KEYPAD, 1, NOON)


def test_a_secret_of_nobody_verifies_nobody() -> None:
    with pytest.raises(ImpossibleEvent, match=ONLY_ONCE_IDENTIFIED):
        secret_matched(replace(identified(), customer=None), "pin", KEYPAD, 1, NOON)


def test_a_secret_of_another_line_verifies_nobody() -> None:
    with pytest.raises(ImpossibleEvent, match=r"^birth_year is no secret of this line$"):
        secret_matched(identified(), "birth_year", KEYPAD, 1, NOON)


def raises_assurance(source: str) -> list[str]:
    """Where a copy of something, or a new call, gets an assurance. Notes and whispers only read it."""
    return [
        ast.unparse(node)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith(("replace", "Call"))
        and any(keyword.arg == "assurance" for keyword in node.keywords)
    ]


def test_a_calls_assurance_cannot_be_set_in_place() -> None:
    with pytest.raises(FrozenInstanceError):
        FRESH.assurance = Assurance.VERIFIED  # type: ignore[misc]


def test_no_other_module_that_can_hold_a_call_raises_assurance() -> None:
    sources = {path: path.read_text("utf-8") for path in PACKAGE.rglob("*.py")}
    holders = {path for path, source in sources.items() if "dialogue.call" in source or "ports.store" in source}
    assert len(holders) > 10
    raising = {str(path.relative_to(PACKAGE)) for path in holders if raises_assurance(sources[path])}
    assert raising == {"dialogue/verification.py"}


def test_the_test_above_sees_what_it_looks_for() -> None:
    assert raises_assurance("call = replace(call, assurance=Assurance.VERIFIED)")
    assert raises_assurance("dataclasses.replace(call, turn=1, assurance=x)")
    assert raises_assurance("Call(id, line, assurance=x)")
    assert not raises_assurance("note(assurance=call.assurance)")


SECRET = Evidence(Proof.SECRET, "pin", NOON, KEYPAD, 2)


def test_number_and_secret_together_verify_in_one_step() -> None:
    call = proven_together(FRESH, ADA, ENTRY, SECRET)
    assert (call.assurance, call.evidence, call.identified_by) == (Assurance.VERIFIED, (ENTRY, SECRET), "account_number")


def test_together_they_do_not_spare_the_second_secret_of_a_line() -> None:
    assert proven_together(replace(FRESH, line=TWO_SECRETS), ADA, ENTRY, SECRET).assurance is Assurance.IDENTIFIED


def test_a_secret_of_another_line_proves_nothing_together_with_a_number_either() -> None:
    with pytest.raises(ImpossibleEvent):
        proven_together(FRESH, ADA, ENTRY, replace(SECRET, field="password"))


def test_a_secret_that_came_in_no_known_way_was_keyed() -> None:
    assert proven_together(FRESH, ADA, ENTRY, replace(SECRET, modality=None)).evidence[-1].modality is KEYPAD


@pytest.mark.parametrize("proof", [Proof.ANI, Proof.SECRET])
def test_only_an_identifier_identifies_by_entry(proof: Proof) -> None:
    with pytest.raises(ImpossibleEvent, match=r"^only an identifier identifies by entry$"):
        identified_by_entry(FRESH, ADA, replace(ENTRY, proof=proof))


def test_who_is_told_apart_among_the_customers_of_a_number_is_identified() -> None:
    assert identified_by_entry(FRESH, ADA, replace(ENTRY, within="ani")).evidence[-1].within == "ani"


@pytest.mark.parametrize("ani", [None, WITHHELD, Ani(AniStanding.USABLE, "+12025550199", Attestation.FAILED)])
def test_a_number_that_may_not_be_looked_up_narrows_nothing_down(ani: Ani | None) -> None:
    with pytest.raises(ImpossibleEvent, match=r"^a calling number that may not be looked up cannot narrow anything down$"):
        identified_by_entry(replace(FRESH, ani=ani), ADA, replace(ENTRY, within="ani"))
