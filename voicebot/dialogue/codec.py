"""Frozen dataclasses to plain JSON values and back, by their type hints. Refuses what must not be stored.

A member of a union carries its class name under `is`. Unknown keys are ignored and missing ones take their default, so a
state that the previous release wrote can be read.
"""

import types
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from voicebot.dialogue.values import Secret

TAG = "is"


def to_plain(value: Any) -> Any:
    """JSON-ready form of a value. Raises TypeError on a Secret or on anything that is not one of the dialogue's values."""
    match value:
        case Secret():
            raise TypeError("a secret is never stored")
        case None | bool() | int() | float():
            return value
        case StrEnum():
            return value.value
        case str():
            return value
        case datetime():
            return value.isoformat()
        case tuple():
            return [to_plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        plain = {f.name: to_plain(getattr(value, f.name)) for f in fields(value)}
        return plain | {TAG: type(value).__name__}
    raise TypeError(f"{type(value).__name__} has no stored form")


def from_plain(plain: Any, hint: Any) -> Any:
    """The value that `to_plain` made this from, as `hint` describes it. Raises TypeError or ValueError if it does not fit."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _from_union(plain, get_args(hint))
    if origin is tuple:
        return _from_tuple(plain, get_args(hint))
    if hint is datetime:
        return datetime.fromisoformat(plain)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint(plain)
    if is_dataclass(hint):
        return _from_dataclass(plain, hint)
    if isinstance(plain, hint) or (hint is float and isinstance(plain, int)):
        return plain
    raise TypeError(f"{type(plain).__name__} stands where {hint} belongs")


@cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def _from_dataclass(plain: Any, cls: Any) -> Any:
    if plain is None:
        return None
    hints = _hints(cls)
    known = {f.name: from_plain(plain[f.name], hints[f.name]) for f in fields(cls) if f.name in plain}
    missing = [f.name for f in fields(cls) if f.name not in known and f.default is MISSING and f.default_factory is MISSING]
    if missing:
        raise ValueError(f"stored {cls.__name__} lacks {', '.join(missing)}")
    return cls(**known)


def _from_tuple(plain: Any, args: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(args) == 2 and args[1] is Ellipsis:
        return tuple(from_plain(item, args[0]) for item in plain)
    return tuple(from_plain(item, arg) for item, arg in zip(plain, args, strict=True))


def _from_union(plain: Any, args: tuple[Any, ...]) -> Any:
    if plain is None and type(None) in args:
        return None
    members = [member for member in args if member is not type(None)]
    if isinstance(plain, dict) and TAG in plain:
        for member in members:
            if getattr(member, "__name__", "") == plain[TAG]:
                return from_plain(plain, member)
        raise ValueError(f"{plain[TAG]!r} is none of {', '.join(m.__name__ for m in members)}")
    for member in members:
        try:
            return from_plain(plain, member)
        except (TypeError, ValueError):
            continue
    raise TypeError(f"{type(plain).__name__} is none of {members}")

