"""Work that is still to be done: request claims, effects, due times, the floor. Each is taken by one runner at a time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from voicebot.dialogue.call import Call
from voicebot.errors import StoreError, VersionConflict
from voicebot.floor.values import Agent, Floor, Passed, Reservation, WorkItem, WorkKind
from voicebot.ports.store import ClaimState, DueRow, Effect, EffectKind, RequestClaim
from voicebot.records.schema import outbox
from voicebot.records.store import SqlStore

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SOON = NOON + timedelta(seconds=5)
LATER = NOON + timedelta(seconds=30)
Begun = Callable[[str], Call]


def claim(store: SqlStore, owner: str, now: datetime = NOON, deadline: datetime = SOON) -> RequestClaim:
    with store.transaction() as ledger:
        return ledger.claim("request-1", owner, now, deadline)


# ---- claims ----------------------------------------------------------------------------------------------------------


def test_a_request_is_one_owners_until_it_is_answered(store: SqlStore) -> None:
    assert claim(store, "boot-1") == RequestClaim(ClaimState.MINE)
    assert claim(store, "boot-1") == RequestClaim(ClaimState.BUSY)
    assert claim(store, "boot-2") == RequestClaim(ClaimState.BUSY)
    with store.transaction() as ledger:
        ledger.answer("request-1", "c1:4")
    assert claim(store, "boot-1") == RequestClaim(ClaimState.DONE, "c1:4")
    assert claim(store, "boot-2", LATER) == RequestClaim(ClaimState.DONE, "c1:4")


def test_a_late_claim_is_taken_over_once_even_by_its_owner(store: SqlStore) -> None:
    claim(store, "boot-1")
    assert claim(store, "boot-1", SOON, LATER) == RequestClaim(ClaimState.MINE, taken_over=True)
    assert claim(store, "boot-2", SOON, LATER) == RequestClaim(ClaimState.BUSY)


def test_a_claim_of_an_ended_boot_is_taken_over_at_once(store: SqlStore) -> None:
    store.begin_boot("boot-1", NOON)
    claim(store, "boot-1")
    assert claim(store, "boot-2") == RequestClaim(ClaimState.BUSY)
    store.end_boot("boot-1")
    assert claim(store, "boot-2") == RequestClaim(ClaimState.MINE, taken_over=True)


def test_a_claim_of_a_boot_unseen_for_ten_seconds_is_taken_over(store: SqlStore) -> None:
    store.begin_boot("boot-1", NOON)
    claim(store, "boot-1", deadline=NOON + timedelta(minutes=5))
    store.seen("boot-1", NOON + timedelta(seconds=8))
    assert claim(store, "boot-2", NOON + timedelta(seconds=18)).state is ClaimState.BUSY
    store.seen("boot-1", NOON)  # an old sighting does not make it older
    assert claim(store, "boot-2", NOON + timedelta(seconds=18)).state is ClaimState.BUSY
    assert claim(store, "boot-2", NOON + timedelta(seconds=19)) == RequestClaim(ClaimState.MINE, taken_over=True)


def test_the_first_answer_stays(store: SqlStore) -> None:
    claim(store, "boot-1")
    with store.transaction() as ledger:
        ledger.answer("request-1", "first")
        ledger.answer("request-1", "second")
    assert claim(store, "boot-1").answer == "first"


def test_an_answer_needs_a_claim(store: SqlStore) -> None:
    with pytest.raises(StoreError), store.transaction() as ledger:
        ledger.answer("nobody asked", "x")


# ---- effects ---------------------------------------------------------------------------------------------------------


def put(store: SqlStore, kind: EffectKind = EffectKind.PUSH, at: datetime = NOON, **about: object) -> Effect:
    with store.transaction() as ledger:
        return ledger.put_effect(Effect(kind, "c1", dict(about)), at)


def lease(store: SqlStore, ids: list[int] | None = None, now: datetime = NOON, limit: int = 20) -> list[Effect]:
    with store.transaction() as ledger:
        return ledger.lease_effects(ids, "boot-1", now, now + timedelta(seconds=5), limit)


def test_an_effect_is_leased_whole_and_once(store: SqlStore, begun: Begun) -> None:
    begun("c1")
    effect = put(store, EffectKind.RING, phone="+4533124567", reservation="r1", tries=[1, None, 2.5, True])
    assert effect.id > 0
    assert lease(store) == [effect]
    assert lease(store) == []


def test_an_effect_that_no_key_opens_waits_an_hour_and_keeps_no_other_waiting(store: SqlStore, begun: Begun) -> None:
    begun("c1")
    broken, sound = put(store), put(store)
    with store.writing() as books:
        books.write(update(outbox).where(outbox.c.id == broken.id).values(sealed=bytes(40)))
    assert lease(store, limit=1) == []
    assert lease(store, limit=1) == [sound]
    assert lease(store, now=LATER, limit=1) == [replace(sound, tries=1)]
    with store.reading() as ledger:
        assert ledger.due_effects(NOON + timedelta(hours=1), 10) == [broken.id, sound.id]


def test_a_lease_that_ran_out_is_taken_again(store: SqlStore, begun: Begun) -> None:
    begun("c1")
    effect = put(store)
    lease(store)
    assert lease(store, now=SOON - timedelta(microseconds=1)) == []
    assert lease(store, now=SOON) == [replace(effect, tries=1)]  # whoever held it may have done it
    assert lease(store, now=SOON + timedelta(seconds=5)) == [replace(effect, tries=2)]


def test_what_a_process_held_that_has_ended_is_free_at_once_and_counts_as_a_try(store: SqlStore, begun: Begun) -> None:
    begun("c1")
    store.begin_boot("boot-1", NOON)
    effect = put(store)
    lease(store)
    with store.transaction() as ledger:
        assert ledger.due_effects(NOON, 10) == ledger.lease_effects(None, "boot-2", NOON, SOON) == []
    store.end_boot("boot-1")
    with store.transaction() as ledger:
        assert ledger.due_effects(NOON, 10) == [effect.id]
        assert ledger.lease_effects(None, "boot-2", NOON, SOON) == [replace(effect, tries=1)]
        assert ledger.lease_effects(None, "boot-3", NOON, SOON) == []


def test_what_a_process_holds_that_was_not_seen_for_a_while_is_its_own_until_the_lease_runs_out(
    store: SqlStore, begun: Begun
) -> None:
    begun("c1")
    store.begin_boot("boot-1", NOON - timedelta(minutes=1))
    put(store)
    lease(store)
    with store.transaction() as ledger:
        assert ledger.lease_effects(None, "boot-2", NOON, SOON) == []


def test_what_is_due_can_be_looked_at_without_taking_it(store: SqlStore, begun: Begun) -> None:
    begun("c1")
    first, second, late = put(store), put(store), put(store, at=LATER)
    with store.reading() as ledger:
        assert ledger.due_effects(NOON, 10) == ledger.due_effects(NOON, 10) == [first.id, second.id]
        assert ledger.due_effects(NOON, 1) == [first.id]
    lease(store, [first.id])
    with store.reading() as ledger:
        assert ledger.due_effects(NOON, 10) == [second.id]
        assert ledger.due_effects(LATER, 10) == [first.id, second.id, late.id]


def test_effects_come_in_order_and_by_choice(store: SqlStore, begun: Begun) -> None:
    begun("c1")
    first, second, third = put(store), put(store, EffectKind.END_LEG), put(store)
    assert lease(store, []) == []
    assert lease(store, [third.id, first.id]) == [first, third]
    assert lease(store, limit=1) == [second]


def test_an_effect_is_not_taken_before_its_time(store: SqlStore, begun: Begun) -> None:
    begun("c1")
    put(store, at=LATER)
    assert lease(store, now=SOON) == []
    assert len(lease(store, now=LATER)) == 1


def test_a_retried_effect_comes_again_later_with_its_try_counted(store: SqlStore, begun: Begun) -> None:
    begun("c1")
    effect = put(store)
    lease(store)
    with store.transaction() as ledger:
        ledger.retry_effect(effect.id, LATER)
    assert lease(store, now=SOON) == []
    assert [found.tries for found in lease(store, now=LATER)] == [1]


def test_a_finished_effect_is_gone_and_its_number_is_not_used_again(store: SqlStore, begun: Begun) -> None:
    begun("c1")
    effect = put(store)
    with store.transaction() as ledger:
        ledger.finish_effect(effect.id)
    assert lease(store, now=LATER) == []
    assert put(store).id > effect.id


def test_an_effect_needs_its_call(store: SqlStore) -> None:
    with pytest.raises(StoreError):
        put(store)


def test_an_effect_of_no_call_is_kept_too(store: SqlStore) -> None:
    with store.transaction() as ledger:
        ledger.put_effect(Effect(EffectKind.END_LEG, "", {"leg": "CA9"}), NOON)
    assert [effect.about for effect in lease(store)] == [{"leg": "CA9"}]


# ---- due times -------------------------------------------------------------------------------------------------------


def due(store: SqlStore, now: datetime) -> list[DueRow]:
    with store.transaction() as ledger:
        return ledger.lease_due("boot-1", now, now + timedelta(seconds=5))


def test_times_come_when_they_are_due_earliest_first_and_once(store: SqlStore) -> None:
    with store.transaction() as ledger:
        ledger.wake_at("c1", "max_wait", SOON)
        ledger.wake_at("", "floor", NOON)
        ledger.wake_at("c1", "far", LATER)
    assert [(row.call_id, row.name) for row in due(store, SOON)] == [("", "floor"), ("c1", "max_wait")]
    assert due(store, SOON) == []


def test_a_lease_of_a_time_runs_out(store: SqlStore) -> None:
    with store.transaction() as ledger:
        ledger.wake_at("c1", "max_wait", NOON)
    first = due(store, NOON)
    assert due(store, SOON) == first


def test_a_time_that_an_ended_process_was_to_deliver_is_delivered_by_another_at_once(store: SqlStore) -> None:
    store.begin_boot("boot-1", NOON)
    with store.transaction() as ledger:
        ledger.wake_at("c1", "max_wait", NOON)
    first = due(store, NOON)
    store.end_boot("boot-1")
    with store.transaction() as ledger:
        assert ledger.has_due(NOON)
        assert ledger.lease_due("boot-2", NOON, SOON) == first
        assert not ledger.has_due(NOON)


def test_a_later_time_of_the_same_name_replaces_the_earlier(store: SqlStore) -> None:
    with store.transaction() as ledger:
        ledger.wake_at("c1", "max_wait", NOON)
        ledger.wake_at("c2", "max_wait", NOON)
        ledger.wake_at("c1", "max_wait", LATER)
    assert [row.call_id for row in due(store, SOON)] == ["c2"]
    assert [row.due_at for row in due(store, LATER) if row.call_id == "c1"] == [LATER]


def test_finishing_a_time_spares_the_one_that_replaced_it(store: SqlStore) -> None:
    with store.transaction() as ledger:
        ledger.wake_at("", "floor", NOON)
    delivered = due(store, NOON)[0]
    with store.transaction() as ledger:
        ledger.wake_at("", "floor", SOON)
        ledger.finish_due(delivered.id)
    assert [row.due_at for row in due(store, SOON)] == [SOON]


def test_an_ended_call_is_not_woken(store: SqlStore) -> None:
    with store.transaction() as ledger:
        ledger.wake_at("c1", "a", NOON)
        ledger.wake_at("c1", "b", NOON)
        ledger.wake_at("c2", "a", NOON)
        ledger.forget_wakes("c1")
    assert [row.call_id for row in due(store, NOON)] == ["c2"]


def test_a_finished_time_does_not_come_again(store: SqlStore) -> None:
    with store.transaction() as ledger:
        ledger.wake_at("c1", "a", NOON)
    for row in due(store, NOON):
        with store.transaction() as ledger:
            ledger.finish_due(row.id)
    assert due(store, LATER) == []


# ---- the floor -------------------------------------------------------------------------------------------------------

FLOOR = Floor(
    agents=(Agent("a1", "Bo", "+4533124567", ("billing",), ("da",), since=NOON),),
    items=(WorkItem("c1", WorkKind.CALL, "billing", NOON, passed=(Passed("a1", LATER),)),),
    reservations=(Reservation("r1", "c1", "billing", "a1", NOON, accepted=True),),
    made=1,
)


def test_the_floor_is_empty_at_first(store: SqlStore) -> None:
    with store.reading() as ledger:
        assert ledger.load_floor() == (Floor(), 0)


def test_the_floor_comes_back_as_it_was_saved(store: SqlStore) -> None:
    with store.transaction() as ledger:
        _, version = ledger.load_floor()
        ledger.save_floor(FLOOR, version)
        assert ledger.load_floor() == (FLOOR, version + 1)
    with store.reading() as ledger:
        assert ledger.load_floor() == (FLOOR, version + 1)


def test_who_saves_the_floor_second_has_to_load_again(store: SqlStore) -> None:
    with store.transaction() as ledger:
        ledger.save_floor(FLOOR, 0)
    with pytest.raises(VersionConflict), store.transaction() as ledger:
        ledger.save_floor(Floor(), 0)
    with store.reading() as ledger:
        assert ledger.load_floor() == (FLOOR, 1)
