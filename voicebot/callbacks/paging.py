"""Lists in pages: so many at a time, and a token by which the next ones are asked for. Pure.

The token says behind what to go on, not at which place, so that nothing is left out or told twice when others come and go.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from typing import TypeVar

from voicebot.callbacks.asked_for import Refused
from voicebot.callbacks.problems import wrong_field
from voicebot.callbacks.wire import LONGEST_TOKEN, MOST_A_PAGE, USUAL_PAGE

TOKEN = re.compile(rf"[A-Za-z0-9_-]{{1,{LONGEST_TOKEN}}}")
BETWEEN = "\x1f"  # no part of a key holds it

Item = TypeVar("Item")
Key = tuple[str, ...]


def page(items: Iterable[Item], key: Callable[[Item], Key], limit: int, after: str) -> tuple[list[Item], str]:
    """(those behind `after` in the order of their keys, the token for the next ones, empty where there are none).

    Raises Refused for a token that is none of ours.
    """
    behind = _opened(after) if after else None
    left = sorted((one for one in items if behind is None or key(one) > behind), key=key)
    shown = left[:limit]
    return shown, _token(key(shown[-1])) if len(left) > limit else ""


def whole(text: str) -> int:
    """A limit as an address has it, where it has one. Raises Refused."""
    if not text:
        return USUAL_PAGE
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= MOST_A_PAGE):
        raise Refused(wrong_field("limit", "type", f"A whole number from 1 to {MOST_A_PAGE}."))
    return int(text)


def _token(key: Key) -> str:
    return urlsafe_b64encode(BETWEEN.join(key).encode()).decode().rstrip("=")


def _opened(token: str) -> Key:
    try:
        if not TOKEN.fullmatch(token):
            raise ValueError  # the decoder would read over what is none of its letters
        text = urlsafe_b64decode(f"{token}==").decode()
    except ValueError:
        raise Refused(wrong_field("after", "no_token", "This is no `next` of ours.")) from None
    return tuple(text.split(BETWEEN))
