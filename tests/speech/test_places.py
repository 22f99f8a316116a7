"""Where in one of a list's numbers one can be: exactly those numbers, and no more places than they need."""

from hypothesis import given
from hypothesis import strategies as st

from voicebot.speech.places import places_of_numbers

LISTS = st.integers(1, 6).flatmap(lambda digits: st.sets(st.text("0123456789", min_size=digits, max_size=digits), max_size=30))


@given(numbers=LISTS, other=st.text("0123456789", max_size=7))
def test_these_numbers_are_whole_and_no_others(numbers: set[str], other: str) -> None:
    places = places_of_numbers(numbers)
    assert all(places.after(places.start, number) in places.whole for number in numbers)
    assert (places.after(places.start, other) in places.whole) is (other in numbers)


@given(numbers=LISTS)
def test_from_every_place_a_whole_number_can_still_come_and_no_two_go_on_alike(numbers: set[str]) -> None:
    places = places_of_numbers(numbers)
    assert not numbers or all(further for place, further in places.ways.items() if place not in places.whole)
    assert len({tuple(sorted(further.items())) for further in places.ways.values()}) == len(places.ways)


def test_every_number_of_three_digits_takes_four_places() -> None:
    assert len(places_of_numbers([f"{number:03}" for number in range(1000)]).ways) == 4
