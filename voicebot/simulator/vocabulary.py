"""The words of TwiML: each verb and noun, where it may stand, its attributes and their values. Data only.

Source: twilio.com/docs/voice/twiml and its noun pages. What the twin knows but cannot perform is in `UNPERFORMED`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Value:
    """What an attribute may be: in words, and as a test."""

    expects: str
    fits: Callable[[str], bool]


def whole(lowest: int, highest: int) -> Value:
    """A whole number within limits."""
    return Value(f"a whole number from {lowest} to {highest}", lambda text: text.isdecimal() and lowest <= int(text) <= highest)


def one_of(*words: str) -> Value:
    """One of these words."""
    return Value("one of " + ", ".join(words), lambda text: text in words)


def words_of(*words: str) -> Value:
    """One or more of these words, separated by spaces."""
    return Value("words out of " + ", ".join(words), lambda text: bool(text.split()) and set(text.split()) <= set(words))


def pattern(expects: str, expression: str) -> Value:
    """A text that matches as a whole."""
    known = re.compile(expression, re.DOTALL)
    return Value(expects, lambda text: known.fullmatch(text) is not None)


def is_url(text: str) -> bool:
    """Whether this is an http(s) URL, or a relative one."""
    parts = urlsplit(text)
    if parts.scheme:
        return parts.scheme in ("http", "https") and bool(parts.netloc)
    return bool(text) and " " not in text


FLAG = one_of("true", "false")
METHOD = one_of("GET", "POST")
URL = Value("an http(s) URL", is_url)
URL_OR_EMPTY = Value("an http(s) URL or nothing", lambda text: text == "" or is_url(text))
STREAM_URL = Value("a wss:// URL", lambda text: text.startswith("wss://") and bool(urlsplit(text).netloc))
ANY = Value("any text", lambda _: True)
SHORT = pattern("1 to 128 characters", r".{1,128}")
SECONDS = whole(0, 14400)
LANGUAGE = pattern("a language tag", r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
VOICE = pattern("man, woman, alice, or a Polly, Google or ElevenLabs voice", r"man|woman|alice|(Polly|Google|ElevenLabs)\..+")
KEYS = pattern("keys out of 0-9, # and *, or nothing", r"[0-9#*]*")
NUMBER = pattern("a telephone number", r"\+?[0-9]{3,15}")
TRACK_EVENTS = words_of("initiated", "ringing", "answered", "completed")
ROOM_EVENTS = words_of("start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement")
RECORDING_EVENTS = words_of("in-progress", "completed", "absent")
TRIM = one_of("trim-silence", "do-not-trim")


@dataclass(frozen=True)
class Word:
    """One element: where it may stand, its attributes, which of them must be there, and whether it takes text."""

    within: frozenset[str]
    attributes: Mapping[str, Value] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    text: bool = False
    any_text: bool = False  # its inside is markup of its own, not checked here


def _word(within: str, *, needs: tuple[str, ...] = (), text: bool = False, **attributes: Value) -> Word:
    return Word(frozenset(within.split()), {name.rstrip("_"): value for name, value in attributes.items()}, needs, text)


_CALLBACK = {"statusCallback": URL, "statusCallbackMethod": METHOD}
_RECORDING = {
    "recordingStatusCallback": URL,
    "recordingStatusCallbackMethod": METHOD,
    "recordingStatusCallbackEvent": RECORDING_EVENTS,
    "recordingConfigurationId": ANY,
}
_DETECTION = {
    "machineDetection": one_of("Enable", "DetectMessageEnd"),
    "amdStatusCallback": URL,
    "amdStatusCallbackMethod": METHOD,
    "machineDetectionTimeout": whole(3, 59),
    "machineDetectionSpeechThreshold": whole(1000, 6000),
    "machineDetectionSpeechEndThreshold": whole(500, 5000),
    "machineDetectionSilenceTimeout": whole(2000, 10000),
}
_PARTY = {"url": URL, "method": METHOD, "statusCallbackEvent": TRACK_EVENTS, **_CALLBACK}

WORDS: Mapping[str, Word] = {
    "Say": Word(
        frozenset({"Response", "Gather", "Prompt"}),
        {"voice": VOICE, "language": LANGUAGE, "loop": whole(0, 1000)},
        text=True,
        any_text=True,
    ),
    "Play": _word("Response Gather Prompt", text=True, loop=whole(0, 1000), digits=pattern("keys and w", r"[0-9#*wW]+")),
    "Pause": _word("Response Gather Prompt", length=whole(0, 3600)),
    "Gather": _word(
        "Response",
        input=one_of("dtmf", "speech", "dtmf speech", "speech dtmf"),
        action=URL,
        method=METHOD,
        timeout=pattern("a number of seconds", r"[0-9]{1,5}"),
        finishOnKey=KEYS,
        numDigits=whole(1, 1000),
        actionOnEmptyResult=FLAG,
        speechTimeout=pattern("auto or seconds", r"auto|[0-9]{1,4}"),
        maxSpeechTime=whole(1, 60),
        speechModel=ANY,
        hints=ANY,
        language=LANGUAGE,
        profanityFilter=FLAG,
        partialResultCallback=URL,
        partialResultCallbackMethod=METHOD,
        bargeIn=FLAG,
        debug=FLAG,
        enhanced=FLAG,
    ),
    "Redirect": _word("Response", text=True, method=METHOD),
    "Hangup": _word("Response"),
    "Reject": _word("Response", reason=one_of("rejected", "busy")),
    "Leave": _word("Response"),
    "Echo": _word("Response"),
    "Dial": Word(
        frozenset({"Response"}),
        {
            "action": URL,
            "method": METHOD,
            "answerOnBridge": FLAG,
            "callerId": ANY,
            "hangupOnStar": FLAG,
            "timeLimit": whole(1, 86400),
            "timeout": whole(1, 600),
            "record": ANY,
            "recordingTrack": one_of("inbound", "outbound", "both"),
            "referUrl": URL,
            "referMethod": METHOD,
            "ringTone": pattern("a country or automatic", r"automatic|[a-z]{2}(-old)?"),
            "sequential": FLAG,
            "trim": TRIM,
            "events": ANY,
            "passports": ANY,
            **_RECORDING,
        },
        text=True,
    ),
    "Conference": Word(
        frozenset({"Dial"}),
        {
            "muted": FLAG,
            "beep": one_of("true", "false", "onEnter", "onExit"),
            "startConferenceOnEnter": FLAG,
            "endConferenceOnExit": FLAG,
            "participantLabel": SHORT,
            "jitterBufferSize": one_of("small", "medium", "large", "off"),
            "waitUrl": URL_OR_EMPTY,
            "waitMethod": METHOD,
            "maxParticipants": whole(2, 250),
            "record": one_of("do-not-record", "record-from-start"),
            "region": ANY,
            "trim": TRIM,
            "coach": pattern("a call", r"CA[0-9a-f]{32}"),
            "statusCallbackEvent": ROOM_EVENTS,
            "eventCallbackUrl": URL,
            **_CALLBACK,
            **_RECORDING,
        },
        text=True,
    ),
    "Number": Word(frozenset({"Dial"}), {"sendDigits": ANY, "byoc": ANY, **_PARTY, **_DETECTION}, text=True),
    "Client": Word(frozenset({"Dial"}), _PARTY, text=True),
    "Sip": Word(frozenset({"Dial"}), {"username": ANY, "password": ANY, **_PARTY, **_DETECTION}, text=True),
    "Sim": _word("Dial", text=True),
    "WhatsApp": Word(frozenset({"Dial"}), _PARTY, text=True),
    "Application": Word(frozenset({"Dial"}), {"customerId": ANY, "copyParentTo": FLAG, **_PARTY}, text=True),
    "Queue": _word("Dial", text=True, url=URL, method=METHOD, reservationSid=ANY, postWorkActivitySid=ANY),
    "Enqueue": _word(
        "Response",
        text=True,
        action=URL,
        method=METHOD,
        maxQueueSize=whole(1, 5000),
        waitUrl=URL,
        waitUrlMethod=METHOD,
        workflowSid=ANY,
    ),
    "Task": _word("Enqueue", text=True, priority=whole(0, 2147483647), timeout=SECONDS),
    "Record": Word(
        frozenset({"Response"}),
        {
            "action": URL,
            "method": METHOD,
            "timeout": SECONDS,
            "finishOnKey": KEYS,
            "maxLength": whole(1, 14400),
            "playBeep": FLAG,
            "trim": TRIM,
            "transcribe": FLAG,
            "transcribeCallback": URL,
            **_RECORDING,
        },
    ),
    "Start": _word("Response", action=URL, method=METHOD),
    "Stop": _word("Response"),
    "Connect": _word("Response", action=URL, method=METHOD),
    "Stream": Word(
        frozenset({"Start", "Stop", "Connect"}),
        {
            "name": SHORT,
            "connectorName": ANY,
            "url": STREAM_URL,
            "track": one_of("inbound_track", "outbound_track", "both_tracks"),
            "audioFormat": ANY,
            "sampleRate": ANY,
            **_CALLBACK,
        },
    ),
    "Parameter": _word("Stream", needs=("name", "value"), name=SHORT, value=ANY),
    "Siprec": _word("Start Stop", name=SHORT, connectorName=ANY, track=ANY, statusCallback=URL, statusCallbackMethod=METHOD),
    "Transcription": _word("Start Stop", name=SHORT, track=ANY, statusCallbackUrl=URL, statusCallbackMethod=METHOD),
    "Recording": _word("Start", track=ANY, channels=ANY, trim=TRIM, recordingStatusCallback=URL),
    "Pay": _word(
        "Response",
        needs=("action",),
        action=URL,
        statusCallback=URL,
        statusCallbackMethod=METHOD,
        input=one_of("dtmf"),
        paymentConnector=SHORT,
        paymentMethod=one_of("credit-card"),
        chargeAmount=pattern("an amount", r"[0-9]{1,6}(\.[0-9]{1,3})?"),
        currency=pattern("a currency", r"[A-Za-z]{3}"),
        description=ANY,
        validCardTypes=words_of(
            "visa", "mastercard", "amex", "maestro", "discover", "optima", "jcb", "diners-club", "enroute"
        ),
        securityCode=FLAG,
        postalCode=one_of("false"),
        timeout=whole(1, 600),
        maxAttempts=whole(1, 3),
        language=LANGUAGE,
        tokenType=one_of("one-time", "reusable", "payment-method"),
    ),
    "Prompt": _word(
        "Pay",
        needs=("for",),
        for_=one_of("payment-card-number", "expiration-date", "security-code", "postal-code", "payment-processing"),
        errorType=words_of(
            "timeout", "invalid-card-number", "invalid-card-type", "invalid-date", "invalid-security-code",
            "invalid-postal-code", "input-matching-failed",
        ),
        cardType=ANY,
        attempt=ANY,
        requireMatchingInputs=FLAG,
    ),
    "Refer": _word("Response", action=URL, method=METHOD),
}

UNPERFORMED = frozenset(
    {"Leave", "Echo", "Client", "Sim", "WhatsApp", "Application", "Queue", "Enqueue", "Task"}
    | {"Siprec", "Transcription", "Recording", "Refer"}
)

_SSML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
SPEECH_MARKUP: Mapping[str, Mapping[str, Value]] = {
    "break": {
        "strength": one_of("none", "x-weak", "weak", "medium", "strong", "x-strong"),
        "time": pattern("a time such as 200ms", r"[0-9.]+m?s"),
    },
    "emphasis": {"level": one_of("strong", "moderate", "reduced")},
    "lang": {_SSML_LANG: LANGUAGE},
    "p": {},
    "s": {},
    "phoneme": {"alphabet": one_of("ipa", "x-sampa"), "ph": ANY},
    "prosody": {"volume": ANY, "rate": ANY, "pitch": ANY},
    "say-as": {"interpret-as": ANY, "format": ANY},
    "sub": {"alias": ANY},
    "w": {"role": ANY},
}
