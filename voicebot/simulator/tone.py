"""A <Record>: after a tone, what is said goes onto a tape, until it is quiet, a key is pressed, or the time is up.

Source: twilio.com/docs/voice/twiml/record. Where nothing was said and no key pressed, the action is not asked and the next verb
follows. The sound can be had some moments after the action was asked.
"""

import asyncio
import base64
import io
import wave
from dataclasses import dataclass, field

import numpy as np

from voicebot.simulator.document import Verb
from voicebot.simulator.handset import Handset
from voicebot.simulator.leg import Leg
from voicebot.simulator.party import HangsUp, Step
from voicebot.simulator.record import CallbackSent, Utterance, What
from voicebot.simulator.recording import TELEPHONE_RATE, pcm_of
from voicebot.simulator.resources import VERSION
from voicebot.simulator.robot import Gathering, Plan
from voicebot.simulator.taped import Tape
from voicebot.simulator.webhooks import Request

TONE = 0.5  # seconds
FRAME_SECONDS = 0.02
QUIET = b"\xff"  # of mu-law
LOUD = 1000  # of a real microphone: some 30 dB below the loudest
LOOK = 0.1  # real seconds between two looks at a real microphone


@dataclass(frozen=True)
class RecordRules:
    """A Record's own rules. Seconds."""

    timeout: float
    longest: float
    finish_on: str
    tone: bool

    @classmethod
    def of(cls, record: Verb) -> "RecordRules":
        """The rules that a verb's attributes spell."""
        return cls(
            timeout=float(record.attributes.get("timeout", 5)),
            longest=float(record.attributes.get("maxLength", 3600)),
            finish_on=record.attributes.get("finishOnKey", "1234567890*#"),
            tone=record.flag("playBeep", otherwise=True),
        )


@dataclass
class _Taken:
    """What came: mu-law, whether there is a voice in it, and the key that ended it (empty: none did)."""

    mulaw: bytes = field(default=b"", repr=False)
    voice: bool = False
    key: str = ""


async def record(leg: Leg, verb: Verb) -> Step | None:
    """Tape what is said. None: there was nothing."""
    rules, action = RecordRules.of(verb), leg.absolute(verb.attributes.get("action", ""))
    if rules.tone:
        await leg.hear("beep", TONE)
    taken = _Taken()
    try:
        if leg.handset is not None:
            await _live(leg, leg.handset, rules, taken)
        else:
            await _scripted(leg, rules, action, taken)
    finally:
        tape = _taped(leg, verb, taken) if taken.voice or taken.key else None
    if tape is None:
        return None
    if taken.voice and not taken.key:
        leg.mouth.recorded()
    url = f"https://api.twilio.com/{VERSION}/Accounts/{leg.exchange.settings.account_sid}/Recordings/{tape.sid}"
    extra = (("Digits", taken.key), ("RecordingSid", tape.sid), ("RecordingDuration", str(tape.seconds)), ("RecordingUrl", url))
    return Request(action, verb.attributes.get("method", "POST"), extra)


def _taped(leg: Leg, verb: Verb, taken: _Taken) -> Tape:
    """Put it where the product can fetch it, and tell the product if it wants to know."""
    tape = Tape(leg.sid, 1, source="RecordVerb", status="completed", wav=_wav(taken.mulaw), misses=1)
    now = leg.clock.now()
    tape.spans.append((now - len(taken.mulaw) / TELEPHONE_RATE, now))
    leg.tapes.append(tape)
    callback = verb.attributes.get("recordingStatusCallback")
    if callback is not None and "completed" in verb.attributes.get("recordingStatusCallbackEvent", "completed"):
        note = CallbackSent(leg.at, "recording-completed", None, 0)
        leg.exchange.callbacks.send(tape.sid, leg.callback(callback, tape.told), note, leg.faults, leg.record)
    return tape


def _wav(mulaw: bytes) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, TELEPHONE_RATE, 0, "NONE", ""))
        file.writeframes(pcm_of(mulaw).astype("<i2").tobytes())
    return out.getvalue()


# ---- a robot ------------------------------------------------------------------------------------------------------


async def _scripted(leg: Leg, rules: RecordRules, action: str, taken: _Taken) -> None:
    """In call time, by the script alone."""
    began = leg.clock.now()
    plan = leg.robot.plan(Gathering(action, 0.0, began))
    says = plan.speech is not None and plan.speaks_at < rules.timeout
    speech = b"".join(map(base64.b64decode, plan.speech.frames)) if says and plan.speech is not None else b""
    spoken = QUIET * round(plan.speaks_at * TELEPHONE_RATE) + speech if says else b""
    ends = min(rules.longest, len(spoken) / TELEPHONE_RATE + rules.timeout)
    key = next((press for press in plan.presses if press.key in rules.finish_on and press.at < ends), None)
    ends = key.at if key is not None else ends
    leaves = plan.hangs_up_at is not None and plan.hangs_up_at < ends
    ends = plan.hangs_up_at if leaves and plan.hangs_up_at is not None else ends
    begun = says and plan.speaks_at < ends
    await _say(leg, plan, began, ends if begun else None)
    await leg.clock.sleep_until(began + ends)
    used = sum(press.at <= ends for press in plan.presses) if key is not None else 0
    for press in plan.presses[:used]:
        leg.press(press.key)
    leg.robot.carried_out(plan, began, used, begun)
    taken.mulaw = spoken.ljust(round(ends * TELEPHONE_RATE), QUIET)[: round(ends * TELEPHONE_RATE)]
    taken.voice, taken.key = begun, key.key if key is not None and not leaves else ""
    if leaves:
        raise HangsUp(leg.party.role)


async def _say(leg: Leg, plan: Plan, began: float, ends: float | None) -> None:
    """Note what the caller says, when they say it. `ends`: the recording's end, None where nothing is said."""
    if plan.speech is None or ends is None:
        return
    await leg.clock.sleep_until(began + plan.speaks_at)
    said = Utterance(leg.at, plan.speech.name)
    leg.record.utterances.append(said)
    leg.tell(What.SPEAKING, plan.speech.name)
    await leg.clock.sleep_until(began + min(ends, plan.speaks_at + len(plan.speech.frames) * FRAME_SECONDS))
    said.until = leg.at
    leg.tell(What.SPOKEN, plan.speech.name)


# ---- somebody real ------------------------------------------------------------------------------------------------


class _Microphone:
    """Takes frames as a stream does."""

    open = True

    def __init__(self) -> None:
        self.mulaw = bytearray()
        self.loud_at = 0  # bytes

    async def send(self, payload: str, sent: object) -> None:  # noqa: ARG002  what a mouth gives to a stream
        """The next 20 ms."""
        frame = base64.b64decode(payload)
        self.mulaw += frame
        if np.abs(pcm_of(frame).astype(np.int32)).max(initial=0) > LOUD:
            self.loud_at = len(self.mulaw)


async def _live(leg: Leg, handset: Handset, rules: RecordRules, taken: _Taken) -> None:
    handset.drop_keys()
    microphone = _Microphone()
    leg.mouth.add(microphone)
    pressing = asyncio.get_running_loop().create_task(handset.key())
    try:
        while not taken.key:
            await asyncio.wait({pressing}, timeout=LOOK)
            if pressing.done():
                leg.press(pressing.result())
                taken.key = pressing.result() if pressing.result() in rules.finish_on else ""
                pressing = asyncio.get_running_loop().create_task(handset.key())
            heard = len(microphone.mulaw)
            if heard >= rules.longest * TELEPHONE_RATE or heard - microphone.loud_at >= rules.timeout * TELEPHONE_RATE:
                break
    finally:
        pressing.cancel()
        microphone.open = False
        taken.mulaw, taken.voice = bytes(microphone.mulaw), microphone.loud_at > 0
