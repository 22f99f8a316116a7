"""What may be fed any bytes, and what must hold then. A target raises only where a promise is broken.

Used twice: by the fuzzer (`python -m tests.fuzz`), and by an ordinary test over the corpus that the fuzzer left.
"""

import json
import logging
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import parse_qsl

import structlog

from tests.hostile.test_words import PARAMETERS
from tests.telephony.stage import ACCOUNT, BASE, CALL, KEYS, LEG, NOW, TOKEN, Line, Told, document, settings, sign
from voicebot.config.grammars import load_grammar
from voicebot.dialogue.ani import SPELLED_WORDS, WITHHELD_DIGITS, ani_of, attestation_of
from voicebot.dialogue.codec import to_plain
from voicebot.dialogue.events import EntryKeyed, NoInput
from voicebot.dialogue.phone import e164_of
from voicebot.dialogue.understand import understand, understand_correction
from voicebot.dialogue.understand.numerals import Reading
from voicebot.dialogue.values import Ani, AniStanding, Attestation, Shape
from voicebot.telephony.addresses import Addresses
from voicebot.telephony.frames import LONGEST_MESSAGE, Audio, FrameRefused, StreamStarted, StreamStopped, Unused, read_frame

PROJECT = Path(__file__).resolve().parents[2]
CODES = frozenset({1002, 1003, 1007, 1008, 1009})
E164 = re.compile(r"\+[1-9][0-9]{2,14}", re.ASCII)
REGIONS = ("US", "DK", "GB", "DE", "KR", "ZZ", "")
SHAPES = tuple(map(Shape.parse, ("digits:8", "digits:4-6", "digits:10", "yesno", "yesno:8", "commands", "digits:1-20")))
GRAMMAR = load_grammar(PROJECT / "grammars" / "en.toml")
READ_BACK = Reading("40719238", (4, 4))
ADDRESSES = Addresses(settings(), KEYS)

Target = Callable[[bytes], None]


def _text(fed: bytes) -> str:
    return fed.decode("utf-8", "surrogatepass" if b"\xed" in fed else "replace")


def _lenient(fed: bytes) -> str:
    try:
        return _text(fed)
    except UnicodeDecodeError:
        return fed.decode("latin-1")


# ---- a message of the media socket ---------------------------------------------------------------------------------


def stream(fed: bytes) -> None:
    """Understood, or refused with a code of the protocol; and a start can be checked whatever it says."""
    text = _lenient(fed)
    try:
        frame = read_frame(text)
    except FrameRefused as refused:
        assert refused.code in CODES  # noqa: PT017  # both ways are right
        return
    assert len(text) <= LONGEST_MESSAGE
    match frame:
        case StreamStarted(account=account, leg=leg, call_id=call_id, phase=phase, token=token):
            assert all(isinstance(said, str) for said in (account, leg, call_id, token))
            assert 0 <= phase < 10**9
            assert not ADDRESSES.stream_token_fits(token, call_id, phase, leg, 1_000_000.0)
        case Audio(chunk=chunk, mulaw=mulaw):
            assert chunk is None or 0 <= chunk < 10**15
            payload = json.loads(text)["media"]["payload"]
            assert re.fullmatch(r"([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)?", payload, re.ASCII)
            assert len(mulaw) == len(payload) * 3 // 4 - payload.count("=")
        case _:
            assert isinstance(frame, StreamStopped | Unused)
    assert read_frame(text) == frame


# ---- a webhook's form ----------------------------------------------------------------------------------------------

LINE = Line()
LINE.exchange.answer = Told()
TARGETS = (
    "/voice/incoming", LINE.entry(), LINE.target("waiting", f"{CALL}/3-7", CALL, 3, 7), "/voice/status", "/voice/fallback",
    LINE.target("document", f"{CALL}/7", CALL, 7), LINE.target("handed", f"{CALL}/7", CALL, 7), LINE.target("room", CALL, CALL),
    LINE.target("stream-status", f"{CALL}/2", CALL, 2), LINE.agent("answer"), LINE.agent("verdict"), LINE.agent("status"),
)  # fmt: skip


def entry(fed: bytes) -> None:
    """A signed form of any content: answered, and what is made of it are keys, numbers, statuses, and nothing else.

    The first byte chooses the address; the rest is the form, behind the account and the leg.
    """
    target = TARGETS[fed[0] % len(TARGETS)] if fed else TARGETS[0]
    body = f"AccountSid={ACCOUNT}&CallSid={LEG}&".encode() + fed[1:]
    try:
        form = parse_qsl(body.decode(), keep_blank_values=True, errors="werkzeug.url_quote")
    except ValueError:
        form = []
    LINE.exchange.asked.clear()
    answer = LINE.post_raw(target, [], sign(TOKEN, BASE + target, sorted(set(form))), data=body)
    assert answer.status_code in (200, 204, 403, 413)
    if answer.status_code == 200:
        document(answer.text)
    for asked in LINE.exchange.asked:
        _is_made_of_nothing_strange(asked)


def _is_made_of_nothing_strange(asked: tuple[object, ...]) -> None:
    for value in asked:
        match value:
            case EntryKeyed(keys=keys):
                assert re.fullmatch(r"[0-9*#]+", keys.reveal(), re.ASCII)
            case NoInput(at=at):
                assert at == NOW
            case Ani():
                _is_an_ani(value)
            case str():
                assert len(value) <= 100


# ---- numbers of telephones -----------------------------------------------------------------------------------------


def numbers(fed: bytes) -> None:
    """A number in E.164 that stays what it is when it is read again, or none."""
    region = REGIONS[fed[0] % len(REGIONS)] if fed else ""
    text = _lenient(fed[1:])
    ani = ani_of(text, region, text)
    _is_an_ani(ani)
    if ani.number is not None:
        assert ani_of(ani.number, "ZZ", None).number == ani.number
    digits = re.sub(r"[^0-9]", "", text, flags=re.ASCII)
    found = e164_of(digits, region)
    if found is not None:
        assert E164.fullmatch(found)
        assert set(found) <= set("+" + digits) | set("0123456789")
    assert isinstance(attestation_of(text), Attestation)


def _is_an_ani(ani: Ani) -> None:
    assert (ani.number is None) is (ani.standing is not AniStanding.USABLE)
    assert ani.number is None or E164.fullmatch(ani.number)


# ---- words ---------------------------------------------------------------------------------------------------------


def words(fed: bytes) -> None:
    """Digits that fit the question, a command, or nothing; the same each time. The same words as a correction, too."""
    shape = SHAPES[fed[0] % len(SHAPES)] if fed else SHAPES[0]
    said = _lenient(fed[1:200])
    understood = understand(said, shape, GRAMMAR)
    assert all(shape.fits(digits) and re.fullmatch(r"[0-9]+", digits, re.ASCII) for digits in understood.digits)
    assert re.fullmatch(r"[0-9]*", understood.partial, re.ASCII)
    assert understand(said, shape, GRAMMAR) == understood
    corrected = understand_correction(said, READ_BACK, SHAPES[0], GRAMMAR)
    assert all(SHAPES[0].fits(digits) and re.fullmatch(r"[0-9]+", digits, re.ASCII) for digits in corrected.digits)
    assert abs(corrected.place) <= len(READ_BACK.digits)


TARGETS_BY_NAME: Mapping[str, Target] = {"stream": stream, "entry": entry, "numbers": numbers, "words": words}


def _texts(plain: object) -> set[str]:
    """Every word of a grammar."""
    if isinstance(plain, dict):
        return {text for value in plain.values() for text in _texts(value)}
    if isinstance(plain, list):
        return {text for value in plain for text in _texts(value)}
    return {plain} - {""} if isinstance(plain, str) else set()


# Words that a fuzzer would hardly come upon.
DICTIONARIES: Mapping[str, tuple[str, ...]] = {
    "stream": ("event", "start", "media", "stop", "payload", "customParameters", "mediaFormat", "audio/x-mulaw", "sampleRate"),
    "entry": (*PARAMETERS, "completed", "in-progress", "inbound", "participant-join", "participant-leave", "stream-error", "%00"),
    "numbers": (*SPELLED_WORDS, *WITHHELD_DIGITS, "+45", "+1", "00", "011", "sip:", "tel:", "client:", "tn-validation-passed-a"),
    "words": tuple(sorted(_texts(to_plain(GRAMMAR)))),
}


def keep_quiet() -> None:
    """A million refusals are not worth a line each."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
