"""What goes along with a call that another system takes over."""

from dataclasses import dataclass, field
from datetime import datetime

from voicebot.dialogue.values import Assurance, Evidence


@dataclass(frozen=True)
class Context:
    """What another system is told of a call: who, how sure, why, when (UTC). Signed where it is written out, never a secret.

    `customer` is the back end's own key. `identifier` is empty unless the line wants it to go along.
    """

    call: str
    line: str
    audience: str
    issued_at: datetime
    assurance: Assurance
    customer: str = field(default="", repr=False)
    identifier: str = field(default="", repr=False)
    evidence: tuple[Evidence, ...] = ()
