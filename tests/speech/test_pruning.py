"""A graph that is cut down to some words says what it said before with these, and nothing else."""

import math
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from voicebot.dialogue.forms import Grammar
from voicebot.dialogue.understand.vocabulary import vocabulary
from voicebot.dialogue.values import Shape
from voicebot.errors import ModelMissing
from voicebot.speech import listening
from voicebot.speech.decoding import DecoderShelf
from voicebot.speech.fst import MAGIC, Machine
from voicebot.speech.graph import pronunciation_graph, read_lexicon
from voicebot.speech.listening import ListeningModel
from voicebot.speech.pruning import ARC, STATE, _read, pruned
from voicebot.speech.recording import read_recording

PIN = Path(__file__).parents[1] / "recordings" / "pin-493817.wav"
ONE, TWO, THREE = 1, 2, 3


def const(machine: Machine) -> bytes:
    """The machine as OpenFst's kind `const`."""
    states: list[tuple[float, int, int, int, int]] = []
    arcs: list[tuple[int, int, float, int]] = []
    for number, ways in enumerate(machine.arcs):
        states.append((machine.finals.get(number, math.inf), len(arcs), len(ways), 0, 0))
        arcs += [(arc.input_label, arc.output_label, arc.cost, arc.target) for arc in ways]
    kind = struct.pack("<ii5si8s", MAGIC, 5, b"const", 8, b"standard")
    counts = struct.pack("<iiQqqq", 2, 0, 1, 0, len(states), len(arcs))
    return kind + counts + np.array(states, STATE).tobytes() + np.array(arcs, ARC).tobytes()


def look_ahead(graph: bytes) -> bytes:
    """The same in the file that Kaldi makes for composing with grammars, with what it adds behind."""
    head = struct.pack("<ii16si8s", MAGIC, 16, b"olabel_lookahead", 8, b"standard") + struct.pack("<iiQqqq", 1, 0, 0, 0, 0, 0)
    return head + b"\x5a\xd1\x9f\x1a" + graph + bytes(100)


def sayings(content: bytes) -> set[tuple[tuple[int, ...], tuple[int, ...], float]]:
    """What a graph without cycles reads and writes, and at what cost."""
    graph = _read(content)

    def ways(state: int) -> Iterator[tuple[tuple[int, ...], tuple[int, ...], float]]:
        final, first, count, *_ = graph.states[state]
        if math.isfinite(final):
            yield (), (), float(final)
        for arc in graph.arcs[first : first + count]:
            for read, written, cost in ways(int(arc["target"])):
                yield (int(arc["in"]), *read), (int(arc["out"]), *written), float(arc["cost"]) + cost

    return set(ways(graph.start))


@pytest.fixture
def three_words() -> Machine:
    """One and two begin alike; after either may come three."""
    machine = Machine()
    start, inside, end, over = (machine.new_state() for _ in range(4))
    machine.transduce(start, 7, 0, inside, 0.5)
    machine.transduce(inside, 8, ONE, end, 0.25)
    machine.transduce(inside, 9, TWO, end)
    machine.transduce(end, 7, THREE, over, 1.0)
    machine.finals = {end: 2.0, over: 0.0}
    return machine


@pytest.mark.parametrize("around", [bytes, look_ahead])
def test_only_what_these_words_say_is_left(tmp_path: Path, three_words: Machine, around: type[bytes]) -> None:
    path = tmp_path / "HCLr.fst"
    path.write_bytes(around(const(three_words)))
    assert sayings(pruned(path, {ONE, TWO, THREE})) == sayings(const(three_words))
    assert sayings(pruned(path, {TWO})) == {((7, 9), (0, TWO), 2.5)}
    found = _read(pruned(path, {TWO}))
    assert (len(found.states), len(found.arcs)) == (3, 2)  # and no state that leads nowhere
    assert found.states["out_epsilons"].tolist() == [1, 0, 0]


@pytest.mark.parametrize(
    "broken", [b"", b"\0" * 40, const(Machine([[]], {0: 0.0}))[:60], look_ahead(b""), Machine([[]]).to_bytes()]
)
def test_a_file_that_is_no_such_graph_is_named(tmp_path: Path, broken: bytes) -> None:
    path = tmp_path / "HCLr.fst"
    path.write_bytes(broken)
    with pytest.raises(ModelMissing, match=r"HCLr\.fst"):
        pruned(path, {ONE})


def test_a_graph_without_any_of_the_words_is_told_of(tmp_path: Path, three_words: Machine) -> None:
    path = tmp_path / "HCLr.fst"
    path.write_bytes(const(three_words))
    with pytest.raises(ModelMissing, match="no word of these"):
        pruned(path, {THREE})


def test_a_big_model_hears_with_its_graph_cut_down_once_for_all_questions(
    tmp_path: Path, english: Path, grammar: Grammar, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = tmp_path / "plain"
    (plain / "graph").mkdir(parents=True)
    for name in ("am", "conf", "graph/phones", "graph/phones.txt", "graph/disambig_tid.int", "graph/words.txt", "graph/Gr.fst"):
        (plain / name).symlink_to(english / name)
    (plain / "graph" / "HCLr.fst").write_bytes(const(pronunciation_graph(read_lexicon(english))))
    monkeypatch.setattr(listening, "BIG_GRAPH", 0)
    shelf = DecoderShelf(plain, tmp_path / "cache")
    for shape in ("digits:4", "digits:6"):
        exact, free = shelf.pair(Shape.parse(shape), grammar)
    for decoder in (exact, free):
        decoder.hear(np.concatenate([read_recording(PIN), np.zeros(4000, np.int16)]))
        assert decoder.words() == "four nine three eight one seven"
    model = ListeningModel(plain, tmp_path / "cache")
    made = [path.resolve() for path in (tmp_path / "cache").glob("*/graph/HCLr.fst")]
    assert (len(made), len(set(made))) == (3, 1)  # two exact ones, and the free loop of both
    known = {model.numbers[word] for word in {*vocabulary(grammar), "[unk]"} & model.numbers.keys()}
    assert {int(label) for label in _read(made[0].read_bytes()).arcs["out"]} == known | {0}
