"""Other systems book, read, move, change and cancel callbacks: strictly, once, within limits; a phrase goes in and never out."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import openapi_core
import pytest
from openapi_core.testing import MockRequest, MockResponse
from openapi_spec_validator import validate
from werkzeug.test import TestResponse

from tests.callbacks.stage import NUMBER, OTHER, Client, Stage, open_stage
from voicebot.callbacks.api import PATH, Deed
from voicebot.config.booking import ApiPlan
from voicebot.dialogue.actions import SettleWish
from voicebot.dialogue.calling_back import BookedBy, WishResult
from voicebot.dialogue.outbound import CallbackRules
from voicebot.errors import StoreUnavailable
from voicebot.floor.values import AgentState
from voicebot.ports.api_keys import Scope
from voicebot.switchboard.booking import Origin
from voicebot.switchboard.bookings import Bookings
from voicebot.switchboard.wanted import Booked, Wanted

SLOT = "2026-03-02T15:00:00Z"
PHRASE = "purple otter seven"


@pytest.fixture(scope="module")
def turned_away(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """One whose requests are all refused, so that they can share a house."""
    stage = open_stage(tmp_path_factory.mktemp("turned away"))
    yield stage.client()
    stage.close()


def errors(answer: TestResponse) -> list[tuple[str, str]]:
    """(field, code) of each thing that is wrong."""
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    return [(one["field"], one["code"]) for one in answer.json.get("errors", [])]


def kind(answer: TestResponse) -> str:
    assert answer.json is not None
    assert answer.json["status"] == answer.status_code
    return str(answer.json["type"]).removeprefix("urn:voicebot:problem:")


# ---- the contract ----------------------------------------------------------------------------------------------------


def test_the_description_is_a_valid_openapi_document(contract: dict[str, Any]) -> None:
    validate(contract)  # type: ignore[arg-type]  # plain dictionaries are what it reads


def test_every_address_of_the_description_is_served_and_no_other(stage: Stage, contract: dict[str, Any]) -> None:
    rules = [rule for rule in stage.app.url_map.iter_rules() if rule.rule.startswith(PATH) and rule.endpoint.count(" ") == 1]
    pairs = [(rule.rule.replace("<wish>", "{id}"), method.lower()) for rule in rules for method in rule.methods or ()]
    served = {(path, method) for path, method in pairs if method != "head"}
    described = {(path, method) for path, item in contract["paths"].items() for method in item if method != "parameters"}
    assert served == described


def test_what_is_answered_is_in_the_contract(client: Client, spec: openapi_core.OpenAPI) -> None:
    """Each operation with each of its statuses, as far as they can be brought about from outside."""

    def checked(method: str, path: str = "", body: Any = None, **headers: str) -> TestResponse:
        answer = client.send(method, path, body, **headers)
        query = dict(pair.split("=") for pair in path.partition("?")[2].split("&") if pair)
        asked = MockRequest(
            "http://localhost", method.lower(), PATH + path.partition("?")[0], args=query,
            headers={"Authorization": "Bearer x", "Idempotency-Key": headers.get("Idempotency_Key", "0123456789abcdef")},
            data=json.dumps(body).encode() if body is not None else None, content_type="application/json",
        )  # fmt: skip
        told = MockResponse(answer.data, answer.status_code, dict(answer.headers), answer.content_type or "")
        spec.validate_response(asked, told)
        if answer.status_code < 300 or answer.status_code == 409:
            spec.validate_request(asked)
        return answer

    booked = checked("POST", "", {"subject": "invoice", "number": NUMBER, "phrase": PHRASE, "customer": {"ref": "C-1"}})
    assert booked.json is not None
    one = f"/{booked.json['id']}"
    found = [
        checked("GET", "/subjects"), checked("GET", "/slots?subject=invoice"), checked("GET", "/slots?subject=none"),
        checked("POST", "/search", {"number": NUMBER}), checked("POST", "/search", {"customer": "C-1"}),
        checked("POST", "/search", {"number": NUMBER, "customer": "C-1"}), checked("GET", one), checked("GET", "/unknown"),
        checked("POST", "", {"subject": "invoice", "number": NUMBER, "start": SLOT}), checked("PATCH", one, {"start": SLOT}),
        checked("PATCH", one, {"phrase": None, "number": OTHER}), checked("PATCH", one, {"number": "112"}),
        checked("PATCH", one, {}),
        checked("POST", "", {"subject": "invoice"}), checked("POST", "", [1]), checked("POST", "", {}, Idempotency_Key=""),
        checked("POST", "", {"number": "x" * 20_000}), checked("DELETE", one), checked("DELETE", one),
        checked("PATCH", one, {"start": None}), checked("DELETE", "/unknown"), checked("GET", "/subjects", Authorization="x"),
    ]  # fmt: skip
    assert [booked.status_code, *(answer.status_code for answer in found)] == [
        201, 200, 200, 422, 200, 200, 422, 200, 404, 200, 200, 200, 422, 422, 422, 400, 400, 413, 204, 204, 409, 404, 401,
    ]  # fmt: skip


# ---- pages -----------------------------------------------------------------------------------------------------------


def test_slots_come_in_pages_that_leave_none_out_and_tell_none_twice(client: Client) -> None:
    whole = client.send("GET", "/slots?subject=invoice&limit=500").json
    assert whole["next"] is None
    seen, where = [], "/slots?subject=invoice&limit=100"
    while where:
        answer = client.send("GET", where)
        seen += answer.json["slots"]
        link = answer.headers.get("Link", "")
        assert (answer.json["next"] is None) is (link == "")
        where = link.removeprefix(f"<{PATH}").partition(">")[0] if link else ""
    assert seen == whole["slots"]
    assert len(seen) > 100


def test_callbacks_of_a_customer_come_in_pages_the_next_one_first(client: Client) -> None:
    ada = {"ref": "C-1"}
    for number, start in ((NUMBER, None), (OTHER, SLOT), ("+12025550125", None)):
        client.send("POST", "", {"subject": "invoice", "number": number, "start": start, "customer": ada, "verified": True})
    first = client.send("POST", "/search", {"customer": "C-1", "limit": 2}).json
    assert len(first["callbacks"]) == 2
    cancelled = first["callbacks"][-1]["id"]
    client.send("DELETE", f"/{cancelled}")  # the last one of a page may be gone when the next one is asked for
    rest = client.send("POST", "/search", {"customer": "C-1", "limit": 2, "after": first["next"]}).json
    assert [one["number"] for one in rest["callbacks"]] == [OTHER]
    assert rest["next"] is None


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "limit=٣", "after=%FF", "after=a", "after=é"])
def test_a_page_that_there_is_not_is_refused(client: Client, query: str) -> None:
    answer = client.send("GET", f"/slots?subject=invoice&{query}")
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == query.partition("=")[0]


# ---- booking ---------------------------------------------------------------------------------------------------------


def test_a_callback_is_booked_read_moved_changed_and_cancelled(client: Client, stage: Stage) -> None:
    ada = {"ref": "C-1", "name": "Ada Marsh"}
    booked = client.book("(202) 555-0123", phrase=PHRASE, note="  The second\npage ", customer=ada)
    assert booked.status_code == 201
    now = booked.json
    assert now == {
        "id": now["id"], "status": "booked", "open": True, "subject": "invoice", "about": "My invoice: The second page",
        "number": NUMBER, "medium": "phone", "window": None, "phrase_set": True, "customer": "C-1", "tries": 0,
        "booked_at": "2026-03-02T10:00:00Z", "booked_by": "api", "merged": False,
    }  # fmt: skip
    assert booked.headers["Location"] == f"{PATH}/{now['id']}"
    del now["merged"]
    assert client.send("GET", f"/{now['id']}").json == now
    moved = client.send("PATCH", f"/{now['id']}", {"start": "2026-03-02T10:00:00-05:00", "number": OTHER}).json
    window = {"start": SLOT, "until": "2026-03-02T15:30:00Z"}
    assert moved == now | {"status": "rescheduled", "window": window, "number": OTHER}
    after = moved | {"phrase_set": False, "medium": "video"}
    assert client.send("PATCH", f"/{now['id']}", {"phrase": None, "medium": "video"}).json == after
    assert client.send("POST", "/search", {"number": OTHER}).json == {"callbacks": [after], "next": None}
    assert client.send("POST", "/search", {"customer": "C-1"}).json["callbacks"][0]["id"] == now["id"]
    assert client.send("DELETE", f"/{now['id']}").status_code == 204
    over = client.send("GET", f"/{now['id']}").json
    assert (over["status"], over["open"]) == ("cancelled", False)
    assert client.send("POST", "/search", {"number": OTHER}).json == {"callbacks": [], "next": None}
    assert kind(client.send("PATCH", f"/{now['id']}", {"start": None})) == "over"
    with stage.house.store.reading() as ledger:
        assert [entry.facts["what"] for entry in ledger.journal(now["id"])] == [
            "booked", "changed (number, window)", "changed (medium)", "left without a phrase", "cancelled",
        ]  # fmt: skip


def test_what_is_booked_is_due_and_its_customer_known_to_whoever_calls(client: Client, stage: Stage) -> None:
    soon = client.book(customer={"ref": "C-1", "identifier": "40719238", "name": "Ada Marsh"}).json["id"]
    later = client.book(OTHER, start=SLOT, subject="parcel").json["id"]
    video = client.book("+12025550125", medium="video").json["id"]
    with stage.house.store.reading() as ledger:
        assert ledger.due_wishes(stage.clock.now()) == [soon]
        assert ledger.due_wishes(stage.clock.now() + timedelta(hours=5)) == [soon, later]
        kept, other = ledger.load_call(soon), ledger.load_call(later)
        wish = ledger.wish(video)
    assert kept is not None
    assert other is not None
    assert kept.call.customer is not None
    assert (kept.call.customer.name, kept.call.queue.name, other.call.queue.name) == ("Ada Marsh", "billing", "delivery")
    assert wish is not None
    assert wish.due_at is None  # agents see it on their list


def test_a_number_that_is_to_be_called_already_merges_and_nothing_of_it_changes(client: Client) -> None:
    first = client.book(phrase=PHRASE).json
    again = client.book(start=SLOT, phrase="another one")
    assert (again.status_code, again.json) == (200, first | {"merged": True})
    assert client.book(subject="parcel").status_code == 201  # another queue has its own


def test_slots_are_offered_until_they_are_full(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(rules=CallbackRules(a_slot=1, days_ahead=1, an_hour_an_agent=100))
    client = stage.client()
    offered = client.send("GET", "/slots?subject=invoice").json["slots"]
    assert offered[0] == {"start": "2026-03-02T13:00:00Z", "until": "2026-03-02T13:30:00Z", "left": 1}
    assert client.book(start=offered[0]["start"]).status_code == 201
    assert client.send("GET", "/slots?subject=invoice").json["slots"] == offered[1:]
    assert errors(client.book(OTHER, start=offered[0]["start"])) == [("start", "full")]
    other = client.book(OTHER).json["id"]
    assert errors(client.send("PATCH", f"/{other}", {"start": offered[0]["start"]})) == [("start", "full")]


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"subject": "weather"}, [("subject", "unknown_subject")]),
        ({"number": "call me"}, [("number", "no_number")]),
        ({"number": "+1 900 555 0123"}, [("number", "not_called")]),
        ({"number": "+45 32 12 34 56"}, [("number", "not_called")]),
        ({"start": "2026-03-02T15:07:00Z"}, [("start", "no_slot")]),
        ({"start": "2026-03-02T04:00:00Z"}, [("start", "no_slot")]),
        ({"start": "2031-03-02T15:00:00Z"}, [("start", "no_slot")]),
        ({"phrase": "ab"}, [("phrase", "no_phrase")]),
        ({"phrase": "493817"}, [("phrase", "no_phrase")]),  # as the PIN would be
        ({"medium": "fax"}, [("medium", "unknown_medium")]),
        ({"note": "x" * 201}, [("note", "length")]),
        (
            {"number": "112", "start": "2026-03-02T15:07:00Z", "phrase": "!"},
            [("number", "no_number"), ("start", "no_slot"), ("phrase", "no_phrase")],
        ),
        ({"number": 12025550123}, [("number", "type")]),
        ({"verified": "yes"}, [("verified", "type")]),
        ({"start": "tomorrow"}, [("start", "no_time")]),
        ({"start": "2026-03-02T15:00:00"}, [("start", "no_time_zone")]),
        ({"customer": {"name": "Ada"}}, [("customer.ref", "needed")]),
        ({"customer": {"ref": "C-1", "pin": "1"}}, [("customer.pin", "unknown_field")]),
        ({"colour": "red"}, [("colour", "unknown_field")]),
    ],
)  # fmt: skip
def test_every_field_that_is_wrong_is_named_and_nothing_is_booked(
    turned_away: Client, fields: dict[str, Any], found: list[Any]
) -> None:
    number = {"number": NUMBER} | fields
    refused = turned_away.send("POST", "", {"subject": "invoice", **number})
    assert (refused.status_code, errors(refused)) == (422, found)
    assert turned_away.send("POST", "/search", {"number": NUMBER}).json == {"callbacks": [], "next": None}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"subject": "\xed\xa0\x80"}', b"[" * 9000])
def test_what_is_no_json_object_is_malformed(turned_away: Client, body: bytes) -> None:
    refused = turned_away.send("POST", "", body, Content_Type="application/json")
    assert (refused.status_code, kind(refused)) == (400, "malformed")


def test_other_kinds_sizes_methods_and_addresses_are_problems_of_their_own(client: Client) -> None:
    assert client.send("POST", "", b"subject=invoice", Content_Type="application/x-www-form-urlencoded").status_code == 415
    assert client.send("POST", "", {"note": "x" * 17_000}).status_code == 413
    wrong = client.send("PUT", "/abc", {})
    assert (wrong.status_code, wrong.headers["Allow"], kind(wrong)) == (405, "DELETE, GET, PATCH", "method")
    assert client.send("DELETE", "").headers["Allow"] == "POST"
    assert [client.send("GET", path).status_code for path in ("/a/b", "/%00", "/x y", f"/{'a' * 65}")] == [404] * 4


# ---- once ------------------------------------------------------------------------------------------------------------


def test_a_repeat_gets_the_same_answer_and_books_nothing(client: Client, stage: Stage) -> None:
    same = "same-request-00001"
    first = client.send("POST", "", {"subject": "invoice", "number": NUMBER}, Idempotency_Key=same)
    client.send("PATCH", f"/{first.json['id']}", {"number": OTHER})
    stage.clock.pass_seconds(3600)
    again = client.send("POST", "", {"subject": "invoice", "number": NUMBER}, Idempotency_Key=same)
    assert (again.status_code, again.json, again.headers["Location"]) == (201, first.json, first.headers["Location"])
    other = client.send("POST", "", {"subject": "parcel", "number": NUMBER}, Idempotency_Key=same)
    assert (other.status_code, errors(other)) == (422, [("Idempotency-Key", "used")])
    web = stage.client(stage.key(name="web"))
    elsewhere = web.send("POST", "", {"subject": "invoice", "number": NUMBER}, Idempotency_Key=same)
    assert elsewhere.json["id"] != first.json["id"]  # another system's keys are its own


def test_a_key_whose_request_did_nothing_may_be_used_for_the_mended_one(client: Client) -> None:
    same = "same-request-00001"
    assert client.send("POST", "", {"subject": "invoice", "number": "112"}, Idempotency_Key=same).status_code == 422
    assert client.send("POST", "", {"subject": "invoice", "number": NUMBER}, Idempotency_Key=same).status_code == 201


def test_a_repeat_of_what_was_erased_tells_nothing(client: Client, stage: Stage) -> None:
    same = "same-request-00001"
    first = client.send("POST", "", {"subject": "invoice", "number": NUMBER}, Idempotency_Key=same).json
    stage.house.store.erase_call(first["id"])
    again = client.send("POST", "", {"subject": "invoice", "number": NUMBER}, Idempotency_Key=same)
    assert again.status_code == 201
    assert again.json["id"] != first["id"]
    assert client.send("GET", f"/{first['id']}").status_code == 404


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "with a space in it"])
def test_a_booking_names_itself(turned_away: Client, key: str) -> None:
    refused = turned_away.send("POST", "", {"subject": "invoice", "number": NUMBER}, Idempotency_Key=key)
    assert (refused.status_code, errors(refused)[0][0]) == (400, "Idempotency-Key")


# ---- who, and how often ----------------------------------------------------------------------------------------------


def test_a_key_does_what_its_scopes_say_until_it_is_revoked(stage: Stage) -> None:
    reads, writes = stage.client(stage.key(Scope.READ, name="reads")), stage.client(stage.key(Scope.WRITE, name="writes"))
    booked = writes.book().json["id"]
    assert kind(reads.book(OTHER)) == "not_allowed"
    assert [one.send("GET", f"/{booked}").status_code for one in (reads, writes)] == [200, 403]
    stage.keys.revoke("reads", "test", stage.clock.now())
    refused = reads.send("GET", f"/{booked}")
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize("shown", ["", "Bearer", "Bearer x", "Basic abc", "Bearer vbk_000000000000_" + "0" * 64])
def test_nobody_gets_in_without_a_key(turned_away: Client, shown: str) -> None:
    assert turned_away.send("GET", "/subjects", Authorization=shown).status_code == 401


def test_a_key_an_address_and_a_number_have_limits_with_a_time_to_wait(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(ApiPlan(a_key_a_minute=3, an_address_a_minute=5, a_number_an_hour=1))
    first, second = stage.client(stage.key(name="a")), stage.client(stage.key(name="b"), REMOTE_ADDR="203.0.113.9")
    assert [first.send("GET", "/subjects").status_code for _ in range(4)] == [200, 200, 200, 429]
    stage.clock.pass_seconds(61)
    assert second.book().status_code == 201
    for spelt in (NUMBER, "202-555-0123"):
        refused = second.book(spelt)
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "3600")
    stage.clock.pass_seconds(61)
    guesses = [second.send("GET", "/subjects", Authorization="Bearer guess") for _ in range(6)]
    assert [guess.status_code for guess in guesses] == [401] * 5 + [429]
    assert guesses[-1].headers["Retry-After"] == "60"


def test_a_number_has_one_limit_however_it_is_spelt(make_stage: Callable[..., Stage]) -> None:
    client = make_stage(ApiPlan(1000, 1000, a_number_an_hour=1)).client()
    assert client.book("+4532123456").status_code != 429
    assert [client.book(spelt).status_code for spelt in ("32123456", "004532123456", "+45 32 12 34 56")] == [429] * 3


def test_what_the_phone_would_not_promise_is_not_promised_here(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(rules=CallbackRules(a_number_a_day=1, unverified_a_day=2, an_hour_an_agent=3))
    client = stage.client()
    numbers = [f"+1202555{number:04d}" for number in range(20)]
    guests = [client.book(number, verified=False, origin="203.0.113.7").status_code for number in numbers[:3]]
    assert guests == [201, 201, 429]
    told = client.book(numbers[3], verified=False, origin="203.0.113.7")
    assert (told.status_code, told.headers["Retry-After"]) == (429, "86400")
    rest = [client.book(number).status_code for number in numbers[4:10]]
    assert rest == [201, 201, 201, 201, 429, 429]  # two agents are at work
    stage.house.switchboard.desk.set_state("omar", AgentState.OFFLINE)
    stage.clock.pass_seconds(3600)
    assert [client.book(number).status_code for number in numbers[10:14]] == [201, 201, 201, 429]
    stage.clock.pass_seconds(3600)
    [wish] = client.send("POST", "/search", {"number": numbers[0]}).json["callbacks"]
    client.send("DELETE", f"/{wish['id']}")
    assert client.book(numbers[0]).status_code == 429  # once a day


def test_a_thousand_bookings_of_one_attacker_lead_to_no_more_calls_than_the_staff_can_make(stage: Stage) -> None:
    rules, promised = CallbackRules(), 0
    subjects = {name: replace(one, line=replace(one.line, callbacks=rules)) for name, one in stage.bookings.plan.subjects.items()}
    bookings = Bookings(replace(stage.bookings.plan, subjects=subjects))
    for number in range(1000):
        wanted, origin = Wanted("invoice", f"+1202555{number:04d}"), Origin(BookedBy.PAGE, counted=f"203.0.113.{number}")
        promised += isinstance(bookings.do(lambda desk, w=wanted, o=origin: desk.book(w, o)), Booked)
    assert promised == rules.an_hour_an_agent * 2  # two agents are at work


def test_what_a_key_is_used_for_is_written_down_with_its_name(client: Client, stage: Stage) -> None:
    booked = client.book().json["id"]
    client.send("GET", f"/{booked}")
    client.send("POST", "/search", {"number": NUMBER})
    client.send("PATCH", f"/{booked}", {"phrase": PHRASE})
    client.send("DELETE", f"/{booked}")
    assert [(who, deed) for who, deed, _ in stage.recorded] == [
        ("api:crm", deed) for deed in (Deed.BOOKED, Deed.SHOWN, Deed.SHOWN, Deed.CHANGED, Deed.CANCELLED)
    ]
    assert NUMBER not in repr(stage.recorded)


# ---- meanwhile -------------------------------------------------------------------------------------------------------


def test_a_callback_that_is_being_made_is_cancelled_and_not_changed(client: Client, stage: Stage) -> None:
    booked = client.book().json["id"]
    stage.clock.pass_seconds(4 * 3600)
    assert stage.house.switchboard.callbacks.begin_due(stage.clock.now()) == 1
    assert kind(client.send("PATCH", f"/{booked}", {"start": None})) == "under_way"
    assert client.send("DELETE", f"/{booked}").status_code == 204
    assert client.send("GET", f"/{booked}").json["status"] == "cancelled"
    assert client.send("DELETE", f"/{booked}").status_code == 204


def test_one_that_was_done_otherwise_is_over(client: Client, stage: Stage) -> None:
    booked = client.book().json["id"]
    with stage.house.store.transaction() as ledger:
        ledger.settle_wish(SettleWish(booked, WishResult.SERVED), stage.clock.now(), "ruth")
    assert kind(client.send("DELETE", f"/{booked}")) == "over"


def test_a_database_that_is_away_is_said_so(client: Client, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> Any:
        raise StoreUnavailable("away")

    monkeypatch.setattr(stage.bookings, "once", away)
    refused = client.book()
    assert (refused.status_code, kind(refused), refused.headers["Retry-After"]) == (503, "busy", "2")


# ---- the phrase ------------------------------------------------------------------------------------------------------


def test_a_phrase_goes_in_and_is_nowhere_to_be_read(client: Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers = [client.book(phrase=PHRASE), client.book(OTHER, phrase="!" + PHRASE), client.book(phrase=PHRASE)]
    booked = answers[0].json["id"]
    answers += [client.send("PATCH", f"/{booked}", {"phrase": PHRASE}), client.send("GET", f"/{booked}")]
    answers += [client.send("POST", "/search", {"number": NUMBER})]
    assert PHRASE not in "".join(answer.text for answer in answers)
    assert PHRASE not in "".join(capsys.readouterr())
    assert [path.name for path in tmp_path.rglob("*") if path.is_file() and PHRASE.encode() in path.read_bytes()] == []
