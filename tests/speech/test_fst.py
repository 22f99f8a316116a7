"""The file format, read back by its specification."""

import math
import struct

from voicebot.speech.fst import SYMBOLS_MAGIC, Machine, symbols


def read(content: bytes) -> tuple[int, list[tuple[float, list[tuple[int, int, float, int]]]]]:
    """Properties, and each state's final cost and arcs."""
    assert struct.unpack_from("<i", content)[0] == 2125659606
    position = 4
    for expected in (b"vector", b"standard"):
        length = struct.unpack_from("<i", content, position)[0]
        assert content[position + 4 : position + 4 + length] == expected
        position += 4 + length
    version, _flags, properties, start, states, arcs = struct.unpack_from("<iiQqqq", content, position)
    assert (2, 0) == (version, start)
    position += 40
    found = []
    for _ in range(states):
        final, count = struct.unpack_from("<fq", content, position)
        position += 12
        found.append((final, [struct.unpack_from("<iifi", content, position + 16 * number) for number in range(count)]))
        position += 16 * count
    assert position == len(content)
    assert sum(len(state[1]) for state in found) == arcs
    return properties, found


def test_what_is_written_can_be_read_and_is_sorted_by_input() -> None:
    machine = Machine()
    first, second = machine.new_state(), machine.new_state()
    machine.accept(first, 7, second, 0.5)
    machine.accept(first, 3, first)
    machine.finals[second] = 1.5
    properties, states = read(machine.to_bytes())
    assert [(math.inf, [(3, 3, 0.0, 0), (7, 7, 0.5, 1)]), (1.5, [])] == states
    assert properties == 0x10003


def test_a_transducer_does_not_call_itself_an_acceptor() -> None:
    machine = Machine()
    state = machine.new_state()
    machine.transduce(state, 1, 2, state)
    assert read(machine.to_bytes())[0] == 3


def test_a_chain_pays_once() -> None:
    machine = Machine()
    first, last = machine.new_state(), machine.new_state()
    machine.chain(first, [4, 5, 6], last, 2.0)
    assert [2.0, 0.0, 0.0] == [arc.cost for state in (0, 2, 3) for arc in machine.arcs[state]]
    assert machine.arcs[3][0].target == last


def test_the_words_of_a_machine_that_carries_its_own_are_read() -> None:
    def text(one: str) -> bytes:
        return struct.pack("<i", len(one.encode())) + one.encode()

    words = [("<eps>", 0), ("공", 7), ("일", 3)]
    table = b"".join(text(word) + struct.pack("<q", number) for word, number in words)
    content = b"head" + struct.pack("<i", SYMBOLS_MAGIC) + text("words") + struct.pack("<qq", 8, len(words)) + table + b"tail"
    assert symbols(content) == words
    assert symbols(Machine().to_bytes()) == []
