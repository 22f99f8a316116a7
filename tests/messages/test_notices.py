"""What becomes of news of callbacks: which messages, to whom, in which words, and when."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from voicebot.config.notices import NoticesPlan, load_notice_texts
from voicebot.dialogue.calling_back import Window, WishStatus
from voicebot.messages.notices import Notices, NoticesHouse
from voicebot.ports.callback_news import CallbackNews
from voicebot.ports.callback_wishes import CallbackWish
from voicebot.ports.outgoing import Channel, OutMessage, Untold

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)  # in New York, where +1 202 is
NIGHT = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
WISH = CallbackWish("w1", "billing", "+12025550123", NOON, NOON, customer="C-1", subject="a secret subject")
SLOT = Window(NOON + 26 * HOUR, NOON + 28 * HOUR)
ALL = tuple(WishStatus)
USUAL = NoticesPlan(sms=ALL, mail=ALL, address="email", webhook="https://x.example/in")


@dataclass
class Told:
    """News that are there, and the messages that were written of them."""

    news: list[Untold]
    messages: list[OutMessage] = field(default_factory=list)

    def untold(self, limit: int = 20, after: int = 0) -> list[Untold]:
        return [one for one in self.news if one.news.id > after][:limit]

    def tell(self, news: int, _wish: str, messages: Sequence[OutMessage], _now: datetime) -> bool:
        self.news = [one for one in self.news if one.news.id != news]
        self.messages += messages
        return True


def told(
    project: Path, status: WishStatus, wish: CallbackWish | None = WISH, *, plan: NoticesPlan | None = None, language: str = "en",
    now: datetime = NOON, at: datetime | None = None, again_at: datetime | None = None, address: str | None = "ada@example.com",
    link: str = "",
) -> tuple[list[OutMessage], int]:
    """(messages, news that are still untold)."""
    outgoing = Told([Untold(CallbackNews(7, "w1", status, at or now, again_at, "Mira"), wish, language)])
    Notices(house(project, outgoing, USUAL if plan is None else plan, lambda _: address, link)).tell_due(now)
    return outgoing.messages, len(outgoing.news)


def house(
    project: Path, outgoing: Told, plan: NoticesPlan, address_of: Callable[[str], str | None], link: str = ""
) -> NoticesHouse:
    texts = load_notice_texts(project / "notices", ["en", "fr", "ko", "da"])
    return NoticesHouse(
        "Larkfield", "America/New_York", plan, texts, outgoing, address_of,  # type: ignore[arg-type]
        "+12025550100", "line@larkfield.example", "en", lambda wish: f"{link}{wish}" if link else "",
    )  # fmt: skip


def by(messages: list[OutMessage], channel: Channel) -> OutMessage:
    (found,) = [one for one in messages if one.channel is channel]
    return found


def test_a_booked_callback_is_told_by_all_ways(project: Path) -> None:
    messages, left = told(project, WishStatus.BOOKED, replace(WISH, window=SLOT))
    sms, mail, event = (by(messages, one) for one in (Channel.SMS, Channel.MAIL, Channel.WEBHOOK))
    assert left == 0
    assert (sms.to, sms.sender, sms.due_at) == ("+12025550123", "+12025550100", NOON)
    assert sms.text.startswith("Larkfield: we will call you back on Tuesday, March 3 between 2:00")
    assert (mail.to, mail.sender) == ("ada@example.com", "line@larkfield.example")
    assert mail.subject == "Larkfield: your callback is booked"
    assert {(one.wish, one.news, one.customer, one.by) for one in messages} == {("w1", 7, "C-1", "")}
    assert len({one.name for one in messages}) == 3
    content = json.loads(event.text)
    assert (event.to, content["event"], content["callback"], content["from"]) == (
        "https://x.example/in", "callback.booked", "w1", SLOT.start.isoformat(),
    )  # fmt: skip
    assert not any(secret in event.text for secret in ("2025550123", "secret subject"))


@pytest.mark.parametrize("language", ["en", "fr", "da", "ko"])
def test_who_can_still_change_it_is_told_where_and_nobody_else(project: Path, language: str) -> None:
    link = "https://line.example.com/callback/own/"
    for status, again in ((WishStatus.BOOKED, None), (WishStatus.RESCHEDULED, None), (WishStatus.MISSED, NOON)):
        messages, _ = told(project, status, language=language, link=link, again_at=again)
        assert by(messages, Channel.SMS).text.endswith(f" {link}w1")
        assert f"\n{link}w1\n" in by(messages, Channel.MAIL).text
        assert link not in by(messages, Channel.MAIL).subject
        assert link not in by(messages, Channel.WEBHOOK).text
    for status in (WishStatus.MISSED, WishStatus.DONE, WishStatus.CANCELLED, WishStatus.ASSIGNED):
        messages, _ = told(project, status, language=language, link=link)
        assert not any("http" in one.text for one in messages if one.channel is not Channel.WEBHOOK)
    without, _ = told(project, WishStatus.BOOKED, language=language)
    assert "http" not in by(without, Channel.SMS).text + by(without, Channel.MAIL).text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "on Tuesday, March 3 between 2:00"), ("fr", "le mardi 3 mars entre 14:00 et 16:00"),
        ("da", "tirsdag den 3. marts mellem 14.00 og 16.00"), ("ko", "3월 3일 화요일 14:00에서 16:00 사이"),
        ("de", "on Tuesday, March 3"),  # no texts for it: the company's usual language
    ],
)  # fmt: skip
def test_it_is_said_in_the_customers_language_and_time(project: Path, language: str, text: str) -> None:
    messages, _ = told(project, WishStatus.BOOKED, replace(WISH, window=SLOT), language=language)
    assert text in by(messages, Channel.SMS).text.replace("\u202f", " ")


def test_without_a_window_it_is_as_soon_as_possible(project: Path) -> None:
    assert "as soon as possible" in by(told(project, WishStatus.BOOKED)[0], Channel.SMS).text


def test_who_was_missed_hears_when_it_is_tried_again_or_that_it_is_closed(project: Path) -> None:
    again, _ = told(project, WishStatus.MISSED, again_at=NOON + HOUR)
    assert "We will try again on Monday, March 2 at about 1:00" in by(again, Channel.SMS).text.replace("\u202f", " ")
    closed, _ = told(project, WishStatus.MISSED)
    assert "have closed your callback" in by(closed, Channel.SMS).text


def test_only_what_the_company_wants_is_told(project: Path) -> None:
    plan = NoticesPlan(sms=(WishStatus.BOOKED,))
    assert [one.channel for one in told(project, WishStatus.BOOKED, plan=plan)[0]] == [Channel.SMS]
    assert told(project, WishStatus.DONE, plan=plan) == ([], 0)
    assert told(project, WishStatus.BOOKED, plan=NoticesPlan()) == ([], 0)


@pytest.mark.parametrize(
    ("status", "due"),
    [
        (WishStatus.BOOKED, NIGHT), (WishStatus.RESCHEDULED, NIGHT), (WishStatus.ASSIGNED, NIGHT),
        (WishStatus.MISSED, NIGHT + 9 * HOUR), (WishStatus.DONE, NIGHT + 9 * HOUR), (WishStatus.CANCELLED, NIGHT + 9 * HOUR),
    ],
)  # fmt: skip
def test_at_night_only_what_they_have_just_done_is_answered(project: Path, status: WishStatus, due: datetime) -> None:
    messages, _ = told(project, status, now=NIGHT)
    assert (by(messages, Channel.SMS).due_at, by(messages, Channel.MAIL).due_at) == (due, due)
    assert by(messages, Channel.WEBHOOK).due_at == NIGHT


def test_that_an_agent_is_about_to_call_is_not_told_when_the_telephone_has_rung(project: Path) -> None:
    assert told(project, WishStatus.ASSIGNED, at=NOON - timedelta(minutes=4)) == ([], 0)
    assert "Mira is about to call you" in by(told(project, WishStatus.ASSIGNED)[0], Channel.SMS).text


def test_a_callback_that_was_erased_is_told_to_nobody(project: Path) -> None:
    assert told(project, WishStatus.CANCELLED, None) == ([], 0)
    erased = replace(WISH, number="", customer="")
    assert [one.channel for one in told(project, WishStatus.CANCELLED, erased)[0]] == [Channel.WEBHOOK]


def test_an_address_that_cannot_be_learned_now_is_asked_for_again_for_an_hour(project: Path) -> None:
    assert told(project, WishStatus.BOOKED, address=None) == ([], 1)
    late, left = told(project, WishStatus.BOOKED, address=None, at=NOON - HOUR)
    assert ([one.channel for one in late], left) == ([Channel.WEBHOOK, Channel.SMS], 0)
    for address in ("", "no address", "a@example.com\r\nBcc: b@example.com"):
        assert Channel.MAIL not in [one.channel for one in told(project, WishStatus.BOOKED, address=address)[0]]


def test_news_that_have_to_wait_or_fail_keep_no_others_waiting(project: Path) -> None:
    def news(number: int, status: WishStatus, at: datetime = NOON) -> Untold:
        return Untold(CallbackNews(number, f"w{number}", status, at, None, ""), WISH, "en")

    asked: list[str] = []

    def silent(customer: str) -> None:
        asked.append(customer)

    waiting = [news(number, WishStatus.BOOKED) for number in range(1, 31)]
    broken = news(31, "no status of ours")  # type: ignore[arg-type]
    outgoing = Told([*waiting, broken, news(32, WishStatus.CANCELLED)])
    plan = NoticesPlan(sms=(WishStatus.CANCELLED, "no status of ours"), mail=(WishStatus.BOOKED,), address="email")  # type: ignore[arg-type]
    assert Notices(house(project, outgoing, plan, silent)).tell_due(NOON) == 1
    assert [one.channel for one in outgoing.messages] == [Channel.SMS]
    assert len(asked) == 1  # of a back end that is down, once a look
