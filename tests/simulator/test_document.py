"""The twin's strictness: what a document may say and what is a flaw."""

import pytest

from voicebot.simulator.document import read_document
from voicebot.simulator.vocabulary import UNPERFORMED, WORDS

GOOD = [
    '<Say voice="Polly.Amy" language="en-GB" loop="2">Hello</Say>',
    '<Say>One <break time="200ms"/> <say-as interpret-as="digits">42</say-as></Say>',
    "<Play>https://voicebot.test/voice/audio/a.wav</Play>",
    '<Play digits="1w2"/>',
    '<Pause length="2"/>',
    '<Gather input="dtmf" action="/a" method="POST" timeout="6" finishOnKey="" numDigits="6" actionOnEmptyResult="true"/>',
    "<Gather><Say>x</Say><Play>/b.wav</Play><Pause/></Gather>",
    '<Redirect method="POST">https://voicebot.test/x#rc=2&amp;rp=ct,rt,5xx</Redirect>',
    '<Dial><Conference startConferenceOnEnter="true" endConferenceOnExit="false" beep="false" waitUrl="">r</Conference></Dial>',
    '<Dial><Conference muted="false" participantLabel="caller" maxParticipants="2">r</Conference></Dial>',
    '<Dial action="/a"><Conference statusCallback="/r" statusCallbackEvent="join leave end">r</Conference></Dial>',
    '<Dial timeout="20" callerId="+15550100">+15550123</Dial>',
    '<Dial><Number statusCallback="/s" statusCallbackEvent="initiated completed">+15550123</Number></Dial>',
    '<Start><Stream url="wss://voicebot.test/s" track="inbound_track"><Parameter name="a" value="b"/></Stream></Start>',
    '<Start><Stream name="ear-1" url="wss://voicebot.test/s" statusCallback="https://voicebot.test/t"/></Start>',
    '<Stop><Stream name="ear-1"/></Stop>',
    "<!-- a comment --><Hangup/>",
    '<Reject reason="busy"/>',
]


@pytest.mark.parametrize("text", GOOD)
def test_what_twilio_documents_has_no_flaw(text: str) -> None:
    assert read_document(f"<Response>{text}</Response>".encode()).flaws == ()


@pytest.mark.parametrize("name", sorted(set(WORDS) - {"Response"}))
def test_an_unknown_attribute_is_a_flaw_on_every_verb_and_noun(name: str) -> None:
    inside = f'<{name} frobnicate="1"/>'
    parent = min(WORDS[name].within)
    while parent != "Response":
        inside = f"<{parent}>{inside}</{parent}>"
        parent = min(WORDS[parent].within)
    flaws = read_document(f"<Response>{inside}</Response>".encode()).flaws
    assert f"<{name}> has no attribute frobnicate" in [flaw.what for flaw in flaws]


@pytest.mark.parametrize("name", sorted(UNPERFORMED))
def test_what_the_twin_cannot_perform_is_a_flaw(name: str) -> None:
    inside = f"<{name}/>"
    parent = min(WORDS[name].within)
    while parent != "Response":
        inside = f"<{parent}>{inside}</{parent}>"
        parent = min(WORDS[parent].within)
    flaws = read_document(f"<Response>{inside}</Response>".encode()).flaws
    assert f"the twin cannot perform <{name}>" in [flaw.what for flaw in flaws]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("<Shout>x</Shout>", "there is no <Shout>"),
        ("<say>x</say>", "there is no <say>"),
        ("<Gather><Dial>1</Dial></Gather>", "<Dial> cannot stand in <Gather>"),
        ("<Gather><Gather/></Gather>", "<Gather> cannot stand in <Gather>"),
        ("<Conference>x</Conference>", "<Conference> cannot stand in <Response>"),
        ("<Number>1</Number>", "<Number> cannot stand in <Response>"),
        ("<Stream url='wss://x/y'/>", "<Stream> cannot stand in <Response>"),
        ("<Hangup>now</Hangup>", "<Hangup> takes no text"),
        ("<Gather>text</Gather>", "<Gather> takes no text"),
        ("hello", "text outside of any verb"),
        ("<Say/>", "nothing to say"),
        (f"<Say>{'x' * 4097}</Say>", "4096 characters"),
        ("<Say voice='robot'>x</Say>", "<Say voice> must be"),
        ("<Say language='english please'>x</Say>", "<Say language> must be"),
        ("<Say><b>x</b></Say>", "<b> cannot stand in <Say>"),
        ("<Say><break time='long'/>x</Say>", "<break time>"),
        ("<Play/>", "nothing to play"),
        ("<Pause length='-1'/>", "<Pause length> must be"),
        ("<Gather timeout='auto'/>", "<Gather timeout> must be"),
        ("<Gather numDigits='0'/>", "<Gather numDigits> must be"),
        ("<Gather finishOnKey='x'/>", "<Gather finishOnKey> must be"),
        ("<Gather actionOnEmptyResult='yes'/>", "<Gather actionOnEmptyResult> must be"),
        ("<Gather input=\"['dtmf', 'speech']\"/>", "<Gather input> must be"),
        ("<Gather input='dtmf speech'/>", "cannot recognise speech"),
        ("<Gather action='not a url'/>", "<Gather action> must be"),
        ("<Gather method='PUT'/>", "<Gather method> must be"),
        ("<Redirect/>", "without a URL"),
        ("<Dial/>", "nobody to dial"),
        ("<Dial url='/x'>1</Dial>", "<Dial> has no attribute url"),
        ("<Dial><Conference/></Dial>", "a <Conference> has a name"),
        ("<Dial><Conference beep='loud'>x</Conference></Dial>", "<Conference beep> must be"),
        ("<Dial><Conference statusCallbackEvent='join dance'>x</Conference></Dial>", "<Conference statusCallbackEvent> must be"),
        ("<Dial><Number>abc</Number></Dial>", "holds no telephone number"),
        ("<Start><Stream name='a'/></Start>", "no usable url"),
        ("<Start><Stream url='https://x/y'/></Start>", "<Stream url> must be"),
        ("<Start><Stream url='wss://x/y?token=1'/></Start>", "no query string"),
        ("<Start><Stream url='wss://x/y'><Parameter name='a'/></Stream></Start>", "<Parameter> needs the attribute value"),
        (f"<Start><Stream url='wss://x/y'><Parameter name='a' value='{'x' * 499}'/></Stream></Start>", "under 500 characters"),
        ("<Stop><Stream/></Stop>", "needs the attribute name"),
        ("<Reject reason='bored'/>", "<Reject reason> must be"),
        ("<?php echo 1 ?><Hangup/>", "neither a verb nor a comment"),
    ],
)
def test_what_twilio_does_not_document_is_a_flaw(text: str, what: str) -> None:
    flaws = read_document(f"<Response>{text}</Response>".encode()).flaws
    assert [flaw for flaw in flaws if what in flaw.what], flaws


def test_a_bad_attribute_is_as_if_it_were_not_there() -> None:
    verb = read_document(b"<Response><Gather timeout='soon' numDigits='4'/></Response>").verbs[0]
    assert verb.attributes == {"numDigits": "4"}


@pytest.mark.parametrize(
    ("text", "kind", "code"),
    [
        (b"", "text/xml", 12100),
        (b"<Response><Say>x</Response>", "text/xml", 12100),
        (b"<Response>\x0b</Response>", "text/xml", 12100),
        (b'<!DOCTYPE r [<!ENTITY e "x">]><Response><Say>&e;</Say></Response>', "text/xml", 0),
        (b"<response/>", "text/xml", 12102),
        (b"<Response/>", "application/json", 12300),
        (b"<Response/>", "", 12300),
    ],
)
def test_what_is_no_twiml_is_unreadable(text: bytes, kind: str, code: int) -> None:
    document = read_document(text, kind)
    if code:
        assert document.unreadable
        assert document.flaws[0].code == code
    else:
        assert document.flaws != ()


def test_twiml_that_calls_itself_text_is_performed_and_a_flaw() -> None:
    document = read_document(b"<Response><Hangup/></Response>", "text/plain; charset=utf-8")
    assert document.names == ("Hangup",)
    assert [flaw.code for flaw in document.flaws] == [12300]


def test_a_document_tells_its_verbs_with_their_nouns() -> None:
    text = b'<Response><Stop><Stream name="a"/></Stop><Dial><Conference>r</Conference></Dial></Response>'
    assert read_document(text).names == ("Stop/Stream", "Dial/Conference")
