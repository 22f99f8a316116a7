"""Customers book on a page without a script, are told what is wrong beside the field, and come back by a link of their own."""

import re
import tomllib
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from string import Formatter

import lxml.html
import pytest
from werkzeug.test import TestResponse

from tests.callbacks.stage import NUMBER, OTHER, URL, Stage, Visitor, open_stage
from voicebot.callbacks.form import example_of, start_of
from voicebot.config.booking import LANGUAGES, PagePlan
from voicebot.dialogue.outbound import CallbackRules

PHRASE = "purple otter seven"
SLOT = "2026-03-02T15:00Z"
WORDS = Path(__file__).resolve().parents[2] / "voicebot" / "callbacks" / "words"


@pytest.fixture
def visitor(stage: Stage) -> Visitor:
    return stage.visitor()


@pytest.fixture(scope="module")
def turned_away(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    """One whose forms are all refused, so that they can share a house."""
    stage = open_stage(tmp_path_factory.mktemp("turned away"))
    yield stage.visitor()
    stage.close()


def errors(answer: TestResponse) -> dict[str, str]:
    """Field -> what stands beside it; each is announced with its field."""
    found = dict(re.findall(r'id="(\w+)-error">([^<]+)<', answer.text))
    for name in found:
        assert re.search(rf'id="{name}"[^>]* aria-invalid="true" aria-describedby="{name}-error', answer.text), name
    return found


def value(answer: TestResponse, name: str) -> str:
    """What a field of the form holds."""
    held: str | None = lxml.html.fromstring(answer.text).get_element_by_id(name).value
    return held or ""


def statuses(stage: Stage, number: str = NUMBER) -> list[str]:
    return [one.wish.status.value for one in stage.bookings.look(lambda desk: desk.of(number=number))]


# ---- booking ---------------------------------------------------------------------------------------------------------


def test_a_callback_is_booked_and_its_customer_comes_to_their_own_page(stage: Stage, visitor: Visitor) -> None:
    booked = visitor.books("(202) 555-0123", start=SLOT, phrase=PHRASE, note="The second page")
    own = visitor.get(booked.headers["Location"])
    assert "Thank you. We will call you." in own.text
    for told in ("Booked", "My invoice: The second page", "ends with 123", "Monday, March 2, 2026, 10:00"):
        assert told in unescape(own.text).replace("\u202f", " ")
    assert "set; only the agent" in own.text
    assert PHRASE not in own.text
    assert NUMBER not in own.text
    [shown] = stage.bookings.look(lambda desk: desk.of(number=NUMBER))
    assert (shown.wish.booked_by.value, shown.phrase_set) == ("page", True)


def test_what_is_wrong_stands_beside_its_field_and_only_the_secret_word_is_lost(visitor: Visitor, stage: Stage) -> None:
    refused = visitor.books("+1 900 555 0123", start=SLOT, phrase="0420", note='"><b>x', medium="video")
    assert refused.status_code == 422
    found = errors(refused)
    assert found["number"].startswith("We cannot call this number.")
    assert found["phrase"].startswith("This cannot be used")
    kept = [value(refused, name) for name in ("subject", "number", "start", "medium", "note")]
    assert kept == ["invoice", "+1 900 555 0123", SLOT, "video", '"><b>x']
    assert "0420" not in refused.text.replace("555 0123", "")
    assert "<b>x" not in refused.text
    assert re.findall(r'id="(\w+)"[^>]*autofocus', refused.text) == ["number"]
    assert 'role="alert"' in refused.text
    assert "was not kept" in refused.text
    assert visitor.post(subject="invoice", number=NUMBER, start=SLOT, phrase=PHRASE).status_code == 303
    assert statuses(stage) == ["booked"]


@pytest.mark.parametrize(
    ("fields", "field", "told"),
    [
        ({"subject": ""}, "subject", "This is needed."),
        ({"subject": "weather"}, "subject", "Please choose"),
        ({"number": " "}, "number", "This is needed."),
        ({"number": "112"}, "number", "This is not a telephone number. Write it like +1 201-555-0123."),
        ({"start": "soon"}, "start", "Nobody can call you then"),
        ({"start": "2026-03-02T15:07Z"}, "start", "Nobody can call you then"),
        ({"start": "2026-03-02T03:00Z"}, "start", "Nobody can call you then"),
        ({"medium": "fax"}, "medium", "Please choose"),
        ({"note": "x" * 250}, "note", "This is too long."),
    ],
)
def test_each_field_has_its_words(turned_away: Visitor, fields: dict[str, str], field: str, told: str) -> None:
    refused = turned_away.books(**fields)
    assert refused.status_code == 422
    assert errors(refused)[field].startswith(told)


def test_the_page_speaks_the_customers_language(visitor: Visitor) -> None:
    assert '<html lang="en">' in visitor.get().text
    french = visitor.get("/callback", Accept_Language="fr-CA,fr;q=0.8")
    assert "Nous vous rappelons" in french.text
    assert "Ma facture" in french.text
    assert "My parcel" not in french.text  # has no words in it
    assert "lundi 2 mars 2026" in french.text
    assert '<html lang="fr">' in visitor.get("/callback?lang=fr").text
    refused = visitor.post(subject="invoice", number="", lang="fr")
    assert errors(refused)["number"] == "Ce champ est nécessaire."
    assert '<html lang="en">' in visitor.get("/callback?lang=xx").text


def test_a_number_that_is_to_be_called_already_says_so_and_gives_no_way_into_it(visitor: Visitor, stage: Stage) -> None:
    visitor.books(phrase=PHRASE)
    again = stage.visitor("203.0.113.6").books(phrase="another one")
    assert (again.status_code, "We are to call this number already" in again.text) == (200, True)
    assert "/callback/own" not in again.text


def test_a_full_slot_is_not_offered(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(rules=CallbackRules(a_slot=1, a_number_a_day=9))
    first, second = stage.visitor(), stage.visitor("203.0.113.6")
    own = first.own(first.books(start=SLOT))
    refused = second.books(OTHER, start=SLOT)
    assert errors(refused)["start"].startswith("Somebody else has just taken")
    assert SLOT not in refused.text  # is not offered for this subject
    assert value(first.get(own), "start") == SLOT  # one's own stays


# ---- one's own -------------------------------------------------------------------------------------------------------


def test_one_moves_changes_and_cancels_ones_own(visitor: Visitor, stage: Stage) -> None:
    own = visitor.own(visitor.books(phrase=PHRASE))
    visitor.get(own)
    assert visitor.post(own, start="", number="", phrase="", medium="phone").headers["Location"].startswith(f"{own}?nothing=1")
    assert visitor.post(own, start=SLOT, number=OTHER, medium="video").headers["Location"].startswith(f"{own}?saved=1")
    page = visitor.get(f"{own}?saved=1").text
    for told in ("This is saved.", "Booked, at another time", "ends with 124", "By video"):
        assert told in page
    wrong = visitor.post(own, start="2026-03-02T03:00Z", number="112", phrase="!!")
    assert set(errors(wrong)) == {"start", "number", "phrase"}
    assert value(wrong, "number") == "112"
    asked = visitor.get(f"{own}/cancel").text
    assert "Cancel the callback?" in asked
    assert statuses(stage, OTHER) == ["rescheduled"]  # nothing happens by looking
    assert visitor.post(f"{own}/cancel").headers["Location"].startswith(f"{own}?cancelled=1")
    over = visitor.get(f"{own}?cancelled=1").text
    assert "The callback is cancelled." in over
    assert "<form" not in over
    assert visitor.post(own, start="").headers["Location"].startswith(f"{own}?nothing=1")
    assert visitor.get(f"{own}/cancel").status_code == 303


def test_a_link_counts_for_one_callback_for_some_days_and_only_if_we_made_it(visitor: Visitor, stage: Stage) -> None:
    first, second = visitor.own(visitor.books()), visitor.own(visitor.books(OTHER))
    wish, until, token = first.rpartition("/")[2].split("~")
    other = second.rpartition("/")[2].partition("~")[0]
    later = f"{int(until, 16) + 1:x}"
    for link in (f"{other}~{until}~{token}", f"{wish}~{later}~{token}", f"{wish}~{until}~{token[:-1]}x", wish, "x" * 300):
        assert visitor.get(f"/callback/own/{link}").status_code == 404
    assert visitor.get(first).status_code == 200
    stage.clock.pass_seconds(14 * 86_400)
    gone = visitor.get(first)
    assert (gone.status_code, "This link is over" in gone.text) == (404, True)
    assert visitor.post(f"{first}/cancel").status_code == 404


def test_what_was_erased_is_gone(visitor: Visitor, stage: Stage) -> None:
    own = visitor.own(visitor.books())
    stage.house.store.erase_call(own.rpartition("/")[2].partition("~")[0])
    assert visitor.get(own).status_code == 404


def test_a_callback_that_is_being_made_is_not_changed_and_can_be_cancelled(visitor: Visitor, stage: Stage) -> None:
    own = visitor.own(visitor.books())
    visitor.get(own)
    stage.clock.pass_seconds(3600)
    assert stage.house.switchboard.callbacks.begin_due(stage.clock.now()) == 1
    assert "under_way=1" in visitor.post(own, start=SLOT).headers["Location"]
    assert "cancelled=1" in visitor.post(f"{own}/cancel").headers["Location"]
    assert "Cancelled" in visitor.get(own).text


# ---- against abuse ---------------------------------------------------------------------------------------------------


def test_a_form_comes_from_a_page_of_ours_that_is_not_too_old(visitor: Visitor, stage: Stage) -> None:
    visitor.get()
    assert visitor.post(subject="invoice", number=NUMBER, origin="https://evil.example").status_code == 403
    assert visitor.post(subject="invoice", number=NUMBER, origin="").status_code == 403
    for token in ("", "1~1.x", f"{'9' * 12}~{visitor.token.partition('~')[2]}"):
        refused = visitor.post(subject="invoice", number=NUMBER, token=token)
        assert (refused.status_code, value(refused, "number")) == (400, NUMBER)
    visitor.get()
    stage.clock.pass_seconds(2 * 3600 + 1)
    late = visitor.post(subject="invoice", number=NUMBER)
    assert (late.status_code, "open for a long time" in late.text) == (400, True)
    assert visitor.post(subject="invoice", number=NUMBER).status_code == 303  # what was typed is still there


def test_a_program_that_fills_everything_in_books_nothing(visitor: Visitor, stage: Stage) -> None:
    refused = visitor.books(website="https://spam.example")
    assert (refused.status_code, statuses(stage)) == (400, [])
    assert "spam" not in refused.text


def test_an_address_sends_so_many_forms_an_hour(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(page=PagePlan(an_address_an_hour=3))
    visitor = stage.visitor()
    assert [visitor.books("112").status_code for _ in range(4)] == [422, 422, 422, 429]
    later = visitor.books(NUMBER)
    assert (later.headers["Retry-After"], value(later, "number")) == ("3600", NUMBER)
    assert stage.visitor("203.0.113.6").books().status_code == 303
    assert stage.visitor("2001:db8::1").books(OTHER).status_code == 303


def test_a_customer_who_is_not_verified_may_book_a_few_a_day(visitor: Visitor, stage: Stage) -> None:
    numbers = [f"+1202555{number:04d}" for number in range(4)]
    answers = [visitor.books(number) for number in numbers]
    assert [answer.status_code for answer in answers] == [303, 303, 429, 429]
    assert "We cannot promise more callbacks for now" in answers[2].text
    assert stage.visitor("203.0.113.6").books(numbers[2]).status_code == 303


def test_browsers_are_kept_to_what_these_pages_need(visitor: Visitor) -> None:
    page = visitor.get()
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Strict-Transport-Security"]
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert "<script" not in page.text
    assert not re.findall(r'(?:src|href)="(?!/|\?|#|data:,)', page.text)
    style = visitor.get("/callback/style.css")
    assert (style.status_code, style.content_type) == (200, "text/css; charset=utf-8")


def test_another_host_and_another_size_are_refused(visitor: Visitor, stage: Stage) -> None:
    elsewhere = stage.app.test_client().get("/callback", base_url="https://other.example")
    assert elsewhere.headers["Location"] == f"{URL}/callback"
    assert stage.app.test_client().post("/callback", base_url="https://other.example").status_code == 421
    visitor.get()
    large = visitor.post(note="x" * 70_000)
    assert (large.status_code, "This did not work" in large.text) == (413, True)


def test_a_failure_is_told_in_words_and_without_what_it_was(
    visitor: Visitor, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def boom(*_: object) -> None:
        raise RuntimeError("canary-0420")

    monkeypatch.setattr(stage.bookings, "look", boom)
    failed = visitor.get()
    assert (failed.status_code, "canary" in failed.text, "Nothing was booked" in failed.text) == (500, False, True)


# ---- words -----------------------------------------------------------------------------------------------------------


def filled_in(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_language_says_the_same_things() -> None:
    texts = {one: tomllib.loads((WORDS / f"{one}.toml").read_text("utf-8")) for one in LANGUAGES}
    names = {one: {key: filled_in(text) for key, text in some.items()} for one, some in texts.items()}
    for one in LANGUAGES:
        assert names[one] == names["en"], one
        assert all(text.strip() for text in texts[one].values())


@pytest.mark.parametrize("region", ["US", "DK", "FR", "KR"])
def test_an_example_is_a_number_of_the_country(region: str) -> None:
    assert example_of(region).startswith("+")


@pytest.mark.parametrize("text", ["x", "2026-13-01T00:00Z", "2026-03-02T15:00:00Z"])
def test_a_time_that_is_none(text: str) -> None:
    assert start_of(text) == (None, False)
