"""Who is asked for a conversation is kept sealed, found when it is due, asked once by a campaign, and forgotten with its call."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update

from voicebot.dialogue.call import Call
from voicebot.ports.invitations import Invitation, InvitationState
from voicebot.records.schema import invitations
from voicebot.records.store import SqlStore

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
WEEK = timedelta(days=7)
NUMBER = "+12025550123"


def invitation(name: str, minutes: int = 0, campaign: str = "") -> Invitation:
    at = NOON + timedelta(minutes=minutes)
    by, until = "agent:ruth", at + WEEK
    return Invitation(name, "invoice", "billing", NUMBER, "Your contract", "en", by, NOON, at, until, campaign, "C-1")


def test_it_is_due_once_and_over_when_its_time_is(store: SqlStore, begun: Callable[[str], Call]) -> None:
    for name in ("soon", "later"):
        begun(name)
    soon, later = invitation("soon"), invitation("later", 5)
    with store.transaction() as ledger:
        assert ledger.keep_invitation(later)
        assert ledger.keep_invitation(soon)
        assert not ledger.keep_invitation(soon)
        assert ledger.due_invitations(NOON) == [soon]
        assert ledger.due_invitations(NOON + timedelta(minutes=5)) == [soon, later]
        assert ledger.open_invitation("billing", NUMBER) in (soon, later)
        assert ledger.open_invitation("delivery", NUMBER) is None
        assert ledger.move_invitation("soon", InvitationState.SENT, NOON)
        assert not ledger.move_invitation("soon", InvitationState.SENT, NOON)
        assert ledger.due_invitations(NOON + timedelta(minutes=5)) == [later]
        assert ledger.expired_invitations(NOON + WEEK) == ["soon"]
        assert ledger.due_invitations(NOON + 2 * WEEK) == []
        assert ledger.move_invitation("soon", InvitationState.AGREED, NOON)
        assert not ledger.move_invitation("soon", InvitationState.DECLINED, NOON)
        assert ledger.invitation("soon") == replace(soon, state=InvitationState.AGREED)
        assert ledger.invitation("nobody") is None


def test_one_that_no_key_opens_keeps_no_other_waiting(store: SqlStore, begun: Callable[[str], Call]) -> None:
    for name in ("damaged", "sound"):
        begun(name)
    sound, column = invitation("sound", 1), invitations.c
    with store.transaction() as ledger:
        assert ledger.keep_invitation(invitation("damaged"))
        assert ledger.keep_invitation(sound)
    with store.writing() as books:
        sealed = books.rows(select(column.sealed).where(column.call_id == "damaged")).one().sealed
        damaged = sealed[:-1] + bytes([sealed[-1] ^ 1])
        books.write(update(invitations).where(column.call_id == "damaged").values(sealed=damaged))
    with store.reading() as ledger:
        assert ledger.due_invitations(NOON + WEEK / 2, 1) == [sound]
        assert ledger.expired_invitations(NOON + WEEK) == ["damaged"]  # over in its time, as any other


def test_a_campaign_asks_a_number_once_and_single_ones_do_not_count(store: SqlStore, begun: Callable[[str], Call]) -> None:
    for name in ("first", "second", "single", "other"):
        begun(name)
    with store.transaction() as ledger:
        assert ledger.last_of_campaign("spring") is None
        assert ledger.keep_invitation(invitation("first", 3, "spring"))
        assert not ledger.keep_invitation(invitation("second", 4, "spring"))
        assert ledger.keep_invitation(invitation("single"))
        assert ledger.keep_invitation(invitation("other"))
        assert ledger.was_invited("spring", NUMBER)
        assert not ledger.was_invited("autumn", NUMBER)
        assert ledger.last_of_campaign("spring") == NOON + timedelta(minutes=3)


def test_it_is_forgotten_with_its_call_and_in_no_repr(store: SqlStore, begun: Callable[[str], Call]) -> None:
    begun("soon")
    with store.transaction() as ledger:
        ledger.keep_invitation(invitation("soon"))
        assert NUMBER not in repr(ledger.newest_invitations())
    store.erase_call("soon")
    with store.reading() as ledger:
        [left] = ledger.newest_invitations()
    assert (left.number, left.reason, left.customer, left.subject) == ("", "", "", "invoice")
