"""A big model's pronunciation graph, cut down to the words of one grammar.

Vosk's own models know a hundred thousand words, and each grammar would load them all: hundreds of megabytes and seconds for a
question that knows fifty. Reads OpenFst's `const` files, also inside of a look-ahead file, as Kaldi writes graphs.
"""

import struct
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from voicebot.errors import ModelMissing
from voicebot.speech.fst import EPSILON, MAGIC

CONST = b"const"
EXPANDED = 0x1
VERSION = 2
PLAIN = 0  # flags: neither tables of symbols nor alignment
LENGTH, NUMBERS = struct.Struct("<i"), struct.Struct("<iiQqqq")  # version, flags, properties, start, states, arcs
STATE = np.dtype([("final", "<f4"), ("first", "<u4"), ("arcs", "<u4"), ("in_epsilons", "<u4"), ("out_epsilons", "<u4")])
ARC = np.dtype([("in", "<i4"), ("out", "<i4"), ("cost", "<f4"), ("target", "<i4")])

Structured = npt.NDArray[Any]
Flags = npt.NDArray[np.bool_]
Ends = npt.NDArray[Any]  # of arcs: state numbers


@dataclass(frozen=True)
class _Header:
    kind: bytes
    version: int
    flags: int
    start: int
    states: int
    arcs: int
    end: int


@dataclass(frozen=True)
class _Graph:
    start: int
    states: Structured
    arcs: Structured


def pruned(path: Path, words: Collection[int]) -> bytes:
    """The graph in this file with no other output labels than `words`, as a `const` file.

    ModelMissing: it cannot be read, or has none of them.
    """
    try:
        graph = _read(path.read_bytes())
        known = np.zeros(max(int(graph.arcs["out"].max(initial=0)), EPSILON, *words) + 1, np.bool_)
        known[[EPSILON, *words]] = True
        stays = known[graph.arcs["out"]]
        source, arcs = np.repeat(np.arange(len(graph.states)), graph.states["arcs"])[stays], graph.arcs[stays]
        ends = np.flatnonzero(np.isfinite(graph.states["final"]))
        useful = _reached([graph.start], source, arcs["target"], len(graph.states))
        useful &= _reached(ends, arcs["target"], source, len(graph.states))
        return _written(graph, useful, source, arcs)
    except (struct.error, ValueError, IndexError) as error:
        raise ModelMissing(f"{path}: this graph cannot be cut down to the words of a question ({error})") from None


def _read(content: bytes) -> _Graph:
    """Of a look-ahead file only the graph within it; what is to speed up the look ahead is for all words."""
    header = _header(content, 0)
    if header.kind != CONST:
        header = _header(content, header.end + LENGTH.size)  # after the mark of an addition
    if (header.kind, header.version, header.flags) != (CONST, VERSION, PLAIN):
        raise ValueError("neither const nor around one")
    states = np.frombuffer(content, STATE, header.states, header.end)
    return _Graph(header.start, states, np.frombuffer(content, ARC, header.arcs, header.end + states.nbytes))


def _header(content: bytes, at: int) -> _Header:
    if LENGTH.unpack_from(content, at)[0] != MAGIC:
        raise ValueError("no graph")
    kind, at = _text(content, at + LENGTH.size)
    _, at = _text(content, at)
    version, flags, _, start, states, arcs = NUMBERS.unpack_from(content, at)
    return _Header(kind, version, flags, start, states, arcs, at + NUMBERS.size)


def _text(content: bytes, at: int) -> tuple[bytes, int]:
    end = at + LENGTH.size + LENGTH.unpack_from(content, at)[0]
    return content[at + LENGTH.size : end], end


def _reached(begin: Sequence[int] | npt.NDArray[np.intp], source: Ends, target: Ends, count: int) -> Flags:
    """Which of `count` states are reached from these by arcs from `source` to `target`."""
    order = np.argsort(source, kind="stable")
    first = np.searchsorted(source[order], np.arange(count + 1))
    found = np.zeros(count, np.bool_)
    found[begin] = True
    frontier = np.asarray(begin)
    while len(frontier):
        arcs = first[frontier + 1] - first[frontier]
        before = np.cumsum(arcs) - arcs
        places = np.repeat(first[frontier] - before, arcs) + np.arange(arcs.sum())
        following = np.unique(target[order[places]])
        frontier = following[~found[following]]
        found[frontier] = True
    return found


def _written(graph: _Graph, useful: Flags, source: Ends, arcs: Structured) -> bytes:
    """The useful states, numbered anew, and the arcs between them."""
    if not useful[graph.start]:
        raise ValueError("no word of these is in the graph")
    number = np.cumsum(useful, dtype=np.int64) - 1
    stays = useful[source] & useful[arcs["target"]]
    source, arcs = number[source[stays]], arcs[stays].copy()
    arcs["target"] = number[arcs["target"]]
    states = graph.states[useful].copy()
    count = len(states)
    states["arcs"] = np.bincount(source, minlength=count)
    states["first"] = np.cumsum(states["arcs"]) - states["arcs"]
    states["in_epsilons"] = np.bincount(source[arcs["in"] == EPSILON], minlength=count)
    states["out_epsilons"] = np.bincount(source[arcs["out"] == EPSILON], minlength=count)
    names = b"".join(LENGTH.pack(len(name)) + name for name in (CONST, b"standard"))
    numbers = NUMBERS.pack(VERSION, PLAIN, EXPANDED, int(number[graph.start]), count, len(arcs))
    return LENGTH.pack(MAGIC) + names + numbers + states.tobytes() + arcs.tobytes()
