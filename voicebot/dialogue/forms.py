"""Forms are data: what an operator wants asked on a line, in which order, within which limits. The engine interprets them."""

from dataclasses import dataclass, field
from enum import StrEnum

from voicebot.dialogue.amounts import amount_told
from voicebot.dialogue.outbound import CallbackRules
from voicebot.dialogue.values import Shape
from voicebot.dialogue.words import AmountWords, CorrectionWords, DateWords, NumberWords


class NextStep(StrEnum):
    """Where a call goes when we know as much about the caller as the line wants."""

    QUEUE = "queue"
    SELF_SERVICE = "self_service"
    URL = "url"
    SIP = "sip"


class Verification(StrEnum):
    """How a line goes about number and secret."""

    STEPWISE = "stepwise"  # the number is looked up, then the secret is asked
    JOINT = "joint"  # both are asked, then one verdict: nobody learns which numbers exist


class Recorded(StrEnum):
    """Which conversations are recorded."""

    OFF = "off"
    AFTER_VERIFICATION = "after_verification"


class Door(StrEnum):
    """How the caller's leg is asked: by which of the carrier's means prompts go out, and keys and speech come in."""

    GATHER = "gather"  # the carrier plays prompts and takes keys; the caller's sound is forked to us
    STREAM = "stream"  # one two-way stream: we play prompts, and hear keys and speech on it
    RECORD = "record"  # numbers are spoken after a tone into a recording, which is fetched and heard then; all else is keyed


class CheckDigit(StrEnum):
    """How a number's last digits follow from the others. `checks` has the arithmetic."""

    NONE = ""
    LUHN = "luhn"
    MOD97 = "mod97"
    MOD11 = "mod11"
    MOD11_10 = "mod11-10"
    GS1 = "gs1"
    UPU_S10 = "upu-s10"


@dataclass(frozen=True)
class FieldPlan:
    """One question. `name` is also the back end's name for it, and the root of its prompt ids (`account_number.ask`).

    `always_read_back`: repeat the value for a yes or no, even where keys or a secret make it safe. `currency`: of an amount.
    `customers`: about how many have such a number, where numbers are not given out one after the other; 0: nobody says so.
    `among_customers`: a doubtful one is heard again among those that customers have.
    """

    name: str
    shape: Shape
    secret: bool = False
    always_read_back: bool = False
    check: CheckDigit = CheckDigit.NONE
    currency: str = ""
    customers: int = 0
    among_customers: bool = False


@dataclass(frozen=True)
class StepUpPlan:
    """What an action needs a fresh proof for: from `at_least` on, in its currency's smallest coins. Without a currency it has no
    amount. `proofs`: secrets of which any one will do. `lifetime` in seconds. `speech`: they may be said where the line listens.
    """

    name: str
    proofs: tuple[FieldPlan, ...]
    at_least: int = 0
    currency: str = ""
    decimals: int = 0
    lifetime: int = 300
    speech: bool = True

    def told(self, amount: int) -> str:
        """An amount as people write it; empty where the action has none."""
        return amount_told(amount, self.decimals, self.currency) if self.currency else ""


@dataclass(frozen=True)
class PaymentPlan:
    """Card payments in the middle of a call: at most `at_most` of the currency's smallest coins. `connector` is the carrier's
    name for whoever charges, `cards` which kinds it takes. `patience`: seconds for one piece of the card data.
    `page`: the company's own payment page, to which a link leads that counts for `link_lifetime` seconds; empty: no links.
    """

    currency: str
    decimals: int
    at_most: int
    connector: str = "Default"
    cards: tuple[str, ...] = ("visa", "mastercard", "amex")
    security_code: bool = True
    patience: int = 120
    page: str = ""
    link_lifetime: int = 1800

    def told(self, amount: int) -> str:
        """An amount as people write it."""
        return amount_told(amount, self.decimals, self.currency)

    def number(self, amount: int) -> str:
        """The same without the currency."""
        return amount_told(amount, self.decimals)


@dataclass(frozen=True)
class Limits:
    """How often before we go on without. `max_attempts` counts complete entries that were rejected, all tries included."""

    max_attempts: int = 3
    no_input: int = 3
    no_match: int = 3
    short: int = 3
    back_end_down: int = 2
    speech_failures: int = 2  # then keypad only
    asks: int = 8  # questions per field, whatever the reason


@dataclass(frozen=True)
class Detail:
    """Something that self-service can say. A private one needs a verified caller. `kind`: words, amount, day or digits."""

    name: str
    kind: str = "words"
    private: bool = True
    currency: str = ""


@dataclass(frozen=True)
class DialTarget:
    """Where a call may be handed over to: `https://…` or `sip:…`. Made from the operator's settings only, never from data."""

    address: str

    @property
    def is_sip(self) -> bool:
        """Whether this is a SIP peer; otherwise it is an address of the web."""
        return self.address.startswith(("sip:", "sips:"))

    @property
    def audience(self) -> str:
        """Who is meant, for the context that goes along: the address without what stands behind `?` or `;`."""
        return self.address.partition("?")[0].partition(";")[0]


@dataclass(frozen=True)
class QueuePlan:
    """Who waits where. Seconds. `agent_language` is what the whisper is spoken in. Who is in line at closing time is served for
    `serve_after_closing` more. `tell_position`, `tell_wait`: now and then the caller hears the place in line, and how long it may
    take where that is known. `offer_callback`: a key leaves the line. A recording is kept for `recording_days`.
    """

    name: str
    max_wait: int = 900
    serve_after_closing: int = 900
    agent_language: str = "en"
    name_in_whisper: bool = True
    skills: tuple[str, ...] = ()
    tell_position: bool = False
    tell_wait: bool = False
    offer_callback: bool = False
    recording: Recorded = Recorded.OFF
    recording_days: int = 90


@dataclass(frozen=True)
class Grammar:
    """A language's words and what they mean: the single source of the recogniser's vocabulary and of the value.

    `digits`: word -> digits ("oh" -> "0"); `multipliers`: word -> how often the next digit stands ("double" -> 2);
    `commands`: command name -> phrases; `fillers`: words without meaning ("please"); `breaks`: words for a dash between the parts
    of a number; `plus`: words before the country's code of a telephone number.
    """

    language: str
    digits: tuple[tuple[str, str], ...] = ()
    multipliers: tuple[tuple[str, int], ...] = ()
    commands: tuple[tuple[str, tuple[str, ...]], ...] = ()
    fillers: tuple[str, ...] = ()
    breaks: tuple[str, ...] = ()
    plus: tuple[str, ...] = ()
    numbers: NumberWords = field(default_factory=NumberWords)
    dates: DateWords = field(default_factory=DateWords)
    amounts: AmountWords = field(default_factory=AmountWords)
    corrections: CorrectionWords = field(default_factory=CorrectionWords)


@dataclass(frozen=True)
class LinePlan:
    """One service line, by the number dialled (`dnis`, E.164). Stays with a call to its end, whatever is changed meanwhile.

    `separators`: fields that are asked only to tell apart several customers whom one number names, beside the identifiers.
    `hand_over`: where the call goes with next_step URL or SIP; `hand_over_identifier`: the context names the identifier.
    """

    name: str
    dnis: str
    language: str
    region: str
    queue: QueuePlan
    grammar: Grammar
    ani_identification: bool = True
    identifiers: tuple[FieldPlan, ...] = ()
    secrets: tuple[FieldPlan, ...] = ()
    limits: Limits = field(default_factory=Limits)
    next_step: NextStep = NextStep.QUEUE
    details: tuple[Detail, ...] = ()
    greet_by_name: bool = False
    listen: bool = True
    verification: Verification = Verification.STEPWISE
    separators: tuple[FieldPlan, ...] = ()
    door: Door = Door.GATHER
    secrets_door: Door = Door.GATHER  # secrets may be asked through another
    record_when_lost: bool = False  # where streams keep failing, numbers are spoken into recordings, not keyed only
    hand_over: DialTarget | None = None
    hand_over_identifier: bool = False
    head_start: int = 0  # seconds that its callers are ahead of others in the same queue
    recording: Recorded = Recorded.OFF
    step_ups: tuple[StepUpPlan, ...] = ()
    callbacks: CallbackRules = field(default_factory=CallbackRules)
    payments: PaymentPlan | None = None
    pay: str = ""  # the detail, an amount, that callers may pay by themselves
    survey: bool = False  # whom an agent had is asked how satisfied they were
    pay_step_up: str = ""  # the step-up without which nobody pays by themselves, from its amount on
    approvals: bool = False  # who waits, and is known but not verified, may approve in their own app

    @property
    def joint(self) -> bool:
        """Whether number and secret get one verdict."""
        return self.verification is Verification.JOINT

    def hears_among_customers(self, field: FieldPlan) -> bool:
        """Whether a doubtful number is heard again among customers'; not where nothing may show who exists."""
        return field.among_customers and not self.joint
