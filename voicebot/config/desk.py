"""What agents and supervisors work with at the desk: wrap-up codes, reasons, figures' limits, evaluation questions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType

from voicebot.config.tables import Table
from voicebot.dialogue.forms import Detail
from voicebot.facts.sums import Targets
from voicebot.facts.tally import Assumed
from voicebot.ports.evaluations import Question

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class DeskPlan:
    """`answer_within` and `short_abandon` are seconds: what the service level promises, and who hung up before it could be kept.

    `details` are shown on the card, each to whom its assurance allows. `wrap_up`, `declines` and `breaks`: code -> words.
    `manual_verification`: seconds that an agent is assumed to take to verify a caller by questions; estimates only.
    `sampled` of a hundred served calls of each agent are proposed for evaluation.
    """

    answer_within: int = 20
    short_abandon: int = 5
    details: tuple[Detail, ...] = ()
    wrap_up: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    declines: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    breaks: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    evaluation: tuple[Question, ...] = ()
    sampled: int = 5
    manual_verification: int = 45

    @property
    def targets(self) -> Targets:
        """The same limits, for figures over facts."""
        return Targets(timedelta(seconds=self.answer_within), timedelta(seconds=self.short_abandon))

    @property
    def assumed(self) -> Assumed:
        """What estimates rest on."""
        return Assumed(timedelta(seconds=self.manual_verification))


def read_desk(file: Table, details: Mapping[str, Detail]) -> DeskPlan:
    """`[desk]` with its tables, and `[evaluation.NAME]`. What is wrong is complained about."""
    table, usual = file.table("desk"), DeskPlan()
    plan = DeskPlan(
        answer_within=table.whole("answer_within", usual.answer_within, 1, 3600),
        short_abandon=table.whole("short_abandon", usual.short_abandon, 0, 120),
        details=tuple(details[name] for name in table.some_of("details", details, ())),
        wrap_up=_words(table.table("wrap_up")),
        declines=_words(table.table("declines")),
        breaks=_words(table.table("breaks")),
        evaluation=tuple(_question(name, one) for name, one in file.tables("evaluation")),
        sampled=table.whole("sampled", usual.sampled, 0, 100),
        manual_verification=table.whole("manual_verification", usual.manual_verification, 1, 600),
    )
    table.close()
    return plan


def _words(table: Table) -> dict[str, str]:
    """Codes as the operator names them; they stand in reports, so they are plain words."""
    return {code: table.text(code) for code in table.codes()}


def _question(name: str, table: Table) -> Question:
    question = Question(name, table.text("text"), table.whole("weight", 1, 1, 100), table.flag("critical", default=False))
    table.close()
    return question
