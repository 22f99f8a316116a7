"""The dashboard and the alert rules that we ship ask for figures that there are, and the documents name them all."""

import json
import re
from pathlib import Path

import pytest
import yaml

from voicebot import VERSION
from voicebot.dialogue.notes import Note, Noted
from voicebot.ports.pressure import Kept, Pressure
from voicebot.ports.watch import Work
from voicebot.telemetry.meters import Meters

PROJECT = Path(__file__).resolve().parents[1]
OPERATIONS = PROJECT / "docs" / "operations"
FIGURE = re.compile(r"\b(?:voicebot|process)_[a-z_]+")
LABELS = re.compile(r"([a-z]+)(?:=|!=|=~)\"")


def figures() -> set[str]:
    meters = Meters(VERSION, lambda: Pressure(Kept({"waiting": 1})))
    meters.worked(Work.EFFECT, "push", "done", 0.1)
    meters.noted([Note(Noted.ARRIVED)])
    return set(re.findall(r"^([a-z_]+)", meters.exposition().decode(), re.MULTILINE)) | {
        name.removesuffix(" gauge") for name in re.findall(r"^# TYPE (\S+ gauge)", meters.exposition().decode(), re.MULTILINE)
    }


def dashboard() -> list[str]:
    panels = json.loads((OPERATIONS / "grafana-dashboard.json").read_text("utf-8"))["panels"]
    return [target["expr"] for panel in panels for target in panel.get("targets", [])]


def rules() -> list[dict[str, object]]:
    groups = yaml.safe_load((OPERATIONS / "alerts.yml").read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


ASKED = [*dashboard(), *(str(rule["expr"]) for rule in rules())]


@pytest.mark.parametrize("expression", ASKED)
def test_every_figure_that_is_asked_for_is_there(expression: str) -> None:
    assert set(FIGURE.findall(expression)) <= figures()
    assert set(LABELS.findall(expression)) <= {"work", "name", "result", "what", "state", "rows", "instance", "job"}
    for opening, closing in ("()", "{}", "[]"):
        assert expression.count(opening) == expression.count(closing)


def test_results_and_rows_that_are_asked_for_are_words_of_ours() -> None:
    asked = " ".join(ASKED)
    assert set(re.findall(r'what="([a-z_]+)"', asked)) <= {noted.value for noted in Noted}
    assert set(re.findall(r'work="([a-z_]+)"', asked)) == {work.value for work in Work}


def test_the_figures_are_all_documented() -> None:
    told = (PROJECT / "docs" / "operations.md").read_text("utf-8")
    ours = {name.removesuffix("_bucket").removesuffix("_count").removesuffix("_sum") for name in figures()}
    missing = {name for name in ours if name.startswith("voicebot") and name not in told and not name.endswith("_created")}
    assert missing == set()


def test_each_panel_has_a_place_of_its_own() -> None:
    panels = json.loads((OPERATIONS / "grafana-dashboard.json").read_text("utf-8"))["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells


def test_the_version_is_the_projects() -> None:
    assert f'version = "{VERSION}"' in (PROJECT / "pyproject.toml").read_text("utf-8")
