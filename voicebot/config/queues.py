"""Where callers wait: for how long, what they hear, and how the queue gives its work out."""

from collections.abc import Mapping
from enum import StrEnum

from voicebot.config.company import Queue
from voicebot.config.hours import ALWAYS, OpeningHours, always
from voicebot.config.tables import Table
from voicebot.dialogue.forms import QueuePlan
from voicebot.floor.values import Rules

LANGUAGE = r"[a-z]{2,3}(-[A-Z]{2})?"
LONGEST_WAIT = 7200
MOST_TELEPHONES = 10


class Presence(StrEnum):
    """When somebody may be rung."""

    ALWAYS = "always"  # whenever free
    DESK = "desk"  # while they have signed in and said that they are ready


def read_queues(file: Table, hours: Mapping[str, OpeningHours]) -> dict[str, Queue]:
    """`[queues.NAME]`, each. What is wrong is complained about."""
    tables = dict(file.tables("queues"))
    return {name: _queue(name, table, hours, [other for other in tables if other != name]) for name, table in tables.items()}


def _queue(name: str, table: Table, hours: Mapping[str, OpeningHours], others: list[str]) -> Queue:
    usual = QueuePlan(name)
    plan = QueuePlan(
        name=name,
        max_wait=table.whole("max_wait", usual.max_wait, 10, LONGEST_WAIT),
        serve_after_closing=table.whole("serve_after_closing", usual.serve_after_closing, 0, LONGEST_WAIT),
        agent_language=table.text("agent_language", usual.agent_language, like=LANGUAGE, what='a language like "en"'),
        name_in_whisper=table.flag("name_in_whisper", usual.name_in_whisper),
        skills=table.texts("skills", ()),
        tell_position=table.flag("tell_position", usual.tell_position),
        tell_wait=table.flag("tell_wait", usual.tell_wait),
        offer_callback=table.flag("offer_callback", usual.offer_callback),
        recording=table.choice("recording", usual.recording),
        recording_days=table.whole("recording_days", usual.recording_days, 1, 3650),
    )
    open_hours = hours.get(table.one_of("hours", hours, ALWAYS), always("UTC"))
    rules = _rules(table, others)
    table.close()
    return Queue(plan, open_hours, rules)


def _rules(table: Table, others: list[str]) -> Rules:
    usual = Rules()
    rules = Rules(
        ring_at_most=table.whole("ring_at_most", usual.ring_at_most, 1, MOST_TELEPHONES),
        relax_skills_after=table.whole("relax_skills_after", usual.relax_skills_after, 0, LONGEST_WAIT),
        overflow_to=table.one_of("overflow_to", others, ""),
        overflow_after=table.whole("overflow_after", usual.overflow_after, 0, LONGEST_WAIT),
        patience=table.whole("last_agent_first", usual.patience, 0, LONGEST_WAIT),
        wrap_up=table.whole("wrap_up", usual.wrap_up, 0, 3600),
        not_ready_after=table.whole("not_ready_after", usual.not_ready_after, 0, 20),
    )
    if bool(rules.overflow_to) is not bool(rules.overflow_after):
        missing = "overflow_after" if rules.overflow_to else "overflow_to"
        table.wrong(missing, "is needed too: overflow is to a queue, after so many seconds")
    return rules
