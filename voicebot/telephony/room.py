"""Puts the room together: the house goes in, a Flask blueprint and a media socket come out. Nothing is decided here."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from flask import Blueprint

from voicebot.ports.clock import Clock
from voicebot.ports.ear import Ear
from voicebot.ports.hand_over import SignContext, hands_nothing_over
from voicebot.ports.mouth import Mouth
from voicebot.ports.prompts import PromptShelf
from voicebot.telephony.addresses import STREAM_PATH, TALK_PATH, Addresses
from voicebot.telephony.agent_webhooks import AgentWebhooks
from voicebot.telephony.answers import Answers
from voicebot.telephony.attention import Attention, ListeningFor
from voicebot.telephony.called_webhooks import CalledWebhooks
from voicebot.telephony.caller_webhooks import CallerWebhooks
from voicebot.telephony.conversation import TalkParts
from voicebot.telephony.exchange import Exchange, TokenKeys
from voicebot.telephony.gate import Gate
from voicebot.telephony.media import MediaSocket, Patience
from voicebot.telephony.message_webhooks import Arrived, Learned, MessageWebhooks
from voicebot.telephony.payment_webhooks import PaymentWebhooks
from voicebot.telephony.public import PublicPages
from voicebot.telephony.recordings import TwilioRecordings
from voicebot.telephony.rung import RungLegs
from voicebot.telephony.selfcheck import SelfCheck
from voicebot.telephony.settings import TelephonySettings
from voicebot.telephony.spoken_answers import MulawOf, SpokenAnswers, reads_nothing
from voicebot.telephony.spoken_webhooks import SpokenWebhooks
from voicebot.telephony.streams import Streams
from voicebot.telephony.talk import TalkSocket
from voicebot.telephony.talks import Talks
from voicebot.telephony.twiml import Documents

TALK_THREADS = 64  # as many as answer webhooks: an entry may wait for the back end


@dataclass(frozen=True)
class House:
    """What the line needs of the rest.

    `region_of(dnis)` is the line's region; `listening_for(turned, ask)` what the ear is to listen for at a question (None: keys
    only); `not_ready()` names what is missing before calls can be taken, `remarks()` what is worth knowing although they can;
    `sign_context` signs what goes along with a call that is handed over. `learned` is told what became of
    messages, `arrived` what people write; `mouth` speaks on two-way streams; `mulaw_of` reads a WAV file, or raises AudioRefused.
    """

    exchange: Exchange
    ear: Ear
    shelf: PromptShelf
    keys: TokenKeys
    clock: Clock
    region_of: Callable[[str], str]
    listening_for: ListeningFor
    not_ready: Callable[[], Sequence[str]]
    remarks: Callable[[], Sequence[str]] = tuple
    sign_context: SignContext = hands_nothing_over
    learned: Learned = lambda *_: False
    arrived: Arrived = lambda *_: None
    mouth: Mouth | None = None
    mulaw_of: MulawOf = reads_nothing


@dataclass(frozen=True)
class VoiceRoom:
    """`blueprint` goes into the Flask app, `media` and `talk` (ASGI WebSocket apps) to their paths, with and without a slash."""

    blueprint: Blueprint
    media: MediaSocket
    streams: Streams
    talk: TalkSocket
    socket_paths: tuple[str, ...] = (STREAM_PATH, STREAM_PATH + "/")
    talk_paths: tuple[str, ...] = (TALK_PATH, TALK_PATH + "/")


def create_voice_room(
    settings: TelephonySettings,
    house: House,
    rung: RungLegs,
    talks: Talks | None = None,
    *,
    wall_clock: Callable[[], float] = time.time,
    patience: Patience | None = None,
) -> VoiceRoom:
    """The room. `rung` and `talks` are shared with the carrier's client (`TwilioCarrier`), which looks legs up in them."""
    talks = Talks() if talks is None else talks
    addresses = Addresses(settings, house.keys)
    streams = Streams(time.monotonic)
    documents = Documents(settings, addresses, house.shelf, streams.is_open, wall_clock, house.sign_context)
    patience = patience or Patience()
    threads = ThreadPoolExecutor(TALK_THREADS, thread_name_prefix="talk")
    spoken = SpokenAnswers(TwilioRecordings(settings), house.ear, house.mulaw_of, house.exchange, house.clock, threads)
    attention = Attention(house.ear, streams, house.listening_for, patience.wind_down, spoken.is_fetched)
    answers = Answers(settings, house.exchange, documents, attention, house.clock)
    gate = Gate(settings, addresses)
    callers = CallerWebhooks(gate, answers, house.exchange, attention, house.clock, house.region_of, talks)
    blueprint = Blueprint("telephony", __name__)
    gate.guard(blueprint)
    callers.register(blueprint)
    SpokenWebhooks(gate, answers, house.exchange, house.clock, spoken, callers.live).register(blueprint)
    AgentWebhooks(settings, gate, answers, house.exchange, rung, house.clock).register(blueprint)
    CalledWebhooks(gate, answers, house.exchange, rung, attention).register(blueprint)
    PaymentWebhooks(gate, answers, house.exchange, house.clock).register(blueprint)
    MessageWebhooks(gate, house.learned, house.arrived, house.clock).register(blueprint)
    PublicPages(house.shelf, house.not_ready, house.remarks).register(blueprint)
    SelfCheck(settings, house.keys).register(blueprint)
    media = MediaSocket(settings, addresses, house.ear, streams, wall_clock, callers.speech_lost, patience)
    parts = TalkParts(
        house.exchange, attention, house.ear, house.shelf, house.mouth, house.clock, callers.speech_lost, threads,
    )  # fmt: skip
    talk = TalkSocket(settings, addresses, talks, parts, wall_clock, patience)
    return VoiceRoom(blueprint, media, streams, talk)
