"""Reads a customer file of JSON: a list of objects, an object with that list as `customers`, or one object a line.

One customer at a time is in memory. Digits must be text: a JSON number has lost its leading zeros before anybody looks.
"""

import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from voicebot.errors import ImportRefused
from voicebot.records.customer_checks import Unfit
from voicebot.records.customer_file import Cells, Fault, ImportPlan, as_text, odd_columns, present_columns

LIST = "customers"
_SPACE = re.compile(r"[ \t\r\n]*")
_LINES = "lines"  # one object a line


class _Number(str):
    """A JSON number as it was written."""

    __slots__ = ()


class _Object(list[tuple[str, Any]]):
    """An object's pairs in order, doubled keys and all."""


_DECODER = json.JSONDecoder(object_pairs_hook=_Object, parse_float=_Number, parse_int=_Number, parse_constant=_Number)


@dataclass(frozen=True)
class JsonSheet:
    """A `Sheet` of objects. `root` is how the list is reached: empty, `customers`, or `lines`."""

    name: str
    content: bytes = field(repr=False)
    text: str = field(repr=False)
    root: str
    begins: int
    plan: ImportPlan
    columns: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def place(self, line: int, column: str) -> str:
        """`customers[6].pin`, counted from 0; by line where there is one object a line."""
        if self.root == _LINES:
            return f"line {line}, key {column}" if column else f"line {line}"
        return f"{self.root}[{line - 1}]{f'.{column}' if column else ''}"

    def lines(self) -> Iterator[tuple[int, Cells | Fault]]:
        """Object by object, numbered from 1."""
        for line, found in self.objects():
            if isinstance(found, _Object):
                yield line, self._by_column(line, found)
            else:
                yield line, Fault(line, "", "is not an object of keys and texts")

    def objects(self) -> Iterator[tuple[int, Any]]:
        """(number, what stands there). Raises ImportRefused where the text is no JSON any more."""
        if self.root == _LINES:
            for number, written in enumerate(io.StringIO(self.text), start=1):
                if written.strip():
                    yield number, _whole(self.name, written, number)
        else:
            yield from enumerate(_items(self.name, self.text, self.begins, self.root), start=1)

    def _by_column(self, line: int, pairs: _Object) -> Cells | Fault:
        if doubled := [key for key, count in Counter(key.strip().casefold() for key, _ in pairs).items() if count > 1]:
            return Fault(line, "", f"has {', '.join(doubled)} twice")
        values = {key.strip().casefold(): value for key, value in pairs}
        return {column: _cell(values.get(column.casefold()), self.plan.kind(column)) for column in self.columns}


def open_json(name: str, content: bytes, plan: ImportPlan) -> JsonSheet:
    """Raises ImportRefused where it is no such file, or where no object has a column that must be there."""
    text = as_text(name, content)
    root, begins = _root(name, text)
    bare = JsonSheet(name, content, text, root, begins, plan)
    keys: dict[str, str] = {}
    for _, found in bare.objects():
        if isinstance(found, _Object):
            keys.update((key.strip().casefold(), key.strip()) for key, _ in found)
    present = present_columns(name, "", list(keys.values()), plan) if keys else plan.columns
    wanted = {column.casefold() for column in plan.columns}
    unknown = [key for folded, key in keys.items() if folded not in wanted]
    return JsonSheet(name, content, text, root, begins, plan, present, odd_columns(present, unknown, plan))


def _cell(value: Any, kind: str) -> str | Unfit:
    match value:
        case None:
            return ""
        case _Number():
            return str(value) if kind == "amount" else Unfit("is a JSON number: put it in quotes")
        case str():
            return value.strip()
    return Unfit("must be a text in quotes")


def _root(name: str, text: str) -> tuple[str, int]:
    """(how the list is reached, where its first item begins)."""
    at = _skip(text, 0)
    if text[at : at + 1] == "[":
        return "", at + 1
    while text[at : at + 1] in ("{", ",") and text[(after := _skip(text, at + 1)) : after + 1] != "}":
        key, at = _value(name, text, _skip(text, at + 1))
        at = _past(name, text, at, ":")
        if key == LIST:
            return LIST, _past(name, text, at, "[")
        _, at = _value(name, text, at)
        at = _skip(text, at)
    return _LINES, 0


def _items(name: str, text: str, at: int, root: str) -> Iterator[Any]:
    """The items of a list that begins here. Raises ImportRefused where it, or what is around it, does not end well."""
    at = _skip(text, at)
    more = text[at : at + 1] != "]"
    while more:
        item, at = _value(name, text, at)
        yield item
        at = _skip(text, at)
        more = text[at : at + 1] == ","
        at = _skip(text, at + 1) if more else at
    at = _past(name, text, at, "]")
    while root and text[at : at + 1] == ",":
        _, at = _value(name, text, _skip(text, at + 1))
        _, at = _value(name, text, _past(name, text, at, ":"))
        at = _skip(text, at)
    if root:
        at = _past(name, text, at, "}")
    if at < len(text):
        raise _broken(name, text, at)


def _past(name: str, text: str, at: int, sign: str) -> int:
    """Behind this sign and the space around it."""
    at = _skip(text, at)
    if text[at : at + 1] != sign:
        raise _broken(name, text, at)
    return _skip(text, at + 1)


def _whole(name: str, written: str, number: int) -> Any:
    try:
        return _DECODER.decode(written)
    except (ValueError, RecursionError):
        raise ImportRefused(f"{name}: line {number} is not JSON: one whole object a line") from None


def _value(name: str, text: str, at: int) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, at)
    except json.JSONDecodeError as error:
        raise _broken(name, text, error.pos) from None
    except RecursionError:
        raise ImportRefused(f"{name}: lists within lists, deeper than a customer is") from None


def _broken(name: str, text: str, at: int) -> ImportRefused:
    line = text.count("\n", 0, at) + 1
    column = at - text.rfind("\n", 0, at)
    return ImportRefused(f"{name}: line {line}, character {column}: this is not JSON")


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
