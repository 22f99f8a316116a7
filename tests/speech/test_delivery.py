"""Whoever takes what was heard may stumble or be gone: the ear goes on."""

from datetime import UTC, datetime

from voicebot.dialogue.events import Event, SpeechLost
from voicebot.speech.delivery import Delivery

LOST = SpeechLost(datetime(2026, 1, 1, tzinfo=UTC), 1)


def test_what_was_heard_is_handed_on_although_an_earlier_taker_stumbled() -> None:
    taken: list[str] = []

    def take(call_id: str, _event: Event) -> None:
        taken.append(call_id)
        if call_id == "first":
            raise RuntimeError

    delivery = Delivery(take)
    for call_id in ("first", "second"):
        told = delivery.hand_on(call_id, LOST)
        assert told is not None
        told.result(5)
    delivery.close()
    assert taken == ["first", "second"]


def test_after_the_end_nobody_is_told() -> None:
    delivery = Delivery(lambda _call_id, _event: None)
    delivery.close()
    assert delivery.hand_on("call", LOST) is None
