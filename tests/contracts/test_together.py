"""Several writers at once: nothing is lost, nothing is taken twice, and who comes second is told so."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from voicebot.dialogue.call import Call
from voicebot.dialogue.notes import Note, Noted
from voicebot.errors import VersionConflict
from voicebot.floor.values import Floor
from voicebot.keyring import Keyring
from voicebot.ports.store import ClaimState, Effect, EffectKind
from voicebot.records.store import SqlStore, open_store

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
WRITERS = 6
Begun = Callable[[str], Call]
T = TypeVar("T")


def at_once(work: Callable[[int], T]) -> list[T]:
    """Run the work in several threads that set off together."""
    start = threading.Barrier(WRITERS)

    def one(number: int) -> T:
        start.wait()
        return work(number)

    with ThreadPoolExecutor(WRITERS) as pool:
        return list(pool.map(one, range(WRITERS)))


def test_effects_are_leased_once_by_parallel_runners(store: SqlStore, begun: Begun) -> None:
    begun("c1")
    with store.transaction() as ledger:
        put = [ledger.put_effect(Effect(EffectKind.PUSH, "c1", {"seq": seq}), NOON).id for seq in range(60)]

    def run(number: int) -> list[int]:
        mine: list[int] = []
        while True:
            with store.transaction() as ledger:
                leased = ledger.lease_effects(None, f"boot-{number}", NOON, NOON + timedelta(seconds=5), limit=4)
            if not leased:
                return mine
            mine += [effect.id for effect in leased]

    taken = [effect for leased in at_once(run) for effect in leased]
    assert sorted(taken) == put


def test_due_times_are_leased_once_by_parallel_tickers(store: SqlStore) -> None:
    with store.transaction() as ledger:
        for number in range(40):
            ledger.wake_at(f"c{number}", "max_wait", NOON)

    def run(number: int) -> list[str]:
        mine: list[str] = []
        while True:
            with store.transaction() as ledger:
                leased = ledger.lease_due(f"boot-{number}", NOON, NOON + timedelta(seconds=5), limit=3)
            if not leased:
                return mine
            mine += [row.call_id for row in leased]

    taken = [call_id for leased in at_once(run) for call_id in leased]
    assert sorted(taken) == sorted(f"c{number}" for number in range(40))


def test_a_request_is_claimed_once(store: SqlStore) -> None:
    def run(number: int) -> list[ClaimState]:
        states = []
        for request in range(10):
            with store.transaction() as ledger:
                states.append(ledger.claim(f"r{request}", f"boot-{number}", NOON, NOON + timedelta(seconds=5)).state)
        return states

    for states in zip(*at_once(run), strict=True):
        assert sorted(states) == [ClaimState.BUSY] * (WRITERS - 1) + [ClaimState.MINE]


def test_no_turn_is_lost_between_writers_of_one_call(store: SqlStore, begun: Begun) -> None:
    begun("c1")

    def run(number: int) -> int:
        done = conflicts = 0
        while done < 5:
            with store.reading() as ledger:
                kept = ledger.load_call("c1")
            assert kept is not None
            try:
                with store.transaction() as ledger:
                    ledger.note("c1", Note(Noted.ASKED, (("by", number),)), NOON)
                    ledger.save_call(kept, replace(kept.call, turn=kept.call.turn + 1))
                done += 1
            except VersionConflict:
                conflicts += 1
        return conflicts

    conflicts = at_once(run)
    with store.reading() as ledger:
        kept = ledger.load_call("c1")
        entries = ledger.journal("c1")
    assert kept is not None
    assert kept.call.turn == len(entries) == 5 * WRITERS
    assert store.verify_chain("c1")
    assert sum(conflicts) > 0  # or nothing was at once


def test_no_change_of_the_floor_is_lost(store: SqlStore) -> None:
    def run(_number: int) -> None:
        for _ in range(5):
            with store.transaction() as ledger:
                floor, version = ledger.load_floor()
                ledger.save_floor(Floor(made=floor.made + 1), version)

    at_once(run)
    with store.reading() as ledger:
        assert ledger.load_floor() == (Floor(made=5 * WRITERS), 5 * WRITERS)


def test_no_failed_attempt_is_lost(store: SqlStore) -> None:
    def run(_number: int) -> None:
        for _ in range(5):
            with store.transaction() as ledger:
                standing = ledger.standing("hash")
                ledger.save_standing("hash", replace(standing, consecutive=standing.consecutive + 1))

    at_once(run)
    with store.reading() as ledger:
        assert ledger.standing("hash").consecutive == 5 * WRITERS


def test_crossing_locks_end_as_a_conflict_and_not_as_a_hang(store: SqlStore) -> None:
    turn = threading.Barrier(2, timeout=0.3)

    def run(accounts: tuple[str, str]) -> str:
        try:
            with store.transaction() as ledger:
                ledger.standing(accounts[0])
                with suppress(threading.BrokenBarrierError):  # one writer at a time: the other cannot come in
                    turn.wait()
                ledger.standing(accounts[1])
            return "done"
        except VersionConflict:
            return "conflict"

    with ThreadPoolExecutor(2) as pool:
        ends = list(pool.map(run, [("a", "b"), ("b", "a")]))
    assert "done" in ends


def test_two_openers_at_once_find_one_database(url: str, keyring: Keyring) -> None:
    stores = at_once(lambda _number: open_store(url, keyring))
    with stores[0].transaction() as ledger:
        ledger.save_floor(Floor(made=1), 0)
    with stores[-1].reading() as ledger:
        assert ledger.load_floor() == (Floor(made=1), 1)
    for store in stores:
        store.close()
