"""The shipped model's graph says what its lexicon says."""

from pathlib import Path

import pytest

from voicebot.errors import ModelMissing
from voicebot.speech.graph import UNKNOWN, Lexicon, pronunciation_graph, read_lexicon, word_loop, words_file, write_graph


def test_the_shipped_graph_is_the_one_that_the_lexicon_makes(english: Path) -> None:
    lexicon = read_lexicon(english)
    assert pronunciation_graph(lexicon).to_bytes() == (english / "graph" / "HCLr.fst").read_bytes()
    assert word_loop(lexicon.word_numbers).to_bytes() == (english / "graph" / "Gr.fst").read_bytes()
    assert words_file(lexicon.word_numbers) == (english / "graph" / "words.txt").read_text(encoding="utf-8")


def test_every_word_can_be_reached_and_left_again(english: Path) -> None:
    lexicon = read_lexicon(english)
    machine = pronunciation_graph(lexicon)
    written = {arc.output_label for arcs in machine.arcs for arc in arcs} - {0}
    assert written == set(lexicon.word_numbers.values())
    assert all(arcs for arcs in machine.arcs)


def spoken(lexicon: Lexicon, sounds: list[str]) -> set[tuple[int, ...]]:
    """Every way to read these phones, each once, as words; SIL is a blank."""
    machine, found = pronunciation_graph(lexicon), set()
    waiting: list[tuple[int, int, tuple[int, ...]]] = [(0, 0, ())]
    while waiting:
        state, place, words = waiting.pop()
        if place == len(sounds) and state in machine.finals:
            found.add(words)
        for arc in machine.arcs[state]:
            said = words + ((arc.output_label,) if arc.output_label else ())
            if not arc.input_label:
                waiting.append((arc.target, place, said))
            elif place < len(sounds) and arc.input_label == 2 * lexicon.phones[sounds[place]]:
                waiting.append((arc.target, place + 1, said))
    return found


def test_a_word_of_one_sound_is_said_twice_only_with_a_blank_between(english: Path) -> None:
    lexicon = read_lexicon(english)
    oh = lexicon.word_numbers["oh"]
    assert (oh,) in spoken(lexicon, ["OW_S"])
    assert (oh, oh) not in spoken(lexicon, ["OW_S", "OW_S"])
    assert (oh, oh) in spoken(lexicon, ["OW_S", "SIL", "OW_S"])
    assert (oh, lexicon.word_numbers["a"]) in spoken(lexicon, ["OW_S", "EY_S"])


def test_a_word_put_into_the_lexicon_is_in_the_graph(english: Path, tmp_path: Path) -> None:
    model = tmp_path / "model"
    (model / "graph").mkdir(parents=True)
    (model / "graph" / "phones.txt").write_bytes((english / "graph" / "phones.txt").read_bytes())
    (model / "lexicon.txt").write_text("# two words\nhello HH AH L OW\nworld W ER L D\n", encoding="utf-8")
    write_graph(model)
    assert "<eps> 0\nhello 1\nworld 2\n[unk] 3\n" == (model / "graph" / "words.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("line", ["hello", "hello HH XX"])
def test_a_wrong_lexicon_is_named_by_line(english: Path, tmp_path: Path, line: str) -> None:
    (tmp_path / "graph").mkdir()
    (tmp_path / "graph" / "phones.txt").write_bytes((english / "graph" / "phones.txt").read_bytes())
    (tmp_path / "lexicon.txt").write_text(f"yes Y EH S\n{line}\n", encoding="utf-8")
    with pytest.raises(ModelMissing, match=r"lexicon.txt, line 2"):
        read_lexicon(tmp_path)


def test_what_is_no_word_has_a_number_of_its_own(english: Path) -> None:
    numbers = read_lexicon(english).word_numbers
    assert numbers[UNKNOWN] == max(numbers.values()) == len(numbers)
