"""Puts the desk together: the house goes in, pages for the shell come out. Nothing is decided here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Blueprint

from voicebot.config.desk import DeskPlan
from voicebot.config.prompting import Prompting
from voicebot.desk.browser_phones import BrowserPhonePages, BrowserPhones
from voicebot.desk.commands import Commands
from voicebot.desk.evaluations import EvaluationPages
from voicebot.desk.history import History
from voicebot.desk.places import Places
from voicebot.desk.prompts import PromptPages
from voicebot.dialogue.codec import to_plain
from voicebot.dialogue.forms import PaymentPlan, StepUpPlan
from voicebot.pages.roles import Access
from voicebot.pages.room import Entry, LiveView, PageRoom
from voicebot.ports.call_recordings import Sound
from voicebot.switchboard.desk import AgentDesk
from voicebot.switchboard.evaluating import Evaluating
from voicebot.switchboard.linking import Linking
from voicebot.switchboard.overview import Overview
from voicebot.switchboard.views import Viewer

HERE = Path(__file__).parent


@dataclass(frozen=True)
class DeskHouse:
    """What the desk needs of the rest. `looked_up_by`: fields by which agents find customers, name -> words.

    `called_back(call, agent)` takes a wish off the list; False where somebody has already. `told(call)` has a
    call shown anew. `replies`: a room shows what people write, in a live view of this name. `listen` opens a recording, where
    there is one for this viewer; it may raise CarrierError.
    """

    overview: Overview
    desk: AgentDesk
    linking: Linking
    plan: DeskPlan
    queues: tuple[str, ...]
    lines: tuple[str, ...]
    agents: Mapping[str, str]
    looked_up_by: Mapping[str, str]
    time_zone: str
    called_back: Callable[[str, str], bool]
    told: Callable[[str], None]
    evaluating: Evaluating
    prompting: Prompting
    listen: Callable[[Viewer, str], Sound | None] = lambda _viewer, _sid: None
    step_ups: tuple[StepUpPlan, ...] = ()
    payments: PaymentPlan | None = None
    browser_phones: BrowserPhones | None = None
    replies: bool = False


def create_desk(house: DeskHouse) -> PageRoom:
    """The room."""
    blueprint = Blueprint("desk", __name__, template_folder="templates")
    access: dict[str, Access] = {}
    parts = (Places, Commands, History, EvaluationPages, PromptPages, BrowserPhonePages)
    for part in parts:
        access |= part(house).register(blueprint)
    entries = (
        Entry("Desk", "desk.place"), Entry("Wallboard", "desk.wallboard"), Entry("Interactions", "desk.interactions"),
        Entry("Evaluations", "desk.evaluations"), Entry("My evaluations", "desk.my_evaluations"),
        Entry("Prompts", "desk.prompts"),
    )  # fmt: skip
    return PageRoom(blueprint, access, entries, _views(house.overview), HERE / "assets", frozenset({"change_prompt"}))


def _views(overview: Overview) -> tuple[LiveView, ...]:
    return (
        LiveView(
            "place",
            Access.AGENT,
            ("floor",),
            lambda desks, _, viewer: _plain(overview.place(viewer, desks)),
            look=lambda _: overview.desks(),
            follow=_with_it,
        ),
        LiveView(
            "call",
            Access.SIGNED_IN,
            ("call:{key}",),
            lambda _, key, viewer: _plain(overview.call(viewer, key)),
            keyed=True,
        ),
        LiveView("wallboard", Access.SUPERVISOR, ("floor", "call:*"), _shown, look=_looked(overview), alike=True),
    )


def _with_it(place: Any) -> tuple[str, ...]:
    """Cards of the calls that ring, that the agent has, and that are to be filed."""
    if place is None:
        return ()
    calls = dict.fromkeys([*(offer["call"] for offer in place["offers"]), *place["recent"]])
    return tuple(f"call:{call}" for call in calls)


def _looked(overview: Overview) -> Callable[[str], Any]:
    return lambda _: _plain(overview.wallboard())


def _shown(looked: Any, _key: str, _viewer: Viewer) -> Any:
    return looked


def _plain(value: Any) -> Any:
    return None if value is None else to_plain(value)
