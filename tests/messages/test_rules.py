"""What may be written to whom by which way, and which words of theirs are for nobody."""

from datetime import UTC, datetime, timedelta

import pytest

from voicebot.config.messages import Way
from voicebot.messages.rules import Known, against, wish_of

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NEVER, JUST = Known(), Known(NOW - timedelta(hours=1))
LONG_AGO = Known(NOW - timedelta(hours=24))


@pytest.mark.parametrize(
    ("way", "known", "template", "why"),
    [
        (Way.SMS, NEVER, False, ""), (Way.POST, NEVER, False, ""),
        (Way.WHATSAPP, NEVER, False, "Choose a template"), (Way.WHATSAPP, NEVER, True, ""),
        (Way.WHATSAPP, LONG_AGO, False, "Choose a template"), (Way.WHATSAPP, JUST, False, ""),
        (Way.MESSENGER, NEVER, False, "answers only"), (Way.MESSENGER, NEVER, True, "answers only"),
        (Way.MESSENGER, LONG_AGO, False, "answers only"), (Way.MESSENGER, JUST, False, ""),
        (Way.SMS, Known(opted_out=True), False, "has written STOP"), (Way.WHATSAPP, Known(NOW, opted_out=True), True, "STOP"),
    ],
)  # fmt: skip
def test_the_ways_have_their_rules(way: Way, known: Known, template: bool, why: str) -> None:
    said = against(way, "Hello", known, NOW, template=template)
    assert why in (said or "")
    assert bool(said) is bool(why)


def test_a_text_is_neither_empty_nor_longer_than_the_carrier_takes() -> None:
    assert against(Way.SMS, " \n", NEVER, NOW) == "There is nothing in it."
    assert "1601" in (against(Way.SMS, "x" * 1601, NEVER, NOW) or "")


@pytest.mark.parametrize(
    ("text", "stopped", "wish"),
    [
        ("STOP", False, "stop"), (" stop. ", False, "stop"), ("Stop all", False, "stop"), ("arrêt", False, "stop"),
        ("수신거부", False, "stop"), ("Please stop calling me", False, ""), ("START", False, "start"), ("start!", True, "start"),
        ("yes", True, "start"), ("Yes", False, ""), ("HELP", False, "help"), ("hjælp", False, "help"), ("help me", False, ""),
        ("", False, ""),
    ],
)  # fmt: skip
def test_only_a_message_that_is_nothing_else_is_such_a_word(text: str, stopped: bool, wish: str) -> None:
    assert wish_of(text, opted_out=stopped) == wish
