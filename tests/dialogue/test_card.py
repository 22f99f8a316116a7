"""A card says of a call what an agent needs, and nothing that an agent must not have."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from voicebot.dialogue.call import Authenticating, Call, Serving, Stage, Waiting
from voicebot.dialogue.card import Doing, Failed, Step, card, path
from voicebot.dialogue.codec import to_plain
from voicebot.dialogue.deeds import Target
from voicebot.dialogue.forms import Grammar, LinePlan, QueuePlan
from voicebot.dialogue.notes import Noted
from voicebot.dialogue.serving import Consult
from voicebot.dialogue.values import (
    Ani,
    AniStanding,
    Assurance,
    Attestation,
    Customer,
    Ending,
    Evidence,
    Modality,
    Party,
    Proof,
    Reason,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LINE = LinePlan("billing", "+12025550110", "en", "US", QueuePlan("accounts"), Grammar("en"))
PIN = Evidence(Proof.SECRET, "pin", NOON, Modality.KEYPAD, attempts=2)


def verified() -> Call:
    return Call(
        "c1",
        LINE,
        stage=Stage.WAIT,
        ani=Ani(AniStanding.USABLE, "+12025550171", Attestation.A),
        started_at=NOON,
        assurance=Assurance.VERIFIED,
        customer=Customer("k7", "40719238", "Ada Marsh"),
        evidence=(PIN,),
        failures=(("pin", 1),),
        waiting=Waiting(NOON),
    )


def test_a_new_call_is_nobody_s() -> None:
    shown = card(Call("c1", LINE))
    assert (shown.assurance, shown.identifier, shown.name, shown.number) == (Assurance.NONE, "", "", "")
    assert (shown.standing, shown.attestation) == (None, Attestation.NONE)
    assert (shown.doing, shown.agent, shown.waiting_since, shown.joined_at) == (Doing.AT_THE_LINE, "", None, None)


def test_a_verified_caller_is_named_with_the_proof() -> None:
    shown = card(verified())
    assert (shown.identifier, shown.name, shown.number) == ("40719238", "Ada Marsh", "+12025550171")
    assert shown.evidence == (PIN,)
    assert shown.failures == (Failed("pin", 1),)
    assert (shown.line, shown.queue, shown.language, shown.waiting_since) == ("billing", "accounts", "en", NOON)


def test_a_customer_without_a_name_has_an_identifier_still() -> None:
    assert card(replace(verified(), customer=Customer("k7", "40719238"))).name == ""


def test_a_withheld_number_is_no_number() -> None:
    shown = card(replace(verified(), ani=Ani(AniStanding.WITHHELD)))
    assert (shown.number, shown.standing) == ("", AniStanding.WITHHELD)


def test_why_a_caller_is_not_verified_is_not_said_of_one_who_is() -> None:
    assert card(replace(verified(), reason=Reason.ASKED_FOR_AGENT)).reason is None
    unsure = replace(verified(), assurance=Assurance.IDENTIFIED, reason=Reason.WRONG_SECRET)
    assert card(unsure).reason is Reason.WRONG_SECRET


def test_a_secret_that_proves_nothing_now_is_told_as_that() -> None:
    assert card(replace(verified(), authenticating=Authenticating(distrusted=True))).distrusted


@pytest.mark.parametrize(
    ("stage", "doing"),
    [
        (Stage.NEW, Doing.AT_THE_LINE),
        (Stage.AUTHENTICATE, Doing.AT_THE_LINE),
        (Stage.SELF_SERVICE, Doing.AT_THE_LINE),
        (Stage.WAIT, Doing.WAITING),
        (Stage.TRANSFER, Doing.CONNECTING),
        (Stage.SURVEY, Doing.SURVEYED),
        (Stage.HANDED_OVER, Doing.ELSEWHERE),
        (Stage.ENDED, Doing.ENDED),
    ],
)
def test_what_goes_on_is_told_for_every_stage(stage: Stage, doing: Doing) -> None:
    assert card(replace(verified(), stage=stage, ending=Ending.SERVED)).doing is doing


def test_they_talk_once_both_have_come_in() -> None:
    coming = Serving("c1.1", "Mira Holt", present=(Party.CALLER,))
    call = replace(verified(), stage=Stage.TRANSFER, serving=coming)
    assert (card(call).doing, card(call).agent) == (Doing.CONNECTING, "Mira Holt")
    together = replace(call, serving=replace(coming, joined_at=NOON))
    assert (card(together).doing, card(together).joined_at) == (Doing.TALKING, NOON)


@pytest.mark.parametrize(
    ("consult", "shown"),
    [
        (Consult("c1.2", Target(LINE.queue, "Accounts"), NOON, agent="Jun Park"), "Jun Park"),
        (Consult("c1.2", Target(LINE.queue, "Accounts"), NOON), "Accounts"),
    ],
)
def test_who_is_asked_for_help_is_named_by_the_queue_until_somebody_has_come(consult: Consult, shown: str) -> None:
    call = replace(verified(), stage=Stage.TRANSFER, serving=Serving("c1.1", "Mira Holt", consult=consult))
    assert card(call).consulting == shown


def test_the_path_is_told_in_sentences_without_the_machine_s_own_affairs() -> None:
    rows = [
        (NOON, "asked", {"prompt": "pin.ask", "turn": 3}),
        (NOON, "secret_result", {"field": "pin", "verdict": "matched"}),
        (NOON, "too_late", {"event": "NoInput"}),
    ]
    assert path(rows) == (Step(NOON, "The back end checked the pin: matched."),)
    assert len(path(rows, whole=True)) == len(rows)
    assert path([(NOON, "from a later release", {})])[0].told == "from a later release"


def test_a_card_can_be_sent_and_shows_nobody_in_a_log() -> None:
    shown = card(verified(), path([(NOON, Noted.ENTERED, {"modality": "keypad", "verdict": "complete", "value": "•••"})]))
    plain = to_plain(shown)
    assert (plain["assurance"], plain["name"], plain["evidence"][0]["field"]) == ("verified", "Ada Marsh", "pin")
    assert "Ada" not in repr(shown)
    assert "40719238" not in repr(shown)
    assert "5550171" not in repr(shown)
