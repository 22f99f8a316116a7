"""Looking for the few numbers that may have been said: few look-ups, none where they prove nothing, and no oracle."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.switchboard.house import ADA, LINE, HandClock, House, OneCustomer, open_house, question
from voicebot.dialogue.actions import Among, FindExisting
from voicebot.dialogue.events import EntrySpoken, ExistingFound
from voicebot.dialogue.forms import Grammar, Limits
from voicebot.dialogue.values import Ani, AniStanding, Hearing, Secret
from voicebot.ports.crm import Identified
from voicebot.ports.watch import Unwatched
from voicebot.switchboard import Turned
from voicebot.switchboard.carry_out import UNKNOWN_A_DAY
from voicebot.switchboard.errands import LONGEST_LOOK, ErrandRunner

ASKED = FindExisting(4, "account_number", ("40719239", "40719238", "40719237"), 10_000)
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SPOKEN = replace(
    LINE,
    grammar=Grammar("en", digits=tuple((word, str(digit)) for digit, word in enumerate(DIGITS))),
    identifiers=(replace(LINE.identifiers[0], customers=10_000),),
    limits=Limits(no_match=99, speech_failures=99, asks=99, max_attempts=99),
)


class Crowded(OneCustomer):
    """A table that has grown to so many."""

    def __init__(self, many: int) -> None:
        super().__init__()
        self.many = many

    def customers(self, by: str) -> int | None:
        del by
        return self.many


class Slow(OneCustomer):
    """Each look-up takes a second."""

    clock = HandClock()

    def identify(self, by: str, value: str, within: Among | None = None) -> Identified:
        self.clock.pass_seconds(1)
        return super().identify(by, value, within)


def runs(crm: OneCustomer, clock: HandClock | None = None) -> ExistingFound:
    outcome = ErrandRunner(crm, clock or HandClock(), Unwatched()).outcome(ASKED)
    assert isinstance(outcome, ExistingFound)
    assert outcome.errand == ASKED.errand
    return outcome


def test_each_is_looked_up_once() -> None:
    crm = OneCustomer()
    found = runs(crm)
    assert (found.looked, found.values, crm.looks) == (True, (ADA.identifier,), 3)


def test_a_back_end_that_is_down_is_asked_no_further() -> None:
    crm = OneCustomer(down=True)
    assert (runs(crm).looked, crm.looks) == (False, 1)


def test_nothing_is_looked_up_where_the_table_has_so_many_that_chance_finds_one() -> None:
    crm = Crowded(1_000_001)
    assert (runs(crm).looked, crm.looks) == (False, 0)
    crm = Crowded(400_000)
    assert (runs(crm).values, crm.looks) == ((ADA.identifier,), 2)  # the likeliest two


def test_a_companys_own_system_is_asked_for_three_at_most() -> None:
    crm, eight = OneCustomer(), tuple(f"4071923{last}" for last in "79654321")
    outcome = ErrandRunner(crm, HandClock(), Unwatched()).outcome(replace(ASKED, values=eight))
    assert crm.looks == 3
    crm = Crowded(10_000)
    ErrandRunner(crm, HandClock(), Unwatched()).outcome(replace(ASKED, values=eight))
    assert crm.looks == 8
    assert isinstance(outcome, ExistingFound)
    assert outcome.looked


def test_who_would_wait_long_had_better_be_asked() -> None:
    crm = Slow()
    assert LONGEST_LOOK.total_seconds() < 2
    assert (runs(crm, crm.clock).looked, crm.looks) == (False, 2)


def test_a_back_end_that_breaks_has_not_been_looked_in() -> None:
    class Broken(OneCustomer):
        def customers(self, by: str) -> int | None:
            raise RuntimeError(by)

    assert not runs(Broken()).looked


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = open_house(tmp_path, agents=(), line=SPOKEN, can_listen=True)
    yield opened
    opened.switchboard.close()
    opened.store.close()


def says(house: House, turned: Turned, number: str, *rivals: str) -> Turned:
    """A doubtful number."""
    first, *others = (Secret(" ".join(DIGITS[int(digit)] for digit in one)) for one in (number, *rivals))
    at = house.clock.pass_seconds(5)
    event = EntrySpoken(at, question(turned).turn, first, Hearing.CONFIRM, rivals=tuple(others))
    house.switchboard.handle(turned.call_id, event)
    assert house.switchboard.quiet(10)
    return house.switchboard.document(turned.call_id)


def test_the_one_that_exists_goes_on_to_the_secret_without_a_question(house: House) -> None:
    arrived = house.switchboard.arrive("CA1", LINE.dnis, Ani(AniStanding.USABLE, "+12025550177"))
    assert question(says(house, arrived, "40719239", ADA.identifier)).field == "pin"


def test_looking_in_vain_counts_as_an_unknown_identifier_and_is_not_done_beyond_that_limit(house: House) -> None:
    ani = Ani(AniStanding.USABLE, "+12025550177")
    for tries in range(UNKNOWN_A_DAY):
        turned = house.switchboard.arrive(f"CA{tries}", LINE.dnis, ani)
        turned = says(house, turned, f"9999999{tries}", f"8888888{tries}")
        assert question(turned).say[-1].prompt_id == "account_number.confirm"
    turned = house.switchboard.arrive("CA9", LINE.dnis, ani)
    looks = house.crm.looks
    turned = says(house, turned, "40719239", ADA.identifier)
    assert question(turned).say[-1].prompt_id == "account_number.confirm"
    assert house.crm.looks == looks
