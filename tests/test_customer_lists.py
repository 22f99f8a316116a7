"""Which customers' numbers the ear is told, and when: few enough, as they are now, and none that were."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from voicebot.config.backend import BackEndKind
from voicebot.config.company import Company, Line
from voicebot.config.settings import load_settings
from voicebot.customer_lists import MOST_CUSTOMERS, CustomerLists
from voicebot.dialogue.values import Shape
from voicebot.errors import StoreUnavailable
from voicebot.ports.ear import Sayable


class Table:
    """Customers' numbers, all in one column."""

    def __init__(self, *numbers: str) -> None:
        self.numbers, self.broken, self.read = set(numbers), False, 0

    def stamp(self, _column: str, most: int) -> tuple[int, int]:
        return 1, min(most + 1, len(self.numbers))

    def values(self, _column: str) -> frozenset[str]:
        self.read += 1
        if self.broken:
            raise StoreUnavailable("gone")
        return frozenset(self.numbers)


class Pupil:
    """What the ear knows, and what it was told in order: how many numbers."""

    def __init__(self) -> None:
        self.told: list[int] = []
        self.knows: set[str] = set()
        self.asked: Sequence[Sayable] = ()

    def learn(self, among: str, questions: Sequence[Sayable], customers: Collection[str]) -> None:
        assert among == "account_number"
        self.told.append(len(customers))
        self.knows, self.asked = set(customers), questions


class House:
    def __init__(self, company: Company, table: Table) -> None:
        self.table, self.ear = table, Pupil()
        self.lists = CustomerLists(company, table, self.ear)

    def look(self) -> None:
        self.lists.look()
        self.lists.close()


@pytest.fixture
def company(project: Path) -> Company:
    return with_field(load_settings(project / "voicebot.toml", {}).company)


def with_field(company: Company, *, among: bool = True, listen: bool = True) -> Company:
    lines = {}
    for name, line in company.lines.items():
        fields = tuple(
            replace(one, among_customers=among and one.name == "account_number") for one in line.plan.identifiers
        )
        lines[name] = replace(line, plan=replace(line.plan, identifiers=fields, listen=listen))
    return replace(company, lines=lines)


@pytest.fixture
def house(company: Company) -> Iterator[House]:
    house = House(company, Table("40719238", "04201234", "123", "1234567x"))
    yield house
    house.lists.close()


def test_the_ear_is_told_what_can_be_said_once(house: House) -> None:
    house.look()
    house.look()
    assert house.ear.knows == {"40719238", "04201234"}
    assert {str(asked.shape) for asked in house.ear.asked} == {"digits:8"}
    assert (house.ear.told, house.table.read) == ([0, 2], 1)


def test_what_has_changed_is_forgotten_before_it_is_read_anew(house: House) -> None:
    house.look()
    house.table.numbers.remove("40719238")
    house.look()
    assert house.ear.told == [0, 2, 0, 1]
    house.table.numbers.clear()
    house.look()
    assert (house.ear.knows, house.table.read) == (set(), 2)


def test_a_table_that_cannot_be_read_is_read_at_the_next_look(house: House) -> None:
    house.table.broken = True
    house.look()
    assert house.ear.knows == set()
    house.table.broken = False
    house.look()
    assert len(house.ear.knows) == 2


def test_no_list_is_read_while_the_last_one_is(house: House) -> None:
    house.lists.look()
    house.lists.look()
    house.look()
    assert house.table.read == 1


def test_too_many_customers_are_not_even_read(company: Company) -> None:
    house = House(company, Table(*(f"{number:08}" for number in range(MOST_CUSTOMERS + 1))))
    house.look()
    assert (house.ear.told, house.table.read) == ([0], 0)


def test_nor_are_those_whom_chance_would_find(company: Company) -> None:
    check = {name: with_digits(line, "digits:3") for name, line in company.lines.items()}
    house = House(replace(company, lines=check), Table(*(f"{number:03}" for number in range(11))))
    house.look()
    assert (house.ear.told, house.table.read) == ([0], 0)


def with_digits(line: Line, shape: str) -> Line:
    fields = tuple(replace(one, shape=Shape.parse(shape)) for one in line.plan.identifiers)
    return replace(line, plan=replace(line.plan, identifiers=fields))


@pytest.mark.parametrize("why", ["no such field", "nobody listens", "a back end elsewhere"])
def test_nothing_is_looked_at_where_nobody_wants_it(company: Company, why: str) -> None:
    company = with_field(company, among=why != "no such field", listen=why != "nobody listens")
    if why == "a back end elsewhere":
        company = replace(company, back_end=replace(company.back_end, kind=BackEndKind.REST))
    house = House(company, Table("40719238"))
    house.look()
    assert (house.ear.told, house.table.read) == ([], 0)
