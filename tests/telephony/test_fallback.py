"""The documents that need nothing to be up."""

from tests.telephony.stage import document, outline, settings
from voicebot.telephony.fallback import agent_fallback, caller_fallback, nothing_more


def test_the_operators_number_is_dialled() -> None:
    root = document(caller_fallback("+12025550199", "en-GB", "Polly.Amy"))
    assert outline(root) == ["Say", "Dial", "Say", "Hangup"]
    assert root.findtext("Dial") == "+12025550199"
    assert (root[0].get("language"), root[0].get("voice")) == ("en-GB", "Polly.Amy")


def test_without_a_number_the_caller_is_told_and_not_left_in_the_air() -> None:
    assert outline(document(caller_fallback(""))) == ["Say", "Hangup"]


def test_an_agents_leg_hears_nothing_of_the_caller_and_ends() -> None:
    assert outline(document(agent_fallback(settings()))) == ["Say", "Hangup"]
    assert outline(document(nothing_more())) == ["Hangup"]
