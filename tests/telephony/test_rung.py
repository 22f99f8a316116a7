"""Which legs we rang for what."""

from voicebot.telephony.rung import MOST_REMEMBERED, RungLegs


def test_a_leg_is_known_by_its_reservation() -> None:
    rung = RungLegs()
    rung.intend("r1", "+4533124567")
    assert (rung.leg("r1"), rung.phone("r1")) == (None, "+4533124567")
    rung.learn("r1", "CA1")
    assert (rung.leg("r1"), rung.is_taken("CA1"), rung.is_taken("CA2")) == ("CA1", True, False)


def test_nothing_is_learnt_from_a_request_without_a_leg() -> None:
    rung = RungLegs()
    rung.learn("r1", "")
    assert rung.leg("r1") is None


def test_the_oldest_are_forgotten() -> None:
    rung = RungLegs()
    for number in range(MOST_REMEMBERED + 1):
        rung.learn(f"r{number}", f"CA{number}")
    assert rung.leg("r0") is None
    assert rung.leg(f"r{MOST_REMEMBERED}") is not None
