"""Approvals that are under way: one for a customer, sealed with the call, gone on with by an outbox row."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from voicebot.dialogue.call import Call
from voicebot.ports.approvals import KeptApproval, Pending
from voicebot.ports.store import Effect, EffectKind
from voicebot.records.store import SqlStore

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LATER = NOON + timedelta(minutes=6)
MINE = KeptApproval("one", 1, "of-ada", "ping-1", 7, NOON, LATER)
GIVEN = {"auth_req_id": "canary-request", "subject": "canary-subject", "since": 1e9, "interval": 5.0, "failed": 2}
OPEN = replace(MINE, pending=Pending.OPEN, **GIVEN)


@pytest.fixture
def both(begun: Callable[[str], Call]) -> None:
    for call_id in ("one", "two"):
        begun(call_id)


@pytest.mark.usefixtures("both")
def test_a_customer_has_one_at_a_time(store: SqlStore) -> None:
    with store.transaction() as ledger:
        assert ledger.keep_approval(MINE)
        assert not ledger.keep_approval(replace(MINE, call_id="two"))
        assert ledger.keep_approval(replace(MINE, call_id="two", customer="of-ben", ping="ping-2"))
    with store.transaction() as ledger:
        assert ledger.drop_approval("one", 1)
        assert not ledger.drop_approval("one", 1)
        assert ledger.keep_approval(replace(MINE, call_id="two", number=2))


@pytest.mark.usefixtures("both")
def test_one_that_nobody_looks_at_any_more_stands_in_nobodys_way(store: SqlStore) -> None:
    with store.transaction() as ledger:
        ledger.keep_approval(MINE)
        later = replace(MINE, call_id="two", at=LATER + timedelta(seconds=1))
        assert ledger.keep_approval(later)
        assert ledger.approval("one", 1) is None


@pytest.mark.usefixtures("both")
def test_what_the_provider_gave_us_is_kept_and_found_by_call_and_by_ping(store: SqlStore) -> None:
    with store.transaction() as ledger:
        ledger.keep_approval(MINE)
        assert ledger.approval("one", 1) == MINE
        ledger.save_approval(OPEN)
    with store.reading() as ledger:
        assert ledger.approval("one", 1) == ledger.pinged_approval("ping-1") == OPEN
        assert ledger.approval("one", 2) is None
        assert ledger.pinged_approval("ping-2") is None
    assert "canary" not in repr(OPEN)


@pytest.mark.usefixtures("both")
def test_one_that_is_over_is_not_brought_back(store: SqlStore) -> None:
    with store.transaction() as ledger:
        ledger.save_approval(OPEN)
        assert ledger.approval("one", 1) is None


@pytest.mark.usefixtures("both")
def test_it_is_erased_with_its_call(store: SqlStore) -> None:
    with store.transaction() as ledger:
        ledger.keep_approval(OPEN)
    assert store.erase_call("one")
    with store.reading() as ledger:
        assert ledger.approval("one", 1) is None


@pytest.mark.usefixtures("both")
def test_an_effect_is_hastened_unless_somebody_is_at_it(store: SqlStore) -> None:
    with store.transaction() as ledger:
        effect = ledger.put_effect(Effect(EffectKind.APPROVE, "one", {"approval": 1}), NOON)
        ledger.retry_effect(effect.id, LATER)
        assert ledger.due_effects(NOON, 9) == []
        ledger.hasten_effect(effect.id, NOON)
        assert ledger.due_effects(NOON, 9) == [effect.id]
        ledger.lease_effects([effect.id], "me", NOON, LATER)
        ledger.hasten_effect(effect.id, NOON - timedelta(minutes=1))
        ledger.retry_effect(effect.id, LATER)
        assert ledger.due_effects(NOON, 9) == []
