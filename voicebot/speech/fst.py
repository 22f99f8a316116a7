"""Finite-state machines in OpenFst's file format, written in pure Python. Knows states and labels, no words and no phones."""

import math
import struct
from dataclasses import dataclass, field
from pathlib import Path

MAGIC = 2125659606
SYMBOLS_MAGIC = 2125658996
VERSION = 2
EXPANDED_AND_MUTABLE = 0x3
ACCEPTOR = 0x10000
EPSILON = 0


@dataclass(frozen=True, order=True)
class Arc:
    """One way on: read `input_label`, write `output_label`, pay `cost` (nats), go to state `target`."""

    input_label: int
    output_label: int
    cost: float
    target: int


@dataclass
class Machine:
    """A weighted machine that starts in state 0. `finals` gives the cost of ending in a state."""

    arcs: list[list[Arc]] = field(default_factory=list)
    finals: dict[int, float] = field(default_factory=dict)

    def new_state(self) -> int:
        """A state without arcs; its number."""
        self.arcs.append([])
        return len(self.arcs) - 1

    def chain(self, source: int, labels: list[int], target: int, cost: float) -> None:
        """Accept `labels` one after the other between two states; the whole `cost` is paid at the first."""
        for position, label in enumerate(labels):
            last = position == len(labels) - 1
            step = target if last else self.new_state()
            self.accept(source, label, step, cost if position == 0 else 0.0)
            source = step

    def accept(self, source: int, label: int, target: int, cost: float = 0.0) -> None:
        """An arc that writes what it reads."""
        self.transduce(source, label, label, target, cost)

    def transduce(self, source: int, input_label: int, output_label: int, target: int, cost: float = 0.0) -> None:
        """An arc that reads one label and writes another (0 for none)."""
        self.arcs[source].append(Arc(input_label, output_label, cost, target))

    @property
    def is_acceptor(self) -> bool:
        """Whether every arc writes what it reads."""
        return all(arc.input_label == arc.output_label for arcs in self.arcs for arc in arcs)

    def to_bytes(self) -> bytes:
        """The machine as OpenFst type `vector`, arcs `standard`, each state's arcs sorted by input label for composition."""
        properties = EXPANDED_AND_MUTABLE | (ACCEPTOR if self.is_acceptor else 0)
        total = sum(len(arcs) for arcs in self.arcs)
        parts = [
            struct.pack("<i", MAGIC),
            _text("vector"),
            _text("standard"),
            struct.pack("<iiQqqq", VERSION, 0, properties, 0, len(self.arcs), total),
        ]
        for state, arcs in enumerate(self.arcs):
            parts.append(struct.pack("<fq", self.finals.get(state, math.inf), len(arcs)))
            parts.extend(struct.pack("<iifi", a.input_label, a.output_label, a.cost, a.target) for a in sorted(arcs))
        return b"".join(parts)

    def write(self, path: Path) -> None:
        """Write the file."""
        path.write_bytes(self.to_bytes())


def symbols(content: bytes) -> list[tuple[str, int]]:
    """The first table of symbols within a machine's file, as (symbol, number); empty if there is none."""
    place = content.find(struct.pack("<i", SYMBOLS_MAGIC))
    if place < 0:
        return []

    def text() -> str:
        nonlocal place
        (length,) = struct.unpack_from("<i", content, place)
        place += 4 + length
        return content[place - length : place].decode()

    place += 4
    text()  # its name
    _, count = struct.unpack_from("<qq", content, place)
    place += 16
    found = []
    for _ in range(count):
        symbol = text()
        found.append((symbol, struct.unpack_from("<q", content, place)[0]))
        place += 8
    return found


def _text(text: str) -> bytes:
    encoded = text.encode()
    return struct.pack("<i", len(encoded)) + encoded
