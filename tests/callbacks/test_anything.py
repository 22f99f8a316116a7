"""Whatever is sent to the API and to the customers' pages is answered in words, within the contract, never by a fault of ours.

The same few inputs each time; `python -m tests.callbacks.fuzz` thinks up more (docs/fuzzing.md).
"""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.callbacks.stage import Client, Visitor, open_stage

FIELDS = ("subject", "number", "start", "phrase", "note", "medium", "customer", "verified", "origin", "reason", "language", "ref")
TIMES = ["2026-03-02T15:00:00Z", "9999-12-31T23:59:59+14:00", "0001-01-01T00:00:00Z"]
KNOWN = st.sampled_from(["invoice", "+12025550123", "phone", *TIMES])
VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30), KNOWN)
NAMES = st.sampled_from(FIELDS)
BODIES = st.dictionaries(NAMES, VALUES | st.dictionaries(NAMES, VALUES, max_size=3), max_size=6)
ADDRESSES = st.sampled_from(["", "/search", "/invitations", "/abc", "/subjects", "/slots", "/invitations/abc"])
METHODS = st.sampled_from(["GET", "POST", "PATCH", "DELETE", "PUT"])
OF_FORMS = sorted({*FIELDS, "token", "lang", "website"} - {"origin"})  # that is a header of a form
FORMS = st.dictionaries(st.sampled_from(OF_FORMS), st.text(max_size=30), max_size=6)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    stage = open_stage(tmp_path_factory.mktemp("anything"))
    yield stage.client()
    stage.close()


@pytest.fixture(scope="module")
def visitor(client: Client) -> Visitor:
    return client.stage.visitor()


@settings(derandomize=True, max_examples=150)
@given(method=METHODS, address=ADDRESSES, body=BODIES | VALUES)
def test_a_request_is_answered_or_refused_with_a_problem(client: Client, method: str, address: str, body: Any) -> None:
    answer = client.send(method, address, body)
    assert answer.status_code < 500
    if answer.status_code >= 400:
        assert answer.content_type == "application/problem+json"
        assert answer.json is not None
        assert answer.json["status"] == answer.status_code


@settings(derandomize=True, max_examples=60)
@given(form=FORMS, ours=st.booleans())
def test_a_form_is_taken_or_comes_back(visitor: Visitor, form: dict[str, str], ours: bool) -> None:
    visitor.get()
    answer = visitor.post(**({"token": visitor.token} | form if not ours else form | {"token": visitor.token}))
    assert answer.status_code in (200, 303, 400, 422, 429)
    assert "<script" not in answer.text
