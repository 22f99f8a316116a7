"""What may be written to whom by which way now. Pure: time and what is known come in.

Sources: Meta's rules for WhatsApp and Messenger (text of one's own within 24 hours of the person's last message), as Twilio
enforces them (errors 63016, 63018).
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from voicebot.config.messages import LONGEST, Way

WINDOW = timedelta(hours=24)
STOP = frozenset({
    "STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "ARRET", "ARRÊT",
    "AFMELD", "수신거부",
})  # fmt: skip
START = frozenset({"START", "UNSTOP", "TILMELD", "수신동의"})
YES = "YES"  # begins again only for whoever has stopped: else it is an answer
HELP = frozenset({"HELP", "INFO", "AIDE", "HJÆLP", "HJAELP", "도움말"})


@dataclass(frozen=True)
class Known:
    """Of a person and a sender of ours: when they last wrote, and whether they want nothing from it."""

    last_in: datetime | None = None
    opted_out: bool = False


def against(way: Way, text: str, known: Known, now: datetime, *, template: bool = False) -> str | None:
    """Why it may not be written, as a sentence for the agent; None if it may."""
    if not text.strip():
        return "There is nothing in it."
    if len(text) > LONGEST:
        return f"It has {len(text)} characters, and at most {LONGEST} can be sent."
    if known.opted_out:
        return "This person has written STOP to this sender, and is sent nothing from it until they write START."
    within = known.last_in is not None and now - known.last_in < WINDOW
    if way is Way.MESSENGER and not within:
        return "Messenger takes answers only, within 24 hours of the person's last message."
    if way is Way.WHATSAPP and not (within or template):
        return "WhatsApp takes text of one's own only within 24 hours of the person's last message. Choose a template."
    return None


def wish_of(text: str, *, opted_out: bool) -> str:
    """`stop`, `start` or `help` where a message is nothing but such a word; else empty: it is for an agent."""
    word = re.sub(r"[\s.!]+$", "", text.strip()).upper()
    if word in STOP:
        return "stop"
    if word in START or (word == YES and opted_out):
        return "start"
    return "help" if word in HELP else ""
