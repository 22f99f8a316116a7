"""Of a forgotten customer's payments, approvals, callbacks, invitations and messages nothing is in any byte either."""

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from pypdf import PdfReader
from sqlalchemy import LargeBinary, Table, or_, select

from tests.records.test_forgetting import LINE, NOON, OTHER, Place, place
from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.calling_back import BookedBy, Window
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.phrase import CallbackPhrase
from voicebot.dialogue.values import Customer
from voicebot.ports.approvals import KeptApproval, Pending
from voicebot.ports.callback_wishes import CallbackWish
from voicebot.ports.correspondence import Reply, ReplyState
from voicebot.ports.evaluations import Evaluation, Mark
from voicebot.ports.invitations import Invitation
from voicebot.ports.outgoing import Channel, OutMessage
from voicebot.ports.store import Effect, EffectKind
from voicebot.records.correspondence import SqlCorrespondence
from voicebot.records.evaluations import SqlEvaluations
from voicebot.records.forgetting import forget_customer
from voicebot.records.outgoing import SqlOutgoing
from voicebot.records.schema import (
    approvals,
    callback_phrases,
    callback_wishes,
    evaluation_marks,
    interactions,
    invitations,
    messages,
    outbox,
)

__all__ = ["place"]  # the fixture

WEEK = timedelta(days=7)
PHONES = {"C1": "+12015550123", "C2": "+12015550124"}
KEPT: tuple[Table, ...] = (approvals, callback_phrases, callback_wishes, invitations, messages, outbox, interactions)
HASHED = ("customer", "number", "person", "identifier", "ping")
CANARY = "canary"


def plants(place: Place, customer: str) -> tuple[str, ...]:
    """Everything that may be kept of somebody beside their row; gives the interactions and messages that hold it."""
    call, asked, phone = f"call-{customer}", f"asked-{customer}", PHONES[customer]
    name = f"{CANARY}-{customer}"
    place.takes(call, customer)
    who = Customer(customer, {"C1": "0420", "C2": "0421"}[customer], "Ada Marsh")
    with place.store.transaction() as ledger:
        paid = (("number", 1), ("way", "agent"), ("state", "paid"), ("last_four", "4242"), ("reference", f"charge-{name}"))
        ledger.note(call, Note(Noted.PAYMENT, paid), NOON)
        ledger.put_effect(Effect(EffectKind.PAY, call, {"session": f"session-{name}"}), NOON)
        approval = KeptApproval(call, 1, f"hash-{customer}", f"ping-{customer}", 7, NOON, NOON + WEEK)
        ledger.keep_approval(replace(approval, pending=Pending.OPEN, auth_req_id=f"request-{name}", subject=f"subject-{name}"))
        window = Window(NOON + WEEK, NOON + 2 * WEEK)
        wish = CallbackWish(call, "billing", phone, NOON, NOON, NOON + WEEK, subject=f"about-{name}", customer=customer)
        assert ledger.keep_wish(replace(wish, window=window))
        ledger.keep_phrase(call, CallbackPhrase(f"purple {name}"), NOON + WEEK)
        ledger.open_call(Call(asked, LINE, stage=Stage.ENDED, ended_at=NOON, customer=who), None, "prompts-1", NOON)
        invited = Invitation(
            asked, "invoice", "delivery", phone, f"reason-{name}", "en", "agent:ruth", NOON, NOON, NOON + WEEK, customer=customer
        )
        assert ledger.keep_invitation(invited)
        chosen = CallbackWish(asked, "delivery", phone, NOON, NOON, NOON, subject=f"chosen-{name}", booked_by=BookedBy.ALERT)
        assert ledger.keep_wish(chosen)
    outgoing = SqlOutgoing(place.store)
    notice = OutMessage(f"notice-{customer}", Channel.SMS, phone, "+15550100", f"notice-{name}", NOON, NOON, wish=call)
    letter = replace(notice, name=f"letter-{customer}", wish="", customer=customer, subject=f"subject-{name}", by="mira")
    assert outgoing.put(notice)
    assert outgoing.put(letter)
    SqlCorrespondence(place.store).arrived(
        Reply(f"SM-{customer}", Channel.SMS, phone, "+15550100", f"answer-{name}", NOON), ReplyState.NEW
    )
    mark = Mark("greeting", "Greeted?", 1, False, 4)
    assert SqlEvaluations(place.store).keep(Evaluation(call, 1, "Mira", "Vera", NOON, 80, (mark,), f"comment-{name}"))
    return call, asked, f"letter-{customer}", f"SM-{customer}"


def bytes_of(place: Place, keys: tuple[str, ...]) -> set[bytes]:
    """Ciphertexts, wrapped keys and keyed hashes of these interactions and messages, as they stand on disk."""
    found: set[bytes] = set()
    with place.store.viewing() as books:
        for table in KEPT:
            names = [one.name for one in table.c if isinstance(one.type, LargeBinary) or one.name in HASHED]
            of = [table.c[name].in_(keys) for name in ("call_id", "name", "sid") if name in table.c]
            rows = books.rows(select(table).where(or_(*of))).all()
            assert rows, table.name
            cells = [getattr(row, name) for row in rows for name in names]
            found |= {cell for cell in cells if isinstance(cell, bytes)}
            found |= {cell.encode() for cell in cells if isinstance(cell, str) and cell}
    return found


def outputs(place: Place) -> Iterator[bytes]:
    """Every report file as what it says, since a workbook and a PDF are packed."""
    for file in place.directory.iterdir():
        if file.suffix == ".xlsx":
            with zipfile.ZipFile(file) as book:
                yield from (book.read(name) for name in book.namelist())
        elif file.suffix == ".pdf":
            yield from (page.extract_text().encode() for page in PdfReader(file).pages)
        elif file.suffix == ".csv":
            yield file.read_bytes()


def test_payments_approvals_callbacks_invitations_and_messages_are_in_no_byte(place: Place) -> None:
    theirs_are, others_are = plants(place, "C1"), plants(place, "C2")
    place.store.checkpoint()
    theirs, others = bytes_of(place, theirs_are), bytes_of(place, others_are)
    before = place.on_disk()
    assert len(theirs - others) > 20
    assert [cell for cell in theirs | others if cell not in before] == []
    assert CANARY.encode() not in before  # not even before: all of it is sealed

    found = forget_customer(place.care, "C1", "ada", NOON)
    place.writes_reports()

    after = place.on_disk()
    assert (found.calls, found.live, found.on_disk) == (2, 0, True)
    assert [cell for cell in theirs - others if cell in after] == []
    assert [cell for cell in others if cell not in after] == []
    with place.store.viewing() as books:
        marks = books.rows(select(evaluation_marks.c.call_id)).all()
    assert [row.call_id for row in marks] == ["call-C2"]
    said = b"\n".join(outputs(place))
    assert b"Mira" in said  # an agent: what is there is found
    assert b"out_of_hours" in said
    for plain in (CANARY, "Ada Marsh", str(OTHER["name"]), *PHONES.values(), "4242"):
        assert plain.encode() not in said
        assert plain.encode() not in after


def test_what_was_sealed_can_be_found_where_it_is_not(place: Place) -> None:
    """The search finds what stands in plain words, in any file."""
    (place.directory / "planted.txt").write_text(f"reason-{CANARY}-C1")
    assert CANARY.encode() in place.on_disk()
