import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.identity import answers

ADA = {"ref": "C-1001", "identifier": "40719238", "name": "Ada Marsh", "language": "en"}


def as_json(plain: Any) -> bytes:
    return json.dumps(plain).encode()


def test_whole_answers_are_read() -> None:
    found = answers.read_identified(as_json({"result": "found", "customer": ADA}))
    assert isinstance(found, answers.Found)
    assert (found.customer.ref, found.customer.identifier, found.customer.name) == ("C-1001", "40719238", "Ada Marsh")
    several = answers.read_identified(as_json({"result": "several", "count": 2, "differ": ["account_number"]}))
    assert several == answers.Several(2, ("account_number",))
    assert answers.read_verdict(b'{"result": "not_set"}').result == "not_set"
    told = answers.read_details(as_json({"result": "answered", "values": {"balance": "84.20"}, "refused": []}))
    assert told == answers.Answered({"balance": "84.20"})


def test_what_may_be_left_out_may_be_null() -> None:
    plain = {"result": "found", "customer": {"ref": "C-1", "identifier": "1", "name": None, "language": None}}
    assert isinstance(answers.read_identified(as_json(plain)), answers.Found)


@pytest.mark.parametrize(
    "plain",
    [
        {},
        [],
        None,
        "found",
        {"result": "hit"},
        {"result": "found"},
        {"result": "found", "customer": {**ADA, "ref": ""}},
        {"result": "found", "customer": {**ADA, "ref": "a\nb"}},
        {"result": "found", "customer": {**ADA, "identifier": 40719238}},
        {"result": "found", "customer": {**ADA, "identifier": "4" * 65}},
        {"result": "found", "customer": {**ADA, "name": "x" * 101}},
        {"result": "found", "customer": {**ADA, "language": "English"}},
        {"result": "several", "count": 1},
        {"result": "several"},
        {"result": "several", "count": 2, "differ": ["no such name"]},
        {"result": "unavailable"},
    ],
)
def test_whatever_is_not_in_the_contract_names_nobody(plain: Any) -> None:
    with pytest.raises(answers.MalformedAnswer) as refused:
        answers.read_identified(as_json(plain))
    assert str(refused.value) == ""
    assert refused.value.__cause__ is None
    assert answers.explain("identify", as_json(plain))


@pytest.mark.parametrize("plain", [{"result": "ok"}, {"result": True}, {"result": "MATCHED"}, {"matched": True}, {}, []])
def test_only_the_four_words_are_a_verdict(plain: Any) -> None:
    with pytest.raises(answers.MalformedAnswer):
        answers.read_verdict(as_json(plain))


@pytest.mark.parametrize(
    "plain",
    [
        {"result": "answered"},
        {"result": "answered", "values": {"balance": 84.2}},
        {"result": "answered", "values": {"balance": None}},
        {"result": "answered", "values": {"Balance!": "84.20"}},
        {"result": "answered", "values": {"balance": "x" * 501}},
        {"result": "answered", "values": {}, "refused": ["balance"]},
        {"result": "answered", "values": {}, "refused": [{"name": "balance", "needs": "luck"}]},
    ],
)
def test_details_are_texts_by_name(plain: Any) -> None:
    with pytest.raises(answers.MalformedAnswer):
        answers.read_details(as_json(plain))


@pytest.mark.parametrize("read", [answers.read_identified, answers.read_verdict, answers.read_details])
@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"\xff\xfe{}", b'{"result": "mat', b"[" * 250_000, b'{"result": "matched", "x": ' + b"[" * 250_000]
)
def test_what_is_no_json_is_refused_however_deep(read: Callable[[bytes], object], body: bytes) -> None:
    with pytest.raises(answers.MalformedAnswer):
        read(body)


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(body: bytes) -> None:
    for read in (answers.read_identified, answers.read_verdict, answers.read_details):
        with pytest.raises(answers.MalformedAnswer):
            read(body)


def test_no_answer_shows_what_it_says() -> None:
    found = answers.read_identified(as_json({"result": "found", "customer": ADA}))
    told = answers.read_details(as_json({"result": "answered", "values": {"balance": "84.20"}}))
    assert "4071" not in repr(found) + str(found)
    assert "Ada" not in repr(found)
    assert "84" not in repr(told)


def test_keys_beyond_the_contract_are_passed_over_and_can_be_named() -> None:
    body = as_json({"result": "found", "customer": {**ADA, "shoe_size": 9}, "took": 3})
    found = answers.read_identified(body)
    assert isinstance(found, answers.Found)
    assert answers.unknown_keys(body, found) == ["customer.shoe_size", "took"]
    refused = as_json({"result": "answered", "values": {"any": "x"}, "refused": [{"name": "a", "needs": "verified", "why": "b"}]})
    assert answers.unknown_keys(refused, answers.read_details(refused)) == ["refused.why"]


def test_an_answer_shows_what_it_is_and_nothing_of_what_it_says() -> None:
    assert repr(answers.read_identified(as_json({"result": "found", "customer": ADA}))) == "Found(…)"
    assert repr(answers.read_verdict(b'{"result": "locked"}')) == "Verdict(…)"


def test_what_is_wrong_is_explained_to_the_owner_of_the_back_end() -> None:
    assert answers.explain("validate", b'{"result": "matched"}') == ""
    assert answers.explain("validate", b'{"result": 7}') == "Expected `str`, got `int` - at `$.result`"
    for body in (b'{"result": "\xff"}', b'{"x": ' + b"[" * 250_000):
        assert answers.explain("validate", body) == "not JSON that could be read"
