"""A short message as it was to be sent."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Text:
    """To whom, from which number, what."""

    to: str
    from_: str
    body: str = field(repr=False)
