"""Neutral verbs to TwiML, the same verbs to the same document every time. Decides nothing that a caller hears."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from voicebot.dialogue.actions import Ask, AskAgent, HandOver, Hangup, Join, Say, StopListening, TakeCard, Verb, Wait
from voicebot.dialogue.forms import Door
from voicebot.errors import ImpossibleEvent
from voicebot.ports.hand_over import SignContext, hands_nothing_over
from voicebot.ports.prompts import PromptShelf
from voicebot.switchboard.plan import Turned
from voicebot.telephony.addresses import Addresses
from voicebot.telephony.conversation import carried
from voicebot.telephony.page import Page
from voicebot.telephony.payments import CARD_PROMPTS
from voicebot.telephony.settings import TelephonySettings

LONGEST_GATHER = 10  # seconds after its prompts: a push that got lost heals itself by then
BETWEEN_KEYS = 3  # seconds, where a caller in line reads several keys off; as long is it silent after each piece of music
FILLER = Say("filler")
HOW_TO_RECORD = Say("record.how")
BEFORE_TONE = 2  # seconds for the first key, and between keys, until the tone
SPOKEN_PAUSE = 3  # seconds of silence that end a spoken answer: people read numbers in groups
LONGEST_ANSWER = 30  # seconds
UNTIL_HEARD = 3  # seconds between two looks at an answer that is being fetched and heard
ANY_KEY = "1234567890*#"
CALLER = "caller"  # what a room knows the caller's leg by
BETWEEN_KEYS_OF_A_CARD = 10  # seconds: people read a card in groups
CARD_ATTEMPTS = 3
SIP_RINGS = 20  # seconds until a SIP peer has to answer
CONTEXT_PARAMETER = "context"  # in the address of the web that a call is handed over to
CONTEXT_HEADER = "X-Voicebot-Context"

StreamIsOpen: TypeAlias = Callable[[str, int], bool]


class Documents:
    """Renders what `Exchange` gave. `stream_is_open(call, phase)` keeps a document that is fetched again from forking twice."""

    def __init__(
        self, settings: TelephonySettings, addresses: Addresses, shelf: PromptShelf, stream_is_open: StreamIsOpen,
        now: Callable[[], float], sign: SignContext = hands_nothing_over,
    ) -> None:
        self._settings = settings
        self._addresses = addresses
        self._shelf = shelf
        self._stream_is_open = stream_is_open
        self._now = now
        self._sign = sign

    def for_caller(self, turned: Turned, leg_id: str) -> str:
        """The caller's leg. `leg_id` is the carrier's id of it: a stream is good on that leg only."""
        page = self._page(turned)
        if turned.pending:
            page.say(FILLER)
            page.response.redirect(self._addresses.document(turned.call_id, turned.seq), method="POST")
            return page.text()
        streamed = carried(turned) is not None
        for verb in turned.verbs:
            match verb:
                case Ask() if streamed:
                    self._talk(page, turned, leg_id)
                case Say() if streamed:
                    continue  # it is said over the stream
                case Ask(door=Door.RECORD):
                    self._record(page, turned, verb)
                case Ask():
                    self._ask(page, turned, verb, leg_id)
                case Wait():
                    self._wait(page, turned, verb)
                case Join():
                    self._join(page, turned, verb, CALLER, self._addresses.joined(turned.call_id, turned.seq, verb.room))
                case HandOver():
                    self._hand_over(page, turned, verb)
                case TakeCard():
                    self._take_card(page, turned, verb)
                case AskAgent():
                    raise ImpossibleEvent("an agent's question on a caller's leg")
                case _:
                    self._plain(page, verb)
        return self._finished(page, turned.verbs)

    def for_agent(self, turned: Turned, reservation: str) -> str:
        """An agent's leg."""
        page = self._page(turned)
        if turned.pending:
            page.say(FILLER)
            page.response.redirect(self._addresses.agent(reservation, "answer"), method="POST")
            return page.text()
        for verb in turned.verbs:
            match verb:
                case AskAgent():
                    self._ask_agent(page, verb, reservation)
                case Join():
                    label = f"agent-{reservation.removeprefix(turned.call_id)[1:]}"  # two in one room must not have the same
                    self._join(page, turned, verb, label, self._addresses.agent(reservation, "left"))
                case Ask() | Wait() | HandOver() | TakeCard():
                    raise ImpossibleEvent("a caller's verb on an agent's leg")
                case _:
                    self._plain(page, verb)
        return self._finished(page, turned.verbs)

    def for_hold(self, turned: Turned) -> str:
        """Hold music for somebody in a room, from its beginning, again and again."""
        page = self._page(turned)
        for piece in range(page.hold_segments()):
            page.say(Say("hold", piece + 1))
        page.response.redirect(self._addresses.hold(turned.call_id), method="POST")
        return page.text()

    def _page(self, turned: Turned) -> Page:
        return Page(self._settings, self._addresses, self._shelf.version(turned.prompts), turned.language)

    def _plain(self, page: Page, verb: Verb) -> None:
        match verb:
            case Say():
                page.say(verb)
            case StopListening():
                page.response.stop().stream(name=stream_name(verb.phase))
            case Hangup():
                page.response.hangup()

    def _ask(self, page: Page, turned: Turned, ask: Ask, leg_id: str) -> None:
        if ask.listen and ask.opens_stream and not self._stream_is_open(turned.call_id, ask.phase):
            self._start_stream(page, turned.call_id, ask.phase, leg_id)
        gather = page.response.gather(
            input="dtmf",
            action=self._addresses.entry(turned.call_id, ask.turn, ask.extension),
            method="POST",
            num_digits=ask.keys.count,
            finish_on_key=ask.keys.terminator,
            timeout=min(ask.keys.timeout, LONGEST_GATHER),
            action_on_empty_result=True,
        )
        for say in ask.say:
            page.say(say, gather)
        page.response.redirect(self._addresses.document(turned.call_id, turned.seq), method="POST")

    def _record(self, page: Page, turned: Turned, ask: Ask) -> None:
        """Keys while the prompts are played, then a tone and a recording, which any key ends. What was recorded is heard in the
        meantime of a question that takes keys. Where nothing is said, the carrier goes on to the next verb: silence, as ever.
        """
        entry = self._addresses.entry(turned.call_id, ask.turn, ask.extension)
        opens, attributes = ask.opens_stream, {"num_digits": ask.keys.count, "finish_on_key": ask.keys.terminator}
        timeout = BEFORE_TONE if opens else UNTIL_HEARD
        gather = page.response.gather(
            input="dtmf", action=entry, method="POST", timeout=timeout, action_on_empty_result=not opens, **attributes
        )
        for say in (*ask.say, HOW_TO_RECORD) if opens else (FILLER,) if ask.extension == 1 else ():
            page.say(say, gather)
        if opens:
            page.response.record(
                action=self._addresses.spoken(turned.call_id, ask.turn, ask.extension),
                method="POST",
                timeout=SPOKEN_PAUSE,
                finish_on_key=ANY_KEY,
                max_length=LONGEST_ANSWER,
                play_beep=True,
                trim="do-not-trim",
                recording_status_callback=self._addresses.answer_recorded(turned.call_id),
                recording_status_callback_method="POST",
                recording_status_callback_event="completed",
            )
        page.response.redirect(entry if opens else self._addresses.document(turned.call_id, turned.seq), method="POST")

    def _talk(self, page: Page, turned: Turned, leg_id: str) -> None:
        """Everything goes over one stream; the verb behind it runs when that has ended, however it did."""
        call_id, seq = turned.call_id, turned.seq
        stream = page.response.connect().stream(name=f"talk-{seq}", url=self._addresses.talk())
        stream.parameter(name="call", value=call_id)
        stream.parameter(name="talk", value=str(seq))
        stream.parameter(name="token", value=self._addresses.talk_token(call_id, seq, leg_id, self._now()))
        page.response.redirect(self._addresses.talked(call_id, seq), method="POST")

    def _start_stream(self, page: Page, call_id: str, phase: int, leg_id: str) -> None:
        stream = page.response.start().stream(
            name=stream_name(phase),
            url=self._addresses.stream(),
            track="inbound_track",
            status_callback=self._addresses.stream_status(call_id, phase),
            status_callback_method="POST",
        )
        stream.parameter(name="call", value=call_id)
        stream.parameter(name="phase", value=str(phase))
        stream.parameter(name="token", value=self._addresses.stream_token(call_id, phase, leg_id, self._now()))

    def _wait(self, page: Page, turned: Turned, wait: Wait) -> None:
        gather = page.response.gather(
            input="dtmf",
            action=self._addresses.waiting(turned.call_id, wait.turn, turned.seq),
            method="POST",
            num_digits=wait.keys,
            finish_on_key="" if wait.keys == 1 else "#",
            timeout=1 if wait.keys == 1 else BETWEEN_KEYS,
            action_on_empty_result=True,
        )
        for say in wait.say:
            page.say(say, gather)
        page.say(Say("hold", wait.segment % page.hold_segments() + 1), gather)
        page.response.redirect(self._addresses.document(turned.call_id, turned.seq), method="POST")

    def _join(self, page: Page, turned: Turned, join: Join, label: str, action: str) -> None:
        waits = label == CALLER  # a room begins with an agent; until then the caller hears the hold music, not silence
        dial = page.response.dial(action=action, method="POST")
        dial.conference(
            join.room,
            start_conference_on_enter=not waits,
            end_conference_on_exit=False,
            beep="false",
            wait_url=self._addresses.hold(turned.call_id) if waits else "",
            participant_label=label,
            muted=True if join.muted else None,
            status_callback=self._addresses.room(turned.call_id),
            status_callback_event="join leave end",
            status_callback_method="POST",
        )

    def _hand_over(self, page: Page, turned: Turned, verb: HandOver) -> None:
        """The address is the operator's, the context ours and signed; nothing that a caller or a back end says is in either."""
        address = verb.target.address
        context = self._sign(verb.context)
        more = "&" if "?" in address else "?"
        if verb.target.is_sip:
            dial = page.response.dial(action=self._addresses.handed(turned.call_id, turned.seq), method="POST", timeout=SIP_RINGS)
            dial.sip(f"{address}{more}{CONTEXT_HEADER}={context}")
        else:
            page.response.redirect(f"{address}{more}{CONTEXT_PARAMETER}={context}", method="POST")

    def _take_card(self, page: Page, turned: Turned, verb: TakeCard) -> None:
        """The keys go to the carrier alone; it comes back with what became of it."""
        plan = verb.plan
        pay = page.response.pay(
            input="dtmf",
            action=self._addresses.paid(turned.call_id, turned.seq, verb.number),
            charge_amount=verb.amount,
            currency=plan.currency,
            payment_connector=plan.connector,
            payment_method="credit-card",
            valid_card_types=" ".join(plan.cards),
            security_code=plan.security_code,
            postal_code=False,
            timeout=BETWEEN_KEYS_OF_A_CARD,
            max_attempts=CARD_ATTEMPTS,
        )
        for moment, say in verb.says:
            for prompt in CARD_PROMPTS[moment]:
                page.say(say, pay.prompt(for_=prompt.asks, error_type=prompt.errors or None))

    def _ask_agent(self, page: Page, ask: AskAgent, reservation: str) -> None:
        gather = page.response.gather(
            input="dtmf",
            action=self._addresses.agent(reservation, "verdict"),
            method="POST",
            num_digits=1,
            finish_on_key="",
            timeout=min(ask.timeout, LONGEST_GATHER),
            action_on_empty_result=True,
        )
        for say in ask.say:
            page.say(say, gather)
        page.response.hangup()

    def _finished(self, page: Page, verbs: Sequence[Verb]) -> str:
        if not verbs:
            page.response.hangup()  # the call is over; the carrier only wants an answer
        elif not isinstance(verbs[-1], Ask | Wait | Join | AskAgent | HandOver | TakeCard | Hangup):
            raise ImpossibleEvent("a document neither goes on nor hangs up")
        return page.text()


def stream_name(phase: int) -> str:
    """What the carrier knows a listening phase's stream by."""
    return f"ear-{phase}"
