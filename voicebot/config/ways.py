"""Reads where a line leads and how it verifies, and refuses what would tell too much or lead nowhere.

Must not look at anything but one line.
"""

import re
from enum import StrEnum
from urllib.parse import urlsplit

from voicebot.config.backend import NEAR
from voicebot.config.tables import Table
from voicebot.dialogue.forms import DialTarget, LinePlan, NextStep

SIP = r"sips?:[A-Za-z0-9._~+-]{1,100}@[A-Za-z0-9.-]{1,200}(:\d{1,5})?(;[A-Za-z0-9=;.-]{1,100})?"

LONGEST_SIP = 255  # characters that the carrier takes


class NextWord(StrEnum):
    """What may stand for `next_step`. `app` is the self-service that comes with Voicebot."""

    QUEUE = "queue"
    APP = "app"
    SELF_SERVICE = "self_service"
    URL = "url"
    SIP = "sip"


def read_next_step(table: Table) -> NextStep:
    """Where the line leads."""
    word = table.choice("next_step", NextWord.QUEUE)
    return NextStep.SELF_SERVICE if word is NextWord.APP else NextStep(word.value)


def read_hand_over(table: Table, next_step: NextStep) -> DialTarget | None:
    """Where calls are handed over to; None where they are not, or where the address is wrong."""
    address = table.text("hand_over", "")
    match next_step:
        case NextStep.URL if not _is_web(address):
            table.wrong("hand_over", 'must be an address like "https://flows.example.com/voice" for next_step = "url"')
        case NextStep.SIP if not re.fullmatch(SIP, address) or len(address) > LONGEST_SIP:
            table.wrong("hand_over", 'must be an address like "sip:service@pbx.example.com" for next_step = "sip"')
        case NextStep.URL | NextStep.SIP:
            return DialTarget(address)
        case _ if address:
            table.wrong("hand_over", 'is for next_step = "url" or "sip" only')
    return None


def _is_web(address: str) -> bool:
    """An https address; http to this machine only. What stands behind `?` goes along."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if parts.fragment or parts.username or not host or not address.isprintable() or " " in address:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in NEAR)


def check_ways(table: Table, plan: LinePlan) -> None:
    """Rules between a line's keys."""
    if plan.next_step is not NextStep.QUEUE and not plan.identifiers and not plan.ani_identification:
        table.wrong("identifiers", "must name something to ask where the calling number is not used")
    if plan.hand_over_identifier and plan.hand_over is None:
        table.wrong("hand_over_identifier", 'is for next_step = "url" or "sip" only')
    if plan.joint:
        _check_joint(table, plan)


def _check_joint(table: Table, plan: LinePlan) -> None:
    if len(plan.secrets) != 1 or not plan.identifiers:
        table.wrong("verification", "joint needs an identifier and exactly one secret, since both get one verdict")
    if plan.ani_identification:
        why = "whoever is asked for the secret at once learns that the number is known"
        table.wrong("ani_identification", f"must be false where verification is joint: {why}")
    if plan.separators:
        table.wrong("separators", "must be empty where verification is joint: nobody is looked up before the secret")
