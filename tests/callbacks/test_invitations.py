"""Customers are asked for a conversation, once, within limits and not against their will; they choose, and it is a callback."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import pytest
from werkzeug.test import TestResponse

from tests.callbacks.stage import NUMBER, OTHER, Stage, Visitor
from tests.callbacks.test_page import PHRASE, SLOT, errors
from voicebot.callbacks.campaign import Done, Paced, faults, read_list, run
from voicebot.dialogue.actions import SettleWish
from voicebot.dialogue.calling_back import WishResult
from voicebot.dialogue.values import Customer
from voicebot.errors import ImportRefused
from voicebot.ports.invitations import Invitation, InvitationState
from voicebot.ports.outgoing import Channel, OutMessage
from voicebot.records.outgoing import SqlOutgoing
from voicebot.switchboard import invitations
from voicebot.switchboard.inviting import Invite, Invited
from voicebot.switchboard.wanted import Faults, Limited

REASON = "Your contract ends in May"


class Outbox:
    """What would be sent: a name once."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.sent: dict[str, str] = {}

    def send(self, invitation: Invitation, now: datetime) -> bool:
        del now
        self.sent.setdefault(invitation.id, self._stage.invited.to(invitation.id))
        return True

    def empty(self) -> int:
        return self._stage.invitations.send_due(self.send)


@pytest.fixture
def outbox(stage: Stage) -> Outbox:
    return Outbox(stage)


def asked(stage: Stage, number: str = NUMBER, **more: str) -> Invited | Faults | Limited:
    invite = Invite("invoice", number, REASON, customer=Customer("C-1", "40719238", "Ada Marsh"))
    return stage.invitations.do(lambda desk: desk.invite(invite, "agent:ruth", **more))  # type: ignore[arg-type]


def link(stage: Stage, outbox: Outbox) -> str:
    """To the one that was asked."""
    assert isinstance(asked(stage), Invited)
    assert outbox.empty() == 1
    [path] = outbox.sent.values()
    return path


def state(stage: Stage) -> InvitationState:
    return stage.invitations.newest()[0].state


# ---- asking ----------------------------------------------------------------------------------------------------------


def test_a_customer_is_asked_once_and_sent_one_message_whatever_happens_in_between(stage: Stage, outbox: Outbox) -> None:
    first = asked(stage)
    assert isinstance(first, Invited)
    assert asked(stage) == Invited(first.invitation, merged=True)
    assert outbox.empty() == 1
    assert outbox.empty() == 0
    assert state(stage) is InvitationState.SENT
    with stage.house.store.reading() as ledger:
        assert first.invitation is not None
        assert [entry.facts["what"] for entry in ledger.journal(first.invitation.id)] == ["proposed"]


def test_a_crash_between_outbox_and_note_sends_none_twice(stage: Stage, outbox: Outbox) -> None:
    asked(stage)

    def crash(invitation: Invitation, now: datetime) -> bool:
        outbox.send(invitation, now)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stage.invitations.send_due(crash)
    assert outbox.empty() == 1
    assert len(outbox.sent) == 1


def test_who_wants_no_messages_is_not_asked_also_if_they_say_so_before_it_is_sent(stage: Stage, outbox: Outbox) -> None:
    stage.unwanted.add(OTHER)
    refused = asked(stage, OTHER)
    assert isinstance(refused, Faults)
    assert [one.why.value for one in refused.found] == ["opted_out"]
    asked(stage)
    stage.unwanted.add(NUMBER)
    assert outbox.empty() == 0
    assert (outbox.sent, state(stage)) == ({}, InvitationState.REFUSED)


def test_a_customer_who_is_to_be_called_or_was_asked_today_is_not_asked(stage: Stage, outbox: Outbox) -> None:
    stage.client().book(OTHER)
    assert asked(stage, OTHER) == Invited(None, merged=True)
    visitor, path = stage.visitor(), link(stage, outbox)
    visitor.get(path)
    visitor.post(f"{path}/decline")
    assert asked(stage) == Limited(86_400)
    stage.clock.pass_seconds(86_400)
    assert isinstance(asked(stage), Invited)


@pytest.mark.parametrize("number", ["112", "+1 900 555 0123", ""])
def test_whom_we_do_not_call_we_do_not_ask(stage: Stage, number: str) -> None:
    assert isinstance(asked(stage, number), Faults)
    assert stage.invitations.newest() == []


def test_who_was_called_back_in_vain_is_asked_once_when_it_suits_them(stage: Stage) -> None:
    client = stage.client()
    missed, done = client.book().json["id"], client.book(OTHER).json["id"]
    with stage.house.store.transaction() as ledger:
        ledger.settle_wish(SettleWish(missed, WishResult.NOT_REACHED, 3), stage.clock.now(), "")
        ledger.settle_wish(SettleWish(done, WishResult.SERVED), stage.clock.now(), "Ruth")
    asks = [stage.invitations.ask_missed(lambda language: f"missed ({language})") for _ in range(2)]
    assert asks == [1, 0]
    [invitation] = stage.invitations.newest()
    assert (invitation.number, invitation.reason, invitation.by) == (NUMBER, "missed (en)", "rule:after_missed")
    stage.invitations.do(lambda desk: desk.decline(invitation.id))
    stage.clock.pass_seconds(86_300)
    assert stage.invitations.ask_missed(str) == 0


def test_more_than_one_look_s_worth_of_missed_customers_are_all_asked_and_each_looked_at_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invitations, "AT_ONCE", 1)
    client = stage.client()
    for number in (NUMBER, OTHER):
        booked = client.book(number).json["id"]
        with stage.house.store.transaction() as ledger:
            ledger.settle_wish(SettleWish(booked, WishResult.NOT_REACHED, 3), stage.clock.now(), "")
    assert stage.invitations.ask_missed(str) == 2
    begun = []
    monkeypatch.setattr(stage.invitations, "do", begun.append)
    stage.clock.pass_seconds(3600)
    assert (stage.invitations.ask_missed(str), begun) == (0, [])


def test_a_message_that_still_waits_is_not_sent_when_the_invitation_is_withdrawn(stage: Stage) -> None:
    outgoing = SqlOutgoing(stage.house.store)

    def at_night(invitation: Invitation, now: datetime) -> bool:
        later = now + timedelta(hours=8)
        return outgoing.put(OutMessage("i1", Channel.SMS, NUMBER, OTHER, "May we?", now, later, wish=invitation.id))

    asked(stage)
    assert stage.invitations.send_due(at_night) == 1
    assert stage.invitations.do(lambda desk: desk.withdraw(stage.invitations.newest()[0].id, "agent:ruth"))
    later = stage.clock.now() + timedelta(days=1)
    assert outgoing.lease("a", later, later) == []


# ---- answering -------------------------------------------------------------------------------------------------------


def test_a_customer_chooses_and_it_is_a_callback_with_their_word(stage: Stage, outbox: Outbox) -> None:
    path, visitor = link(stage, outbox), stage.visitor()
    page = visitor.get(path)
    assert "May we call you?" in page.text
    assert f"My invoice: {REASON}" in page.text
    assert NUMBER not in page.text
    wrong = visitor.post(path, start="2026-03-02T15:07Z", phrase="!!", note="After lunch")
    assert set(errors(wrong)) == {"start", "phrase"}
    booked = visitor.post(path, start=SLOT, phrase=PHRASE, note="After lunch")
    own = visitor.get(booked.headers["Location"])
    assert "Thank you. We will call you." in own.text
    [shown] = stage.bookings.look(lambda desk: desk.of(number=NUMBER))
    wish = shown.wish
    assert (wish.booked_by.value, wish.subject, wish.customer) == ("alert", f"My invoice: {REASON} – After lunch", "C-1")
    assert shown.phrase_set
    assert wish.call_id in path
    assert state(stage) is InvitationState.AGREED
    assert visitor.get(path).headers["Location"].startswith("/callback/own/")  # the link in the message goes on to it
    stage.clock.pass_seconds(6 * 3600)
    assert stage.house.switchboard.callbacks.begin_due(stage.clock.now()) == 1


def test_another_number_is_a_number_like_any_other(stage: Stage, outbox: Outbox) -> None:
    path, visitor = link(stage, outbox), stage.visitor()
    visitor.get(path)
    assert "number" in errors(visitor.post(path, number="+1 900 555 0123"))
    assert visitor.post(path, number=OTHER).status_code == 303
    assert len(stage.bookings.look(lambda desk: desk.of(number=OTHER))) == 1


def test_a_customer_declines_and_is_not_called(stage: Stage, outbox: Outbox) -> None:
    path, visitor = link(stage, outbox), stage.visitor()
    visitor.get(path)
    visitor.post(f"{path}/decline", token="x")
    assert state(stage) is InvitationState.SENT
    visitor.post(f"{path}/decline")
    assert "We will not call you." in visitor.get(path).text
    assert visitor.post(path, start=SLOT).status_code == 303
    assert stage.bookings.look(lambda desk: desk.of(number=NUMBER)) == []


def test_an_invitation_is_over_after_its_days_and_when_it_is_withdrawn(stage: Stage, outbox: Outbox) -> None:
    path, visitor = link(stage, outbox), stage.visitor()
    stage.clock.pass_seconds(7 * 86_400)
    outbox.empty()
    assert state(stage) is InvitationState.EXPIRED
    assert isinstance(asked(stage, OTHER), Invited)
    newest = stage.invitations.newest()[0]
    assert stage.invitations.do(lambda desk: desk.withdraw(newest.id, "agent:ruth"))
    assert outbox.empty() == 0
    assert "This invitation is over" in visitor.get(stage.invited.to(newest.id)).text
    assert "This invitation is over" in visitor.get(path).text


def test_a_link_to_one_thing_opens_no_other(stage: Stage, outbox: Outbox) -> None:
    path, visitor = link(stage, outbox), stage.visitor()
    wish = path.rpartition("/")[2].partition("~")[0]
    assert visitor.get(path.replace("/invited/", "/own/")).status_code == 404
    assert visitor.get(stage.links.to(wish).replace("/own/", "/invited/")).status_code == 404
    assert visitor.get(stage.links.to(wish)).status_code == 404  # there is no callback yet


def test_a_page_speaks_the_language_of_the_message(stage: Stage, outbox: Outbox) -> None:
    invite = Invite("invoice", NUMBER, "Votre contrat", "fr")
    stage.invitations.do(lambda desk: desk.invite(invite, "agent:ruth"))
    outbox.empty()
    [path] = outbox.sent.values()
    assert "Pouvons-nous vous appeler" in stage.visitor().get(path).text
    assert "May we call you?" in stage.visitor().get(f"{path}?lang=en").text


def test_what_was_erased_is_gone(stage: Stage, outbox: Outbox) -> None:
    path = link(stage, outbox)
    stage.house.store.erase_call(path.rpartition("/")[2].partition("~")[0])
    assert stage.visitor().get(path).status_code == 404
    assert stage.invitations.newest()[0].number == ""


# ---- the calendar ----------------------------------------------------------------------------------------------------


def event(answer: TestResponse) -> icalendar.Event:
    assert answer.content_type.startswith("text/calendar")
    [found] = icalendar.Calendar.from_ical(answer.data).walk("VEVENT")
    return found  # type: ignore[no-any-return]


def test_a_slot_goes_into_the_customers_own_calendar_in_the_companys_time_zone(stage: Stage) -> None:
    visitor: Visitor = stage.visitor()
    own = visitor.own(visitor.books(start=SLOT, phrase=PHRASE))
    file = visitor.get(f"{own}/calendar.ics")
    found = event(file)
    new_york = ZoneInfo("America/New_York")
    assert found.decoded("dtstart") == datetime(2026, 3, 2, 10, 0, tzinfo=new_york)
    assert found.decoded("dtend") - found.decoded("dtstart") == timedelta(minutes=30)
    assert b"TZID=America/New_York:20260302T100000" in file.data
    assert b"BEGIN:VTIMEZONE" in file.data
    assert NUMBER.encode() not in file.data
    assert PHRASE.encode() not in file.data
    stage.clock.pass_seconds(60)
    visitor.get(own)
    visitor.post(own, start="2026-03-09T14:00Z", number="", phrase="", medium="phone")  # after the clock has changed
    moved = event(visitor.get(f"{own}/calendar.ics"))
    assert moved.decoded("dtstart") == datetime(2026, 3, 9, 10, 0, tzinfo=new_york)
    assert (moved["uid"], moved["sequence"] > found["sequence"]) == (found["uid"], True)
    visitor.post(f"{own}/cancel")
    assert event(visitor.get(f"{own}/calendar.ics"))["status"] == "CANCELLED"


def test_as_soon_as_possible_is_no_time_for_a_calendar(stage: Stage) -> None:
    visitor = stage.visitor()
    assert visitor.get(f"{visitor.own(visitor.books())}/calendar.ics").status_code == 404


# ---- a campaign ------------------------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "list.csv"
        path.write_text(text, "utf-8")
        return path

    return write


def test_a_list_is_asked_at_its_pace_and_goes_on_where_it_was_broken_off(
    stage: Stage, outbox: Outbox, file: Callable[[str], Path]
) -> None:
    stage.unwanted.add("+12025550004")
    text = "number,reason,customer\n" + "".join(f"+1202555{number:04d},,C-{number}\n" for number in range(6))
    lines = read_list(file(text), "invoice", REASON)
    assert faults(lines, stage.invitations) == []
    paced = Paced(60, stage.clock.now())
    assert run(lines[:2], stage.invitations, "spring", paced).asked == 2
    begin = stage.clock.now() + timedelta(minutes=2)
    assert stage.invitations.last_of_campaign("spring") == stage.clock.now() + timedelta(minutes=1)
    done = run(lines, stage.invitations, "spring", Paced(60, begin))
    assert done == Done(asked=3, again=2, limited=0, opted_out=1, last=begin + timedelta(minutes=2))
    sent = []
    for _ in range(6):
        sent.append(outbox.empty())
        stage.clock.pass_seconds(60)
    assert sent == [1, 1, 1, 1, 1, 0]


def test_every_fault_of_a_list_is_told_with_its_line_and_nothing_of_it(stage: Stage, file: Callable[[str], Path]) -> None:
    wrong = ["+12025550001,,", "112,,", "+1 900 555 0123,,", "+12025550001,,", "+12025550002,,xx", f"+12025550003,{'x' * 121},"]
    lines = read_list(file("\n".join(["number,reason,language", *wrong])), "invoice", REASON)
    found = faults(lines, stage.invitations)
    assert [one.partition(":")[0] for one in found] == [
        "line 3, number", "line 4, number", "line 5, number", "line 6, language", "line 7, reason",
    ]  # fmt: skip
    assert "900" not in "".join(found)
    found = faults(read_list(file("number\n+12025550001\n"), "none", ""), stage.invitations)
    assert [one.partition(":")[0] for one in found] == ["line 2, subject", "line 2, reason"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("phone\n1\n", "has no column number"),
        ("number,pin\n1,2\n", "does not know pin"),
        ("number,reason\n1\n", "line 2 has not as many columns"),
        ("number\n1,2\n", "line 2 has not as many columns"),
        ("", "has no column number"),
        ('number\n"1\n', "must be CSV"),
    ],
)
def test_a_file_that_is_no_list_is_refused(file: Callable[[str], Path], text: str, told: str) -> None:
    with pytest.raises(ImportRefused, match=told):
        read_list(file(text), "invoice", "")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="cannot be read"):
        read_list(tmp_path / "none.csv", "invoice", "")


# ---- the API ---------------------------------------------------------------------------------------------------------


def test_another_system_asks_and_sees_what_has_become_of_it(stage: Stage, outbox: Outbox) -> None:
    client = stage.client()
    body = {"subject": "invoice", "number": NUMBER, "reason": REASON, "customer": {"ref": "C-1"}}
    made = client.send("POST", "/invitations", body)
    assert (made.status_code, made.json["state"], made.json["asked_by"]) == (201, "waiting", "api:crm")
    assert made.headers["Location"] == f"/api/callbacks/invitations/{made.json['id']}"
    outbox.empty()
    again = client.send("POST", "/invitations", body)
    assert (again.status_code, again.json["merged"], again.json["id"]) == (200, True, made.json["id"])
    [path] = outbox.sent.values()
    visitor = stage.visitor()
    visitor.get(path)
    visitor.post(path, start=SLOT)
    assert client.send("GET", f"/invitations/{made.json['id']}").json["state"] == "agreed"
    assert client.send("GET", f"/{made.json['id']}").json["booked_by"] == "alert"
    assert client.send("POST", "/invitations", body).status_code == 409
    assert client.send("GET", "/invitations/unknown").status_code == 404
    wrong = client.send("POST", "/invitations", {"subject": "invoice", "number": "112", "reason": REASON, "language": "xx"})
    assert [one["field"] for one in wrong.json["errors"]] == ["language", "number"]
