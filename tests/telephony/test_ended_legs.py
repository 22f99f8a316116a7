"""Legs that were over before they arrived."""

from voicebot.telephony.ended_legs import EndedLegs


def test_a_leg_is_known_to_be_over_once_that_was_said() -> None:
    legs = EndedLegs()
    assert not legs.has("CA1")
    legs.note("CA1")
    legs.note("CA1")
    assert (legs.has("CA1"), legs.has("CA2")) == (True, False)


def test_the_oldest_are_forgotten() -> None:
    legs = EndedLegs(most=2)
    for leg in ("CA1", "CA2", "CA3"):
        legs.note(leg)
    assert [legs.has(leg) for leg in ("CA1", "CA2", "CA3")] == [False, True, True]
