"""Writes the card of a model from what was counted and measured: README.md of its directory. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Measured:
    """One line of the table. `strangers`: whether all of the speakers were left out of the training that was measured.

    Shares run from 0 to 1; None where nothing was to be counted.
    """

    condition: str
    clips: int
    speakers: int
    strangers: bool
    exact: float | None
    digit_errors: float | None
    wrong: float
    low: float
    high: float


@dataclass(frozen=True)
class Facts:
    """What a card tells. `sources` says of each directory of recordings what it held, `licences` its notice or nothing."""

    name: str
    sources: Mapping[str, str]
    licences: Mapping[str, str]
    speakers: int
    epochs: int
    folds: int
    megabytes: float
    words: int
    machine: str
    measured: Sequence[Measured] = field(default_factory=tuple)


def card(facts: Facts) -> str:
    """The card, in Markdown."""
    trained = "\n".join(
        f"- {place}: {what}. {facts.licences.get(place) or 'No licence lies beside it: find out before you pass this model on'}."
        for place, what in facts.sources.items()
    )
    return f"""# {facts.name}: a telephone model in Vosk's format

Made by `python3 run.py model train`. {facts.megabytes:.1f} MB, 8 kHz, {facts.words} words (`lexicon.txt`).

**Trained on** {facts.speakers} speakers, {facts.epochs} epochs:

{trained}

{_measured(facts)}

**Limits.** It knows the accents, microphones and rooms of its speakers, and synthetic voices for what they do not say. Try it on
recordings of your own callers (`python3 run.py transcribe`) before callers meet it.
"""


def _measured(facts: Facts) -> str:
    if not facts.measured:
        return "**Not measured.** Give `--test DIR` (what `bench speech` reads) to measure it."
    how = (
        f"Speakers of the training were heard by one of {facts.folds} models that were trained without them."
        if facts.folds
        else "Where it says *trained on*, the figure is too good for strangers; `--folds 5` measures with each speaker left out."
    )
    heading = "| condition | clips | speakers | | exact | digit errors | accepted wrong (95 %) |\n|-|-|-|-|-|-|-|"
    return f"""**Measured** through the whole path of a call ({facts.machine}). {how}

{heading}
{chr(10).join(map(_line, facts.measured))}"""


def _line(one: Measured) -> str:
    who = "strangers" if one.strangers else "trained on"
    wrong = f"{one.wrong:.1%} ({one.low:.1%}–{one.high:.1%})"
    cells = (one.condition, one.clips, one.speakers, who, _share(one.exact), _share(one.digit_errors), wrong)
    return f"| {' | '.join(map(str, cells))} |"


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"
