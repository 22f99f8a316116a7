"""What every store keeps to, whichever database is under it: calls, documents, legs, snapshots, transactions."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from voicebot.dialogue.actions import Ask, Hangup, Join, KeyPlan, Say, StopListening, Verb, Wait
from voicebot.dialogue.call import Authenticating, Call, Stage, Tally, Waiting
from voicebot.dialogue.forms import LinePlan
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.spoken import Amount, Digits, Sounded, Words
from voicebot.dialogue.values import (
    Ani,
    AniStanding,
    Assurance,
    Customer,
    Evidence,
    Modality,
    Proof,
    Secret,
    Shape,
)
from voicebot.errors import StoreError, VersionConflict
from voicebot.keyring import Keyring
from voicebot.ports.store import Effect, EffectKind, Leg, LegRole
from voicebot.records.store import SqlStore, open_store

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
Begun = Callable[[str], Call]

VERBS: tuple[Verb, ...] = (
    Say("hello", args=(("name", Words("Ada")), ("due", Amount("12.50", "EUR")), ("queue", Sounded("queue.billing")))),
    Ask(3, (Say("account_number.ask", 2),), Shape.parse("digits:8"), KeyPlan(8), listen=True, phase=1, opens_stream=True),
    StopListening(1),
    Wait(4, 2, (Say("hold"),)),
    Join("room-1"),
    Say("digits", args=(("value", Digits("0420")),)),
    Hangup(),
)


def full(call: Call) -> Call:
    """A call with something in every part of its state."""
    return replace(
        call,
        stage=Stage.WAIT,
        ani=Ani(AniStanding.USABLE, "+4533124567"),
        started_at=NOON,
        assurance=Assurance.VERIFIED,
        customer=Customer("ref-7", "04201234", "Ada Marsh"),
        evidence=(Evidence(Proof.SECRET, "pin", NOON, Modality.KEYPAD, 2),),
        authenticating=Authenticating(position=1, tally=Tally(asks=2, rejected=1), denied=("04201233",), speech_won_at=NOON),
        waiting=Waiting(NOON, segment=3),
        verbs=VERBS,
    )


def test_a_call_comes_back_as_it_was_saved(store: SqlStore, begun: Begun) -> None:
    call = full(begun("c1"))
    with store.transaction() as ledger:
        kept = ledger.load_call("c1")
        assert kept is not None
        assert (kept.call.stage, kept.seq, kept.prompts) == (Stage.NEW, 0, "prompts-1")
        saved = ledger.save_call(kept, call)
    with store.reading() as ledger:
        again = ledger.load_call("c1")
    assert again == saved
    assert again is not None
    assert again.call == call


def test_an_unknown_call_is_none(store: SqlStore) -> None:
    with store.reading() as ledger:
        assert ledger.load_call("nobody") is None
        assert ledger.document("nobody", 1) is None
        assert ledger.leg("nobody") is None
        assert ledger.legs("nobody") == []
        assert ledger.journal("nobody") == []
        assert ledger.snapshot("nothing") is None


def test_a_call_opens_once(store: SqlStore, line: LinePlan, begun: Begun) -> None:
    begun("c1")
    with pytest.raises(VersionConflict), store.transaction() as ledger:
        ledger.open_call(Call("c1", line), Leg("CA-other", "c1", LegRole.CALLER), "prompts-1", NOON)
    with store.reading() as ledger:
        assert ledger.leg("CA-other") is None


def test_who_saves_second_has_to_load_again(store: SqlStore, begun: Begun) -> None:
    begun("c1")
    with store.reading() as ledger:
        kept = ledger.load_call("c1")
    assert kept is not None
    with store.transaction() as ledger:
        first = ledger.save_call(kept, replace(kept.call, turn=1))
    with pytest.raises(VersionConflict), store.transaction() as ledger:
        ledger.save_call(kept, replace(kept.call, turn=2))
    with store.transaction() as ledger:
        ledger.save_call(first, replace(first.call, turn=3))
    with store.reading() as ledger:
        again = ledger.load_call("c1")
    assert again is not None
    assert again.call.turn == 3


def test_a_call_is_never_saved_in_anothers_place(store: SqlStore, begun: Begun) -> None:
    begun("c1")
    other = begun("c2")
    with store.reading() as ledger:
        kept = ledger.load_call("c1")
    assert kept is not None
    with pytest.raises(StoreError), store.transaction() as ledger:
        ledger.save_call(kept, other)


def test_documents_are_numbered_and_stay(store: SqlStore, begun: Begun) -> None:
    begun("c1")
    with store.transaction() as ledger:
        kept = ledger.load_call("c1")
        assert kept is not None
        kept = ledger.next_document(kept, VERBS)
        kept = ledger.save_call(kept, replace(kept.call, turn=1))
        kept = ledger.next_document(kept, (Hangup(),))
        assert kept.seq == 2
    with store.reading() as ledger:
        assert ledger.document("c1", 1) == VERBS
        assert ledger.document("c1", 2) == (Hangup(),)
        assert ledger.document("c1", 3) is None
        again = ledger.load_call("c1")
    assert again is not None
    assert again.seq == 2


def test_a_document_number_is_given_once(store: SqlStore, begun: Begun) -> None:
    begun("c1")
    with store.transaction() as ledger:
        kept = ledger.load_call("c1")
        assert kept is not None
        ledger.next_document(kept, (Hangup(),))
    with pytest.raises(VersionConflict), store.transaction() as ledger:
        ledger.next_document(kept, (Join("late"),))
    with store.reading() as ledger:
        assert ledger.document("c1", 1) == (Hangup(),)


def test_legs_are_found_by_id_and_by_call_in_order(store: SqlStore, begun: Begun) -> None:
    begun("c1")
    agent = Leg("CA-agent", "c1", LegRole.AGENT, "r1")
    with store.transaction() as ledger:
        ledger.add_leg(agent)
        ledger.add_leg(agent)
    with store.reading() as ledger:
        assert ledger.leg("CA-agent") == agent
        assert ledger.legs("c1") == [Leg("CA-c1", "c1", LegRole.CALLER), agent]
    assert store.latest_call_of_leg("CA-agent") == "c1"
    assert store.latest_call_of_leg("CA-nobody") is None


def test_a_leg_belongs_to_one_call(store: SqlStore, begun: Begun) -> None:
    begun("c1")
    begun("c2")
    with pytest.raises(StoreError), store.transaction() as ledger:
        ledger.add_leg(Leg("CA-c1", "c2", LegRole.CALLER))


def test_a_line_plan_is_kept_once_and_outlives_its_change(store: SqlStore, url: str, keyring: Keyring, begun: Begun) -> None:
    first = begun("c1")
    begun("c2")
    changed = replace(first.line, greet_by_name=True)
    with store.transaction() as ledger:
        ledger.open_call(Call("c3", changed), Leg("CA-c3", "c3", LegRole.CALLER), "prompts-2", NOON)
    fresh = open_store(url, keyring)  # nothing remembered
    with fresh.reading() as ledger:
        plans = [kept.call.line for kept in map(ledger.load_call, ("c1", "c2", "c3")) if kept]
    fresh.close()
    assert plans == [first.line, first.line, changed]


def test_snapshots_are_kept_by_hash_and_the_same_again_is_no_error(store: SqlStore) -> None:
    with store.transaction() as ledger:
        ledger.put_snapshot("abc", b"\x00prompts")
        ledger.put_snapshot("abc", b"\x00prompts")
    with store.reading() as ledger:
        assert ledger.snapshot("abc") == b"\x00prompts"


def test_an_exception_leaves_no_trace(store: SqlStore, begun: Begun) -> None:
    begun("c1")

    def write_and_fail() -> None:
        with store.transaction() as ledger:
            ledger.put_snapshot("abc", b"x")
            ledger.note("c1", Note(Noted.ASKED), NOON)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    with store.reading() as ledger:
        assert ledger.snapshot("abc") is None
        assert ledger.journal("c1") == []


def test_reading_refuses_to_write(store: SqlStore, begun: Begun) -> None:
    begun("c1")
    with store.reading() as ledger:
        kept = ledger.load_call("c1")
        assert kept is not None
        for write in (
            lambda: ledger.save_call(kept, kept.call),
            lambda: ledger.put_snapshot("abc", b"x"),
            lambda: ledger.mark("k", NOON),
            lambda: ledger.wake_at("c1", "silence", NOON),
            lambda: ledger.claim("k", "boot", NOON, NOON),
        ):
            with pytest.raises(StoreError, match="reading"):
                write()


def test_reading_sees_one_moment_and_hinders_no_writer(store: SqlStore, begun: Begun) -> None:
    begun("c1")
    with store.reading() as before:
        kept = before.load_call("c1")
        assert kept is not None
        with store.transaction() as ledger:
            ledger.save_call(kept, replace(kept.call, turn=9))
        still = before.load_call("c1")
    assert still == kept
    with store.reading() as after:
        now = after.load_call("c1")
    assert now is not None
    assert now.call.turn == 9


def test_a_secret_has_no_way_into_the_store(store: SqlStore, begun: Begun) -> None:
    call = begun("c1")
    pin = Secret("493817")
    with store.transaction() as ledger:
        kept = ledger.load_call("c1")
        assert kept is not None
        for keep in (
            lambda: ledger.note("c1", Note(Noted.ENTERED, (("value", pin),)), NOON),  # type: ignore[arg-type]
            lambda: ledger.put_effect(Effect(EffectKind.PUSH, "c1", {"keys": pin}), NOON),
            lambda: ledger.put_effect(Effect(EffectKind.PUSH, "c1", {"all": [{"keys": pin}]}), NOON),
            lambda: ledger.save_call(kept, replace(call, reason=pin)),  # type: ignore[arg-type]
            lambda: ledger.next_document(kept, (Say("x", args=(("v", pin),)),)),  # type: ignore[arg-type]
        ):
            with pytest.raises(TypeError):
                keep()
    with store.transaction() as ledger:
        assert ledger.journal("c1") == []
        assert ledger.document("c1", 1) is None
        assert ledger.lease_effects(None, "boot", NOON, NOON) == []


def test_times_come_back_in_utc_whatever_zone_they_came_in(store: SqlStore, begun: Begun) -> None:
    begun("c1")
    copenhagen = datetime.fromisoformat("2026-03-02T13:00:00+01:00")
    with store.transaction() as ledger:
        ledger.note("c1", Note(Noted.ASKED), copenhagen)
    with store.reading() as ledger:
        entry = ledger.journal("c1")[0]
    assert entry.at == NOON
    assert entry.at.utcoffset() == timedelta(0)


def test_a_time_without_zone_is_refused(store: SqlStore) -> None:
    with pytest.raises(StoreError), store.transaction() as ledger:
        ledger.mark("k", datetime(2026, 3, 2))  # noqa: DTZ001 - the fault in question


def test_calls_that_have_not_ended_are_found_oldest_first_as_far_back_as_asked(store: SqlStore, line: LinePlan) -> None:
    for minute, call_id in enumerate(["a", "b", "c", "d"]):
        with store.transaction() as ledger:
            leg = Leg(f"CA-{call_id}", call_id, LegRole.CALLER)
            ledger.open_call(Call(call_id, line), leg, "p", NOON + timedelta(minutes=minute))
            if call_id == "c":
                kept = ledger.load_call("c")
                assert kept is not None
                ledger.save_call(kept, replace(kept.call, stage=Stage.ENDED))
    with store.reading() as ledger:
        assert ledger.open_calls(NOON) == ["a", "b", "d"]
        assert ledger.open_calls(NOON + timedelta(minutes=1)) == ["b", "d"]


def test_recent_calls_are_listed_newest_first(store: SqlStore, line: LinePlan) -> None:
    for minute, call_id in enumerate(["a", "b", "c"]):
        with store.transaction() as ledger:
            leg = Leg(f"CA-{call_id}", call_id, LegRole.CALLER)
            ledger.open_call(Call(call_id, line), leg, "p", NOON + timedelta(minutes=minute))
    listed = store.recent_calls(2)
    assert [(call.id, call.stage) for call in listed] == [("c", Stage.NEW), ("b", Stage.NEW)]
    assert listed[0].started_at == NOON + timedelta(minutes=2)
