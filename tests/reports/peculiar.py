"""A maker of reports that does in the other process whatever its reports' names say."""

import os
import signal
import sys
import threading
from dataclasses import dataclass
from datetime import datetime

from voicebot.errors import ReportRefused, StoreUnavailable
from voicebot.reports.maker import Page
from voicebot.reports.making import Asked


@dataclass(frozen=True)
class Peculiar:
    """Its files tell of the process that it is in."""

    def page(self, name: str, asked: Asked, now: datetime) -> Page:
        """There is none."""
        raise NotImplementedError

    def file(self, name: str, _asked: Asked, kind: str, _now: datetime) -> bytes:
        """What the name says."""
        match name:
            case "dies":
                os.kill(os.getpid(), signal.SIGKILL)
            case "lasts":
                threading.Event().wait()
            case "refused":
                raise ReportRefused("the font is missing")
            case "no database":
                raise StoreUnavailable("the database cannot be used now")
            case "broken":
                raise ValueError("a secret thing")
            case "huge":
                return bytes(sys.maxsize // 2)
            case "grows":
                return str(len(b"x" * int(kind))).encode()
            case "environment":
                return "\n".join(sorted(os.environ)).encode()
            case "nice":
                return str(os.nice(0)).encode()
        return str(os.getpid()).encode()


def cannot_open() -> Peculiar:
    """For a database that is not there."""
    raise StoreUnavailable("the database cannot be reached")
