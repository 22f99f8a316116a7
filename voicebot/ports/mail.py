"""Letters by e-mail. Each has a name of ours that stays the same however often it is tried."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Attachment:
    """A file. `content_type` as in HTTP: `text/csv; charset=utf-8`."""

    name: str
    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Letter:
    """To one address. `name` becomes its Message-ID: letters, digits and `-`, nothing that tells who it is for."""

    name: str
    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    files: Sequence[Attachment] = ()


class Mail(Protocol):
    """Who takes letters."""

    def send(self, letter: Letter) -> None:
        """Give it to the mail server. Raises DeliveryFailed, whose text holds neither address nor content.

        `unknown` there: it was given away whole and the answer was lost. Whoever sends it again may send it twice.
        """
        ...
