"""What ear and voice need of the house: models and grammars, the questions to know beforehand, who takes what was heard."""

from collections.abc import Iterator
from pathlib import Path

import structlog

from voicebot.config.company import Company
from voicebot.config.settings import Settings
from voicebot.dialogue.actions import Ask
from voicebot.dialogue.approving import APPROVAL
from voicebot.dialogue.events import Event
from voicebot.dialogue.forms import CheckDigit, FieldPlan, LinePlan
from voicebot.dialogue.journeys.asking import read_back_shape
from voicebot.dialogue.journeys.parts import shapes_of_parts
from voicebot.dialogue.values import Shape
from voicebot.errors import ImpossibleEvent
from voicebot.ports.clock import Clock
from voicebot.ports.ear import Listening, Sayable
from voicebot.speech.codec import to_mulaw
from voicebot.speech.ear import VoskEar
from voicebot.speech.installed import EarSettings
from voicebot.speech.recording import samples_of
from voicebot.speech.voice import LocalVoice, find_synthesiser
from voicebot.switchboard import Switchboard, Turned

log = structlog.get_logger(__name__)


class Heard:
    """Takes what the ear made out to the switchboard, from the ear's own thread."""

    switchboard: Switchboard | None = None

    def __call__(self, call_id: str, event: Event) -> None:
        """Hand it on; what comes too late is nobody's."""
        try:
            if self.switchboard is not None:
                self.switchboard.handle(call_id, event)
        except ImpossibleEvent:
            log.info("heard too late")
        except Exception as trouble:  # noqa: BLE001 - what was heard is lost, the keys go on
            log.error("heard in vain", trouble=type(trouble).__name__)


def company_ear(settings: Settings, heard: "Heard", clock: Clock) -> VoskEar:
    """Listens with the installed models; grammars are built beforehand for what this company asks."""
    deployment = settings.deployment
    warm = questions(settings.company)
    return VoskEar(EarSettings(models=dict(deployment.models), cache=deployment.data / "listening", warm=warm), heard, clock)


def company_voice(settings: Settings) -> LocalVoice:
    """Speaks where we do that ourselves: what was rendered beforehand, and with the voice of this machine."""
    return LocalVoice(settings.deployment.data / "voice", find_synthesiser())


def spoken_answer(wav: bytes) -> bytes:
    """The µ-law of an answer that was recorded. Raises AudioRefused."""
    return to_mulaw(samples_of(wav, Path("a spoken answer")))


def questions(company: Company) -> tuple[Sayable, ...]:
    """Every shape that some line listens for, so that no caller waits for a grammar to be built."""
    always = (Shape.parse("yesno"), Shape.parse("commands"))
    asked = [
        Sayable(shape, plan.grammar, check)
        for plan in (line.plan for line in company.lines.values() if line.plan.listen)
        for shape, check in (
            *((field.shape, CheckDigit.NONE if field.secret else field.check) for field in _listened_for(plan)),
            *((read_back_shape(field.shape), CheckDigit.NONE) for field in (*plan.identifiers, *plan.separators)),
            *((part, CheckDigit.NONE) for field in (*plan.identifiers, *plan.separators) for part in shapes_of_parts(field)),
            *((shape, CheckDigit.NONE) for shape in always),
        )
    ]
    return tuple(dict.fromkeys(asked))


def _listened_for(plan: LinePlan) -> Iterator[FieldPlan]:
    """All fields that may be said, those of fresh proofs in mid-call too; the code of an app is keyed."""
    yield from (*plan.identifiers, *plan.separators, *plan.secrets)
    for step_up in plan.step_ups:
        if step_up.speech:
            yield from (proof for proof in step_up.proofs if proof.name != APPROVAL)


def listening_for(turned: Turned, ask: Ask) -> Listening | None:
    """What the ear is to listen for at a question: the call's own grammar, as it was when the call began."""
    if not ask.listen:
        return None
    field = _number_asked(turned.line, ask)
    check = field.check if field is not None else CheckDigit.NONE
    among = field.name if field is not None and turned.line.hears_among_customers(field) else ""
    return Listening(ask.turn, ask.phase, ask.shape, turned.line.grammar, ask.secret, check, among)


def _number_asked(plan: LinePlan, ask: Ask) -> FieldPlan | None:
    """The field whose number is asked for. None for a secret, which is not searched for, or for a yes or no."""
    fields = (*plan.identifiers, *plan.separators)
    return next((field for field in fields if (field.name, field.shape) == (ask.field, ask.shape)), None)
