"""The journal in people's words."""

import pytest

from tests.dialogue.conversation import KNOWN_NUMBER, SELF_SERVICE, Conversation
from voicebot.dialogue.notes import Noted
from voicebot.dialogue.story import sentence


@pytest.mark.parametrize("what", Noted)
def test_every_kind_of_row_has_its_sentence_even_without_its_facts(what: Noted) -> None:
    told = sentence(what.value, {})
    assert told != what.value
    assert told[0].isupper()
    assert "{" not in told


def test_a_row_says_its_facts() -> None:
    assert sentence("agent_accepted", {"agent": "Mira", "waited": 12.04}) == "Agent Mira accepted after 12.0 s in line."


def test_yes_and_no_are_said_as_words() -> None:
    assert sentence("muted", {"agent": "Mira", "muted": False}) == "Agent Mira is muted: no."
    assert sentence("approval", {"what": "who is calling", "progress": "open", "code": True, "wrong": 1}) == (
        "Approval in the customer's app, of who is calling: open (code keyed: yes, wrong codes: 1)."
    )


def test_a_fact_that_an_older_release_did_not_write_is_a_dash() -> None:
    assert sentence("agent_accepted", {"agent": "Mira"}) == "Agent Mira accepted after – s in line."


def test_a_row_of_a_newer_release_is_named_as_it_stands() -> None:
    assert sentence("teleported", {"to": "Mars"}) == "teleported"


def test_a_whole_call_tells_itself_without_its_secrets() -> None:
    talk = Conversation(SELF_SERVICE, KNOWN_NUMBER)
    talk.back_end.finds_nobody()
    talk.is_verified().back_end.tells(("balance", "12.50"))
    talk.caller.keys("0")
    talk.agent.turns_down()
    talk.agent.accepts()
    talk.agent.enters()
    talk.caller.enters()
    talk.agent.leaves()
    told = [sentence(note.what.value, dict(note.facts)) for note in talk.journal]
    assert told[0] == "The call arrived on line balance; calling number usable, attestation A."
    assert "The caller answered by keypad: complete •••••238" in told
    assert "The caller answered by keypad: complete •••" in told
    assert "The caller is now verified, by pin (entries: 1)." in told
    assert "Caller and agent Mira are connected." in told
    assert told[-1].startswith("The call ended: served, verified, after ")
    assert not any(canary in line for line in told for canary in ("493817", "40719238", "–"))
