"""Forms are data: what an operator wants asked on a line, in which order, within which limits. The engine interprets them."""

from dataclasses import dataclass, field
from enum import StrEnum

from voicebot.dialogue.values import Shape


class NextStep(StrEnum):
    """Where a call goes when we know as much about the caller as the line wants."""

    QUEUE = "queue"
    SELF_SERVICE = "self_service"


@dataclass(frozen=True)
class FieldPlan:
    """One question. `name` is also the back end's name for it, and the root of its prompt ids (`account_number.ask`).

    `always_read_back`: repeat the value for a yes or no, even where keys or a secret make it safe.
    """

    name: str
    shape: Shape
    secret: bool = False
    always_read_back: bool = False


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
class QueuePlan:
    """Who waits where. Seconds. `agent_language` is what the whisper is spoken in."""

    name: str
    max_wait: int = 900
    agent_language: str = "en"
    name_in_whisper: bool = True
    skills: tuple[str, ...] = ()


@dataclass(frozen=True)
class Grammar:
    """A language's words and what they mean: the single source of the recogniser's vocabulary and of the value.

    `digits`: word -> digits ("oh" -> "0"); `multipliers`: word -> how often the next digit stands ("double" -> 2);
    `commands`: command name -> phrases; `fillers`: words without meaning ("please").
    """

    language: str
    digits: tuple[tuple[str, str], ...] = ()
    multipliers: tuple[tuple[str, int], ...] = ()
    commands: tuple[tuple[str, tuple[str, ...]], ...] = ()
    fillers: tuple[str, ...] = ()


@dataclass(frozen=True)
class LinePlan:
    """One service line, by the number dialled (`dnis`, E.164). Stays with a call to its end, whatever is changed meanwhile."""

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
