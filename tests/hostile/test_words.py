"""Text that is meant to be more than text: in every parameter that the carrier passes on, and in the names of customers.

It breaks no document, begins no new line of a log, stands in no row as it came, and no address in it is ever connected to.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from tests.hostile.stage import PROJECT, Besieged, action, connections, corpus, events, logged
from tests.switchboard.house import ADA
from tests.telephony.stage import document
from voicebot.identity.answers import MalformedAnswer, read_identified
from voicebot.records.customer_checks import Unfit, checked_text
from voicebot.telephony.wording import LONGEST_PERSONAL


def is_half(character: str) -> bool:
    """Half a surrogate pair, which is no character and has no bytes in UTF-8."""
    return "\ud800" <= character <= "\udfff"


WORDS: dict[str, str] = corpus("words")
ADDRESSES: list[str] = corpus("addresses")
# All that the carrier is known to send besides the two that must be right (docs: the voice and stream webhooks).
PARAMETERS = (
    "From", "To", "Caller", "Called", "CallerName", "ForwardedFrom", "CallStatus", "Direction", "ApiVersion", "Digits",
    "FinishedOnKey", "SpeechResult", "Confidence", "StirVerstat", "StirPassportToken", "CallToken", "ParentCallSid",
    "FromCity", "FromState", "FromZip", "FromCountry", "ToCity", "ToState", "ToZip", "ToCountry", "CallDuration", "Timestamp",
    "CallbackSource", "SequenceNumber", "DialCallStatus", "DialCallSid", "DialBridged", "DialCallDuration", "RecordingUrl",
    "RecordingSid", "RecordingStatus", "RecordingDuration", "TranscriptionUrl", "TranscriptionText", "StreamSid", "StreamName",
    "StreamEvent", "StreamError", "ConferenceSid", "FriendlyName", "StatusCallbackEvent", "ParticipantLabel",
    "CallSidEndingConference", "ReasonConferenceEnded", "ParticipantCallStatus", "ReasonParticipantLeft",
    "QueueResult", "QueueSid", "ErrorCode", "ErrorUrl",
    "Body", "MessageSid", "MessageStatus", "NumMedia", "OptOutType",
    "AnsweredBy", "SipCallId", "SipHeader_X-Voicebot-Context", "Url", "MediaUrl0",
)  # fmt: skip
VERBS = {"Response", "Start", "Stream", "Parameter", "Stop", "Gather", "Say", "Play", "Redirect", "Dial", "Conference", "Hangup"}
AT_ONCE = 100  # characters of a word, so that one in every parameter is no body too long
HEADERS = {"Content-Type", "Content-Length", "Cache-Control", "X-Content-Type-Options"}
OPERATOR = "+12025550199"

NAMES = {what: word for what, word in WORDS.items() if word and not any(map(is_half, word))}

every_word = pytest.mark.parametrize("word", WORDS.values(), ids=WORDS)


@pytest.fixture(scope="module")
def besieged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Besieged]:
    opened = Besieged(tmp_path_factory.mktemp("words"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def addresses(besieged: Besieged) -> list[str]:
    return besieged.every_address()


def is_answered(answer: TestResponse) -> None:
    """With a document of known verbs, which dials nobody but the operator; or with no document at all."""
    assert answer.status_code in (200, 204)
    if "json" in str(answer.content_type):
        json.loads(answer.text)
    elif answer.status_code == 200:
        root = document(answer.text)
        assert {element.tag for element in root.iter()} <= VERBS
        assert {dial.text for dial in root.iter("Dial")} <= {OPERATOR, None}
        assert not [character for character in "".join(root.itertext()) if unicodedata.category(character).startswith("C")]
    assert {name for name, _ in answer.headers} <= HEADERS


def leg_for(text: str) -> str:
    """A leg of its own for each text."""
    return "CA" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def in_clear(rows: list[str], word: str) -> list[str]:
    """Rows in which a word stands as it came; a short one stands anywhere by chance."""
    return [row for row in rows if len(word.strip()) > 3 and word.strip() in row]


@every_word
def test_a_word_in_every_parameter_breaks_nothing(besieged: Besieged, addresses: list[str], word: str) -> None:
    form = dict.fromkeys(PARAMETERS, word[:AT_ONCE])
    with logged() as text, connections() as tried:
        for target in [*addresses, "/voice/incoming"]:
            is_answered(besieged.post(target, form))
        is_answered(besieged.post("/voice/incoming", form | {"CallSid": leg_for(word)}))
        rows = besieged.written()
    assert in_clear([json.dumps(event) for event in events(text)], word) == []
    assert in_clear(rows, word) == []
    assert tried == []


@every_word
def test_a_call_from_anything_comes_in_and_is_asked(besieged: Besieged, word: str) -> None:
    """Whatever stands where the calling number should: there is somebody on the line."""
    form = {"CallSid": leg_for(f"from {word}"), "From": word, "CallerName": word, "StirVerstat": word, "ForwardedFrom": word}
    asked = document(besieged.post("/voice/incoming", form).text)
    assert asked.find("Gather") is not None
    assert action(asked).startswith("/voice/entry/")


@every_word
def test_only_keys_are_keys(besieged: Besieged, word: str) -> None:
    """None of these words keys anything that finds or proves anybody."""
    leg = leg_for(f"keys {word}")
    asked = document(besieged.post("/voice/incoming", {"CallSid": leg}).text)
    before = besieged.house.crm.checks
    for _ in range(3):
        asked = besieged.keys(asked, word, CallSid=leg, FinishedOnKey=word)
        if (gather := asked.find("Gather")) is None or "/entry/" not in (gather.get("action") or ""):
            break
    assert besieged.house.crm.checks == before


def whispered(besieged: Besieged) -> str:
    """What the agent hears who takes the caller of LEG."""
    reservation = besieged.in_line()
    agent = {"CallSid": "CA" + "2" * 32, "Direction": "outbound-api"}
    is_answered(besieged.post(besieged.agent("answer", reservation), agent))
    answer = besieged.post(besieged.agent("verdict", reservation), agent | {"Digits": "1"})
    is_answered(answer)
    return " ".join(document(answer.text).itertext())


@pytest.mark.parametrize("word", NAMES.values(), ids=NAMES)
def test_a_customers_name_is_spoken_or_left_out_and_does_nothing_else(tmp_path: Path, word: str) -> None:
    besieged = Besieged(tmp_path)
    besieged.house.crm.customer = replace(ADA, name=word)
    try:
        with logged() as text, connections() as tried:
            heard = whispered(besieged)
        assert "Identified and verified" in heard
        name = heard.partition("The caller is ")[2].partition(" Number ")[0]
        assert len(name) <= LONGEST_PERSONAL + 1
        assert in_clear([json.dumps(event) for event in events(text)], word) == []
        assert in_clear(besieged.written(), word) == []
        assert tried == []
    finally:
        besieged.close()


@pytest.mark.parametrize("half", ["\\ud800", "\\udfff", "\\udc00\\ud800", "Ada\\ud83d"])
def test_no_name_with_half_a_character_gets_in(half: str) -> None:
    """Neither by a back end's answer nor by a file of customers: nothing further in has to be able to write it."""
    answer = b'{"result": "found", "customer": {"ref": "c1", "identifier": "40719238", "name": "%s"}}'
    with pytest.raises(MalformedAnswer):
        read_identified(answer % half.encode())
    with pytest.raises(Unfit):
        checked_text(json.loads(f'"{half}"'))


# ---- addresses in requests -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_address_in_a_request_is_connected_to_or_looked_up(besieged: Besieged, addresses: list[str], address: str) -> None:
    """There is no code that fetches a recording, or anything else that a request names: this shows that there is none."""
    with connections() as tried:
        for target in addresses:
            is_answered(besieged.post(target, dict.fromkeys(PARAMETERS, address)))
        assert besieged.house.switchboard.quiet(10)
        besieged.house.switchboard.tick(besieged.house.clock.now())
        assert besieged.house.switchboard.quiet(10)
    assert tried == []


def test_only_these_parameters_are_read_and_none_of_them_holds_an_address_to_ask() -> None:
    """`ErrorUrl` is told apart from others by its hash, and asked nothing; a recording is fetched by its Sid, never from where
    a `RecordingUrl` points.
    """
    read = {
        found
        for path in sorted((PROJECT / "voicebot" / "telephony").glob("*.py"))
        for found in re.findall(r"""form(?:\.get\(|\[)["'](\w+)["']""", path.read_text("utf-8"))
    }
    assert read == {
        "AccountSid", "Body", "Capture", "CallSid", "CallStatus", "DialCallStatus", "Digits", "Direction", "ErrorCode",
        "ErrorType", "ErrorUrl",
        "FinishedOnKey",
        "FriendlyName", "From", "MessageSid", "MessageStatus", "NumMedia", "OptOutType",
        "RecordingDuration", "RecordingSid", "StirVerstat", "StatusCallbackEvent", "StreamEvent", "To",
        "PaymentCardNumber", "PaymentConfirmationCode", "Required", "Result", "Sid",
    }  # fmt: skip


def test_a_connection_would_have_been_seen() -> None:
    import http.client

    with connections() as tried, pytest.raises(OSError):  # noqa: PT011  # whatever the network says: it was tried
        http.client.HTTPConnection("127.0.0.1", 1, timeout=1).request("GET", "/")
    assert any("('127.0.0.1', 1)" in one for one in tried)


def test_a_second_line_would_have_been_seen() -> None:
    with pytest.raises(json.JSONDecodeError):
        events('{"event": "one"}\nand another\n')
    with pytest.raises(AssertionError):
        events('{"event": "\x1b[31m"}\n')
