"""Verbs to documents: structure, attributes, and nothing that XML or the carrier would refuse."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.telephony.stage import ASK, BASE, CALL, KEYS, LEG, OneShelf, PlainPrompts, Told, document, outline, settings
from voicebot.dialogue.actions import (
    Ask,
    AskAgent,
    HandOver,
    Hangup,
    Join,
    KeyPlan,
    Say,
    StopListening,
    Verb,
    Wait,
)
from voicebot.dialogue.context import Context
from voicebot.dialogue.forms import DialTarget, Door
from voicebot.dialogue.spoken import Words
from voicebot.dialogue.values import Assurance, Shape
from voicebot.errors import ImpossibleEvent
from voicebot.ports.prompts import SpokenText, Utterance
from voicebot.telephony.addresses import Addresses
from voicebot.telephony.settings import PATIENCE
from voicebot.telephony.twiml import Documents

WHEN = 1_000_000.0


def documents(prompts: Any = None, *, stream_is_open: Callable[[str, int], bool] = lambda _call, _phase: False) -> Documents:
    line = settings()
    return Documents(line, Addresses(line, KEYS), OneShelf(prompts), stream_is_open, lambda: WHEN)


def address(purpose: str, path: str, *parts: str | int) -> str:
    return f"{BASE}/voice/{purpose}/{path}/{KEYS.token(f'voice.{purpose}', *map(str, parts))}{PATIENCE}"


def test_a_question_that_opens_a_stream() -> None:
    root = document(documents().for_caller(Told(), LEG))
    assert outline(root) == ["Start", ["Stream", ["Parameter"] * 3], "Gather", ["Say"], "Redirect"]
    stream, gather = root.find("Start/Stream"), root.find("Gather")
    assert stream is not None
    assert gather is not None
    assert dict(stream.attrib) == {
        "name": "ear-2", "url": "wss://voice.example.com/voice/stream", "track": "inbound_track",
        "statusCallback": address("stream-status", "our-call/2", CALL, 2), "statusCallbackMethod": "POST",
    }  # fmt: skip
    given_along = {parameter.get("name"): parameter.get("value") for parameter in stream}
    assert (given_along["call"], given_along["phase"]) == (CALL, "2")
    assert Addresses(settings(), KEYS).stream_token_fits(str(given_along["token"]), CALL, 2, LEG, WHEN)
    assert dict(gather.attrib) == {
        "input": "dtmf", "action": address("entry", "our-call/3-0", CALL, 3, 0), "method": "POST", "numDigits": "6",
        "finishOnKey": "#", "timeout": "6", "actionOnEmptyResult": "true",
    }  # fmt: skip
    assert gather.findtext("Say") == "pin.ask/1"
    assert root.findtext("Redirect") == address("document", "our-call/7", CALL, 7)


def test_the_same_verbs_give_the_same_document() -> None:
    assert documents().for_caller(Told(), LEG) == documents().for_caller(Told(), LEG)


def recorded(**changes: Any) -> Told:
    return Told(verbs=(replace(ASK, door=Door.RECORD, secret=False, **changes),))


def test_a_question_that_is_answered_into_a_recording_takes_keys_until_the_tone() -> None:
    root = document(documents().for_caller(recorded(), LEG))
    assert outline(root) == ["Gather", ["Say", "Say"], "Record", "Redirect"]
    gather, record = root.find("Gather"), root.find("Record")
    assert gather is not None
    assert record is not None
    entry = address("entry", "our-call/3-0", CALL, 3, 0)
    assert dict(gather.attrib) == {
        "input": "dtmf", "action": entry, "method": "POST", "numDigits": "6", "finishOnKey": "#", "timeout": "2",
        "actionOnEmptyResult": "false",
    }  # fmt: skip
    assert [say.text for say in gather] == ["pin.ask/1", "record.how/1"]
    assert dict(record.attrib) == {
        "action": address("spoken", "our-call/3-0", CALL, 3, 0), "method": "POST", "timeout": "3", "maxLength": "30",
        "finishOnKey": "1234567890*#", "playBeep": "true", "trim": "do-not-trim",
        "recordingStatusCallback": address("answer-recorded", "our-call", CALL), "recordingStatusCallbackMethod": "POST",
        "recordingStatusCallbackEvent": "completed",
    }  # fmt: skip
    assert root.findtext("Redirect") == entry  # where nothing was said, the carrier goes on here


@pytest.mark.parametrize(("extension", "says"), [(1, ["filler/1"]), (2, [])])
def test_while_a_recording_is_heard_its_question_is_held_open(extension: int, says: list[str]) -> None:
    root = document(documents().for_caller(recorded(opens_stream=False, extension=extension, say=()), LEG))
    gather = root.find("Gather")
    assert gather is not None
    assert root.find("Record") is None
    assert [say.text for say in gather] == says
    assert (gather.get("timeout"), gather.get("actionOnEmptyResult")) == ("3", "true")
    assert gather.get("action") == address("entry", f"our-call/3-{extension}", CALL, 3, extension)
    assert root.findtext("Redirect") == address("document", "our-call/7", CALL, 7)


def test_a_stream_that_is_open_is_not_started_again() -> None:
    rendered = documents(stream_is_open=lambda call, phase: (call, phase) == (CALL, 2)).for_caller(Told(), LEG)
    assert outline(document(rendered)) == ["Gather", ["Say"], "Redirect"]


@pytest.mark.parametrize("ask", [replace(ASK, listen=False), replace(ASK, opens_stream=False)])
def test_only_a_listening_question_that_opens_starts_a_stream(ask: Ask) -> None:
    assert "Start" not in outline(document(documents().for_caller(Told(verbs=(ask,)), LEG)))


def test_a_stream_token_is_good_for_its_call_phase_leg_and_time_only() -> None:
    addresses = Addresses(settings(), KEYS)
    token = addresses.stream_token(CALL, 2, LEG, WHEN)
    assert addresses.stream_token_fits(token, CALL, 2, LEG, WHEN + 59)
    assert not addresses.stream_token_fits(token, CALL, 2, LEG, WHEN + 91)
    assert not addresses.stream_token_fits(token, CALL, 2, LEG, WHEN - 31)
    assert not addresses.stream_token_fits(token, CALL, 3, LEG, WHEN)
    assert not addresses.stream_token_fits(token, CALL, 2, "CA2", WHEN)
    assert not addresses.stream_token_fits(token, "other", 2, LEG, WHEN)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (KeyPlan(None), {"finishOnKey": "#", "timeout": "6"}),
        (KeyPlan(1, "", 4), {"numDigits": "1", "finishOnKey": "", "timeout": "4"}),
        (KeyPlan(None, "*", 60), {"finishOnKey": "*", "timeout": "10"}),
    ],
)
def test_keys_are_gathered_as_planned_and_for_ten_seconds_at_most(keys: KeyPlan, expected: dict[str, str]) -> None:
    gather = document(documents().for_caller(Told(verbs=(replace(ASK, keys=keys),)), LEG)).find("Gather")
    assert gather is not None
    planned = ("numDigits", "finishOnKey", "timeout")
    assert {name: gather.get(name) for name in planned if gather.get(name) is not None} == expected


def test_an_extension_repeats_the_question_without_words() -> None:
    root = document(documents().for_caller(Told(verbs=(replace(ASK, say=(), extension=2, opens_stream=False),)), LEG))
    assert outline(root) == ["Gather", "Redirect"]
    assert "/3-2/" in (root.find("Gather").get("action") or "")


def test_waiting_is_one_piece_of_music_in_a_gather_of_one_key() -> None:
    root = document(documents().for_caller(Told(verbs=(StopListening(2), Wait(9, 1, (Say("waiting.on"),)))), LEG))
    assert outline(root) == ["Stop", ["Stream"], "Gather", ["Say", "Play"], "Redirect"]
    assert root.find("Stop/Stream").get("name") == "ear-2"
    assert dict(root.find("Gather").attrib) == {
        "input": "dtmf", "action": address("waiting", "our-call/9-7", CALL, 9, 7), "method": "POST", "numDigits": "1",
        "finishOnKey": "", "timeout": "1", "actionOnEmptyResult": "true",
    }  # fmt: skip


@pytest.mark.parametrize(("segment", "piece"), [(0, 1), (1, 2), (3, 4), (4, 1), (5, 2), (400, 1), (403, 4)])
def test_hold_music_goes_round(segment: int, piece: int) -> None:
    root = document(documents().for_caller(Told(verbs=(Wait(9, segment),)), LEG))
    assert root.findtext("Gather/Play") == f"{BASE}/voice/audio/v1/hold{piece}.wav"


def test_hold_music_of_one_piece_is_that_piece_each_time() -> None:
    class Words1(PlainPrompts):
        def utterances(self, say: Say, language: str) -> tuple[Utterance, ...]:
            return (SpokenText(say.prompt_id, language),)

    root = document(documents(Words1()).for_caller(Told(verbs=(Wait(9, 5),)), LEG))
    assert root.findtext("Gather/Say") == "hold"


def test_joining_is_a_conference_that_nobodys_leaving_ends() -> None:
    root = document(documents().for_caller(Told(verbs=(Say("transfer.connecting"), Join("room-1"))), LEG))
    assert outline(root) == ["Say", "Dial", ["Conference"]]
    dial, conference = root.find("Dial"), root.find("Dial/Conference")
    assert dial is not None
    assert conference is not None
    assert dict(dial.attrib) == {"action": address("joined", "our-call/7-room-1", CALL, 7, "room-1"), "method": "POST"}
    assert conference.text == "room-1"
    assert dict(conference.attrib) == {
        "beep": "false", "startConferenceOnEnter": "false", "endConferenceOnExit": "false",
        "waitUrl": address("hold", CALL, CALL), "participantLabel": "caller", "statusCallback": address("room", CALL, CALL),
        "statusCallbackEvent": "join leave end", "statusCallbackMethod": "POST",
    }  # fmt: skip


def test_both_legs_have_the_rooms_news_sent_to_the_same_address() -> None:
    told = Told(verbs=(Join("room-1"),))
    mine = document(documents().for_caller(told, LEG)).find("Dial/Conference")
    theirs = document(documents().for_agent(told, "our-call.7")).find("Dial/Conference")
    assert mine is not None
    assert theirs is not None
    assert mine.get("statusCallback") == theirs.get("statusCallback")
    assert theirs.get("participantLabel") == "agent-7"


def test_the_room_begins_with_the_agent_who_hears_no_music() -> None:
    theirs = document(documents().for_agent(Told(verbs=(Join("room-1"),)), "our-call.7")).find("Dial/Conference")
    assert theirs is not None
    assert (theirs.get("startConferenceOnEnter"), theirs.get("waitUrl")) == ("true", "")


def test_two_agents_in_one_room_have_different_labels_and_a_supervisor_comes_in_muted() -> None:
    asked = document(documents().for_agent(Told(verbs=(Join("room-1"),)), "our-call~1.7")).find("Dial/Conference")
    coach = document(documents().for_agent(Told(verbs=(Join("room-1", muted=True),)), "our-call~2.0")).find("Dial/Conference")
    assert asked is not None
    assert coach is not None
    assert (asked.get("participantLabel"), asked.get("muted")) == ("agent-1.7", None)
    assert (coach.get("participantLabel"), coach.get("muted")) == ("agent-2.0", "true")


def test_not_known_yet_is_one_filler_and_the_same_document_again() -> None:
    root = document(documents().for_caller(Told(pending=True), LEG))
    assert outline(root) == ["Say", "Redirect"]
    assert root.findtext("Say") == "filler/1"
    assert root.findtext("Redirect") == address("document", "our-call/7", CALL, 7)


def test_nothing_to_do_ends_the_leg() -> None:
    assert outline(document(documents().for_caller(Told(verbs=()), LEG))) == ["Hangup"]


@pytest.mark.parametrize("verbs", [(Say("a"),), (StopListening(1),), (Hangup(), Say("a"))])
def test_a_document_goes_on_or_hangs_up(verbs: tuple[Verb, ...]) -> None:
    with pytest.raises(ImpossibleEvent):
        documents().for_caller(Told(verbs=verbs), LEG)
    with pytest.raises(ImpossibleEvent):
        documents().for_agent(Told(verbs=verbs), "r1")


def test_the_pinned_catalogue_speaks() -> None:
    shelf = OneShelf()
    line = settings()
    Documents(line, Addresses(line, KEYS), shelf, lambda _call, _phase: False, lambda: WHEN).for_caller(Told(prompts="old"), LEG)
    assert shelf.versions == ["old"]


def test_no_address_holds_a_token_twice_or_leaves_the_public_base() -> None:
    verbs: tuple[Verb, ...] = (ASK, Wait(4, 0), Join("r"))
    root = document(documents().for_caller(Told(verbs=verbs), LEG))
    found = [value for element in root.iter() for value in (*element.attrib.values(), element.text or "") if "://" in value]
    assert len(found) >= 8
    for url in found:
        parts = urlsplit(url)
        assert parts.netloc == "voice.example.com"
        assert parts.query == ""
        assert parts.fragment in ("", PATIENCE[1:])


# ---- text --------------------------------------------------------------------------------------------------------


class Echo(PlainPrompts):
    """Speaks what it is given, unchanged."""

    def utterances(self, say: Say, language: str) -> tuple[Utterance, ...]:
        return tuple(SpokenText(value.text, language) for _, value in say.args if isinstance(value, Words))


def told_words(text: str) -> Told:
    return Told(verbs=(Say("x", args=(("name", Words(text)),)), Hangup()))


@given(st.text())
def test_any_text_gives_a_valid_document_with_the_expected_elements_only(text: str) -> None:
    root = document(documents(Echo()).for_caller(told_words(text), LEG))
    assert outline(root) in (["Say", "Hangup"], ["Hangup"])
    assert len(root.findtext("Say") or "") <= 100


@pytest.mark.parametrize("character", ["\x00", "\x0b", "\x1b", "\ud800", "\uffff", "\u200f", "\ue000", "\u202e"])
def test_what_xml_or_a_voice_could_not_take_is_left_out(character: str) -> None:
    root = document(documents(Echo()).for_caller(told_words(f"Ada{character} Marsh"), LEG))
    assert root.findtext("Say") == "Ada Marsh"


def test_markup_in_a_name_is_spoken_and_not_obeyed() -> None:
    root = document(documents(Echo()).for_caller(told_words("</Say><Dial>+3725550</Dial>"), LEG))
    assert outline(root) == ["Say", "Hangup"]
    assert root.findtext("Say") == "</Say><Dial>+3725550</Dial>"


def test_a_long_name_is_cut() -> None:
    root = document(documents(Echo()).for_caller(told_words("A" * 5000), LEG))
    assert root.findtext("Say") == "A" * 100


def test_a_long_prompt_stays_within_what_the_carrier_speaks() -> None:
    class Long(PlainPrompts):
        def utterances(self, say: Say, language: str) -> tuple[Utterance, ...]:  # noqa: ARG002
            return (SpokenText("word " * 2000, language),)

    spoken = document(documents(Long()).for_caller(Told(verbs=(Say("x"), Hangup())), LEG)).findtext("Say") or ""
    assert 3900 < len(spoken) <= 4000


verbs_of_a_caller = st.lists(
    st.one_of(
        st.builds(Say, st.text(max_size=20), st.integers(1, 5), st.just(())),
        st.builds(StopListening, st.integers(0, 9)),
        st.builds(
            Ask, st.integers(0, 99), st.just((Say("q"),)), st.just(Shape.parse("yesno")),
            st.builds(KeyPlan, st.none() | st.integers(1, 24)), st.booleans(), st.integers(0, 9), st.booleans(),
            st.integers(0, 3),
        ),
        st.builds(Wait, st.integers(0, 99), st.integers(0, 99)),
        st.builds(Join, st.text(min_size=1, max_size=20, alphabet="abc-123")),
        st.just(Hangup()),
    ),
    max_size=5,
)  # fmt: skip


@given(verbs_of_a_caller)
def test_nothing_is_ever_recorded(verbs: list[Verb]) -> None:
    """No verb, and no attribute of one, asks the carrier to keep sound, but of questions that say so; it keeps none unasked."""
    text = documents().for_caller(Told(verbs=(*verbs, Hangup())), LEG)
    said = [str(one).lower() for element in document(text).iter() for one in (element.tag, *element.attrib)]
    assert not [one for one in said if "record" in one or "transcri" in one]


@given(verbs_of_a_caller)
def test_any_verbs_that_end_give_a_document_of_known_elements(verbs: list[Verb]) -> None:
    root = document(documents().for_caller(Told(verbs=(*verbs, Hangup())), LEG))
    known = {"Say", "Play", "Gather", "Redirect", "Start", "Stop", "Stream", "Parameter", "Dial", "Conference", "Hangup"}
    assert {element.tag for element in root.iter()} <= known | {"Response"}


def test_an_agents_question_never_reaches_a_caller() -> None:
    with pytest.raises(ImpossibleEvent):
        documents().for_caller(Told(verbs=(AskAgent((Say("agent.invitation"),)),)), LEG)


# ---- another system ----------------------------------------------------------------------------------------------


def hand_over(address: str) -> HandOver:
    target = DialTarget(address)
    return HandOver(target, Context("our-call", "web", target.audience, datetime(2026, 3, 2, tzinfo=UTC), Assurance.VERIFIED))


def handing(sign: Callable[[Context], str] = lambda context: f"signed.{context.line}") -> Documents:
    line = settings()
    return Documents(line, Addresses(line, KEYS), OneShelf(None), lambda _call, _phase: False, lambda: WHEN, sign)


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("https://flows.example.com/voice", "https://flows.example.com/voice?context=signed.web"),
        ("https://flows.example.com/voice?flow=7", "https://flows.example.com/voice?flow=7&context=signed.web"),
    ],
)
def test_an_address_of_the_web_gets_the_context_in_its_query(address: str, sent: str) -> None:
    root = document(handing().for_caller(Told(verbs=(Say("transfer.connecting"), hand_over(address))), LEG))
    assert outline(root) == ["Say", "Redirect"]
    redirect = root.find("Redirect")
    assert redirect is not None
    assert (redirect.text, redirect.get("method")) == (sent, "POST")


def test_a_sip_peer_gets_the_context_in_a_header_and_its_end_comes_back_to_us() -> None:
    root = document(handing().for_caller(Told(verbs=(hand_over("sip:service@pbx.example.com;transport=tls"),)), LEG))
    assert outline(root) == ["Dial", ["Sip"]]
    dial = root.find("Dial")
    assert dial is not None
    assert dict(dial.attrib) == {"action": address("handed", "our-call/7", CALL, 7), "method": "POST", "timeout": "20"}
    assert root.findtext("Dial/Sip") == "sip:service@pbx.example.com;transport=tls?X-Voicebot-Context=signed.web"


def test_a_hand_over_is_the_same_document_each_time() -> None:
    told = Told(verbs=(hand_over("sip:a@b"),))
    assert handing().for_caller(told, LEG) == handing().for_caller(told, LEG)


def test_without_a_key_to_sign_with_nothing_is_handed_over() -> None:
    with pytest.raises(ImpossibleEvent, match="cannot be handed over without a key"):
        documents().for_caller(Told(verbs=(hand_over("sip:a@b"),)), LEG)


def test_an_agents_leg_is_never_handed_over() -> None:
    with pytest.raises(ImpossibleEvent):
        handing().for_agent(Told(verbs=(hand_over("sip:a@b"),)), "r1")
