"""Agents' ways in: what is set is found, what has ended is gone, and no two tries are the last one allowed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from tests.contracts.conftest import NOON
from voicebot.ports.accounts import Account, Accounts, How, SignIn, TryLimit
from voicebot.records.accounts import SqlAccounts
from voicebot.records.audit import Deed, SqlAudit
from voicebot.records.store import SqlStore

MINUTE = timedelta(minutes=1)


@pytest.fixture
def accounts(store: SqlStore) -> Accounts:
    return SqlAccounts(store)


def signed_in(number: int, agent: str = "mira", began_at: datetime = NOON) -> SignIn:
    return SignIn(f"s{number}", agent, How.PASSWORD, began_at, began_at)


def deeds(store: SqlStore) -> list[tuple[Deed, str]]:
    return [(row.deed, row.facts["agent"]) for row in reversed(SqlAudit(store).newest())]


# ---- passwords -----------------------------------------------------------------------------------------------------


def test_nobody_has_a_way_in_at_first(accounts: Accounts) -> None:
    assert accounts.accounts() == []
    assert accounts.password("mira") is None


def test_a_password_that_is_set_is_the_one_that_counts(accounts: Accounts, store: SqlStore) -> None:
    accounts.set_password("mira", "1:hash", "ada", NOON)
    accounts.set_password("mira", "1:other", "ada", NOON + MINUTE)
    assert accounts.password("mira") == "1:other"
    assert accounts.accounts() == [Account("mira", NOON + MINUTE)]
    assert deeds(store) == [(Deed.PASSWORD_SET, "mira")] * 2


def test_a_new_password_ends_every_sign_in_of_its_agent_and_of_nobody_else(accounts: Accounts) -> None:
    for one in (signed_in(1), signed_in(2), signed_in(3, "jonas")):
        accounts.begin(one)
    assert accounts.set_password("mira", "1:hash", "ada", NOON) == 2
    assert list(accounts.find(["s1", "s2", "s3"])) == ["s3"]


def test_a_hash_is_renewed_unless_the_password_was_changed_meanwhile(accounts: Accounts, store: SqlStore) -> None:
    accounts.set_password("mira", "1:old", "ada", NOON)
    accounts.keep_hash("mira", "2:new", "1:old")
    assert accounts.password("mira") == "2:new"
    accounts.keep_hash("mira", "2:newer", "1:old")
    assert accounts.password("mira") == "2:new"
    assert len(deeds(store)) == 1


# ---- tries ---------------------------------------------------------------------------------------------------------

LIMITS = (TryLimit("account", 3, 60), TryLimit("address", 5, 60))


def test_a_try_is_refused_where_any_limit_is_reached_and_then_counts_under_none(accounts: Accounts) -> None:
    assert [accounts.reserve_try(LIMITS, NOON) for _ in range(4)] == [True, True, True, False]
    other = (TryLimit("other", 3, 60), LIMITS[1])
    assert [accounts.reserve_try(other, NOON) for _ in range(3)] == [True, True, False]


def test_a_limit_passes_by_itself(accounts: Accounts) -> None:
    assert [accounts.reserve_try(LIMITS, NOON) for _ in range(4)][-1] is False
    assert accounts.reserve_try(LIMITS, NOON + timedelta(seconds=61))


def test_a_right_try_forgets_those_of_its_account_and_is_given_back_to_its_address(accounts: Accounts) -> None:
    for second in range(3):
        accounts.reserve_try(LIMITS, NOON + timedelta(seconds=second))
    accounts.settle_try(["account"], ["address"], NOON + timedelta(seconds=2))
    assert [accounts.reserve_try(LIMITS, NOON + timedelta(seconds=3)) for _ in range(4)] == [True, True, True, False]
    alone = (LIMITS[1],)
    assert accounts.reserve_try(alone, NOON + timedelta(seconds=3)) is False  # two wrong ones and three new ones


def test_of_many_tries_at_once_only_as_many_as_allowed_are_let_through(accounts: Accounts) -> None:
    with ThreadPoolExecutor(8) as pool:
        let_through = list(pool.map(lambda _: accounts.reserve_try(LIMITS[:1], NOON), range(24)))
    assert let_through.count(True) == 3


# ---- sign-ins ------------------------------------------------------------------------------------------------------


def test_a_sign_in_is_found_until_it_ends(accounts: Accounts) -> None:
    accounts.begin(signed_in(1))
    accounts.begin(signed_in(2))
    assert accounts.find(["s1", "s9"]) == {"s1": signed_in(1)}
    accounts.end("s1")
    accounts.end("s1")
    assert list(accounts.find(["s1", "s2"])) == ["s2"]
    assert accounts.find([]) == {}


def test_activity_only_goes_forward(accounts: Accounts) -> None:
    accounts.begin(signed_in(1))
    accounts.seen("s1", NOON + MINUTE)
    accounts.seen("s1", NOON)
    assert accounts.find(["s1"])["s1"].active_at == NOON + MINUTE


def test_signing_out_everywhere_is_recorded(accounts: Accounts, store: SqlStore) -> None:
    accounts.begin(signed_in(1))
    assert accounts.end_all("mira", "ada", NOON) == 1
    assert accounts.find(["s1"]) == {}
    assert deeds(store) == [(Deed.SIGNED_OUT, "mira")]


def test_what_either_time_has_ended_is_forgotten(accounts: Accounts) -> None:
    accounts.begin(signed_in(1))
    accounts.begin(signed_in(2))
    accounts.begin(signed_in(3, began_at=NOON - 60 * MINUTE))
    accounts.seen("s2", NOON + 10 * MINUTE)
    accounts.seen("s3", NOON + 10 * MINUTE)
    accounts.offer_link("l1", "mira", NOON)
    assert accounts.forget(began_before=NOON - MINUTE, active_before=NOON + MINUTE) == 3
    assert list(accounts.find(["s1", "s2", "s3"])) == ["s2"]


# ---- links and identities ------------------------------------------------------------------------------------------


def test_a_link_can_be_looked_at_and_is_used_once(accounts: Accounts) -> None:
    accounts.offer_link("l1", "mira", NOON + MINUTE)
    assert accounts.link("l1", NOON) == "mira"
    assert accounts.take_link("l1", NOON) == "mira"
    assert accounts.take_link("l1", NOON) is None
    assert accounts.link("l1", NOON) is None


def test_a_link_whose_time_is_over_is_nobodys(accounts: Accounts) -> None:
    accounts.offer_link("l1", "mira", NOON + MINUTE)
    assert accounts.link("l1", NOON + MINUTE) is None
    assert accounts.take_link("l1", NOON + MINUTE) is None


def test_of_many_who_take_a_link_at_once_one_gets_it(accounts: Accounts) -> None:
    accounts.offer_link("l1", "mira", NOON + MINUTE)
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: accounts.take_link("l1", NOON), range(16)))
    assert sorted(filter(None, taken)) == ["mira"]


def test_an_identity_is_one_agents(accounts: Accounts, store: SqlStore) -> None:
    assert accounts.linked("x") is None
    accounts.link_identity("x", "mira", "ada", NOON)
    accounts.link_identity("y", "mira", "ada", NOON)
    accounts.link_identity("x", "jonas", "ada", NOON)
    assert accounts.linked("x") == "jonas"
    assert accounts.accounts() == [Account("jonas", linked=1), Account("mira", linked=1)]
    assert deeds(store)[-1] == (Deed.IDENTITY_LINKED, "jonas")


def test_identities_that_are_unlinked_open_nothing_and_close_what_is_open(accounts: Accounts, store: SqlStore) -> None:
    accounts.link_identity("x", "mira", "ada", NOON)
    accounts.begin(signed_in(1))
    assert accounts.unlink_identities("mira", "ada", NOON) == 1
    assert accounts.linked("x") is None
    assert accounts.accounts() == []
    assert deeds(store)[-1] == (Deed.IDENTITIES_UNLINKED, "mira")
