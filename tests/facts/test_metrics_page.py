"""docs/metrics.md names every sum and every figure, and no other."""

import re
from dataclasses import fields
from pathlib import Path

from voicebot.facts.tally import Tally

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "metrics.md").read_text("utf-8")


def named_in(heading: str) -> set[str]:
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return {name for cell in rows for name in re.findall(r"`(\w+)`", cell)}


def test_every_sum_is_explained() -> None:
    assert named_in("Sums") == {one.name for one in fields(Tally)}


def test_every_figure_has_its_formula() -> None:
    assert named_in("Figures") == {name for name, what in vars(Tally).items() if isinstance(what, property)}
