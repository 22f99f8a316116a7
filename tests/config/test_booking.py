"""Who may book callbacks without calling, as an operator writes it; off unless it is turned on."""

from typing import Any

import pytest

from voicebot.config.booking import ApiPlan, BookingPlan, InvitingPlan, PagePlan, Subject, read_booking
from voicebot.config.tables import Complaints, Table

LINES, QUEUES = {"english": "billing", "fransk": "billing"}, {"billing": 1, "delivery": 1}
INVOICE = {"line": "english", "en": "My invoice"}


def read(**plain: Any) -> tuple[BookingPlan, list[str]]:
    wrong = Complaints("voicebot.toml")
    return read_booking(Table(plain, "callbacks.", wrong), LINES, QUEUES), wrong.found


def test_nothing_said_is_off() -> None:
    assert read() == (BookingPlan(), [])
    assert read(page={"link_days": 3}, api={})[0] == BookingPlan()


def test_everything_said() -> None:
    subjects = {"invoice": INVOICE, "parcel": {"line": "fransk", "queue": "delivery", "fr": "Mon colis", "da": "Min pakke"}}
    page = {"on": True, "an_address_an_hour": 5, "link_days": 15}
    api = {"on": True, "a_key_a_minute": 1, "an_address_a_minute": 2, "a_number_an_hour": 3}
    invitations = {"on": True, "a_number_a_day": 2, "days": 3, "after_missed": True}
    plan, wrong = read(subjects=subjects, page=page, api=api, invitations=invitations, media=["phone", "video"])
    assert wrong == []
    assert plan.subjects == {
        "invoice": Subject("invoice", "english", "", {"en": "My invoice"}),
        "parcel": Subject("parcel", "fransk", "delivery", {"fr": "Mon colis", "da": "Min pakke"}),
    }
    assert plan.media == ("phone", "video")
    assert (plan.page, plan.api, plan.inviting) == (PagePlan(5, 15), ApiPlan(1, 2, 3), InvitingPlan(2, 3, after_missed=True))
    assert plan.languages() == ("en", "fr", "da")


@pytest.mark.parametrize(
    ("plain", "told"),
    [
        ({"page": {"on": True}}, "callbacks.page.on: needs something to talk about"),
        ({"api": {"on": True}}, "callbacks.api.on: needs something to talk about"),
        ({"page": {"on": True}, "subjects": {"it": {"line": "english"}}}, "callbacks.page.on: needs a subject with its words"),
        ({"page": {"on": True, "link_days": 13}, "subjects": {"it": INVOICE}},
         "callbacks.page.link_days: must be at least days_ahead, which is 14: who books so far ahead can"),
        ({"page": {"on": "yes"}}, "callbacks.page.on: must be true or false"),
        ({"page": {"of": True}}, "callbacks.page.of: is not known; known are an_address_an_hour, link_days, on"),
        ({"api": {"a_key_a_minute": 0}}, "callbacks.api.a_key_a_minute: must be 1 to 100000"),
        ({"subjects": {"it": {"en": "It"}}}, "callbacks.subjects.it.line: is missing"),
        ({"subjects": {"it": INVOICE | {"line": "engish"}}}, "did you mean english?"),
        ({"subjects": {"it": INVOICE | {"queue": "biling"}}}, "did you mean billing?"),
        ({"subjects": {"it": INVOICE | {"en": "x" * 81}}}, "callbacks.subjects.it.en: must be 1 to 80 characters"),
        ({"invitations": {"on": True}}, "callbacks.invitations.on: needs the page on which customers choose"),
        ({"invitations": {"days": 61}}, "callbacks.invitations.days: must be 1 to 60"),
        ({"media": []}, "callbacks.media: needs one of phone, video, chat, visit"),
        ({"media": ["fax"]}, 'callbacks.media: names "fax"'),
        ({"subjects": {"It": INVOICE}}, "callbacks.subjects.It: a name here is a word"),
    ],
)
def test_what_is_wrong_is_named(plain: dict[str, Any], told: str) -> None:
    _, wrong = read(**plain)
    assert len(wrong) == 1
    assert told in wrong[0]
