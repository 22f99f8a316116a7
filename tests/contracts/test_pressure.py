"""How full the database is: counted, and nothing that is sealed is opened."""

from collections.abc import Callable
from datetime import timedelta

from tests.contracts.test_callback_wishes import NOON, wish
from voicebot.dialogue.call import Call
from voicebot.ports.pressure import Arrears, Kept
from voicebot.ports.store import Effect, EffectKind
from voicebot.records.pressure import kept_now
from voicebot.records.store import SqlStore


def test_an_empty_database_has_nothing_overdue(store: SqlStore) -> None:
    assert kept_now(store, NOON) == Kept()


def test_calls_wishes_and_what_is_overdue(store: SqlStore, begun: Callable[[str], Call]) -> None:
    begun("one")
    begun("two")
    with store.transaction() as ledger:
        ledger.keep_wish(wish("one"))
        ledger.put_effect(Effect(EffectKind.PUSH, "one", {"leg": "CA1", "seq": 1}), NOON)
        ledger.put_effect(Effect(EffectKind.PUSH, "one", {"leg": "CA1", "seq": 2}), NOON - timedelta(seconds=5))
        ledger.wake_at("two", "patience", NOON - timedelta(seconds=3))
        ledger.wake_at("two", "later", NOON + timedelta(seconds=3))
    now = kept_now(store, NOON)
    assert sum(now.calls.values()) == 2
    assert now.wishes == 1
    assert now.effects == Arrears(2, 5.0)
    assert now.times == Arrears(1, 3.0)
