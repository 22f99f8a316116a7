"""A private directory stands for one grammar, is made once, and leaves the model as it was."""

from pathlib import Path

from voicebot.dialogue.forms import Grammar
from voicebot.dialogue.understand.vocabulary import vocabulary
from voicebot.dialogue.values import Shape
from voicebot.speech.fst import Machine
from voicebot.speech.listening import AT_THE_END, LATTICE_MEMORY, OF_THE_SECOND, ListeningModel
from voicebot.speech.loop import free_loop
from voicebot.speech.shapes import acceptor


def test_a_grammar_gets_a_directory_of_its_own_with_the_big_files_linked(
    english: Path, tmp_path: Path, grammar: Grammar
) -> None:
    model = ListeningModel(english, tmp_path)
    machine = acceptor(Shape.parse("digits:4"), grammar, model.numbers)
    directory = model.directory(machine, vocabulary(grammar))
    assert (directory / "am").is_symlink()
    assert (directory / "am" / "final.mdl").is_file()
    assert (directory / "graph" / "Gr.fst").read_bytes() == machine.to_bytes()
    assert directory != model.directory(free_loop(Shape.parse("digits:4"), grammar, model.numbers), vocabulary(grammar))


def test_the_same_grammar_is_made_once_and_by_whomever_comes_first(english: Path, tmp_path: Path, grammar: Grammar) -> None:
    first, second = ListeningModel(english, tmp_path), ListeningModel(english, tmp_path)
    machine = acceptor(Shape.parse("digits:4"), grammar, first.numbers)
    made = (first.directory(machine, ()) / "graph" / "Gr.fst").stat().st_mtime_ns
    assert first.directory(machine, ()) == second.directory(machine, ())
    assert made == (second.directory(machine, ()) / "graph" / "Gr.fst").stat().st_mtime_ns
    assert 1 == len(list(tmp_path.iterdir()))


def test_a_grammar_that_must_not_come_to_a_disk_is_there_in_memory_while_it_is_opened(
    english: Path, tmp_path: Path, grammar: Grammar
) -> None:
    model = ListeningModel(english, tmp_path)
    machine = acceptor(Shape.parse("digits:4"), grammar, model.numbers)
    with model.in_memory(machine, vocabulary(grammar)) as directory:
        assert directory.parent == tmp_path
        assert (directory / "graph" / "Gr.fst").read_bytes() == machine.to_bytes()
        assert not [path for path in tmp_path.rglob("Gr.fst") if not path.is_symlink()]
        assert (directory / "graph" / "Gr.fst").readlink().is_relative_to("/proc/self/fd")
    assert not list(tmp_path.iterdir())


def test_the_recogniser_is_told_never_to_stop_by_itself_and_to_take_telephone_audio(english: Path, tmp_path: Path) -> None:
    directory = ListeningModel(english, tmp_path).directory(Machine([[]], {0: 0.0}), ())
    rules = (directory / "conf" / "model.conf").read_text(encoding="utf-8").splitlines()
    assert "--endpoint.rule2.min-trailing-silence=600" in rules
    assert AT_THE_END in rules
    assert LATTICE_MEMORY in rules
    assert not [rule for rule in rules if rule.endswith("trailing-silence=0.5")]
    assert "--allow-upsample=true" in (directory / "conf" / "mfcc.conf").read_text(encoding="utf-8").splitlines()


def test_the_other_network_gets_directories_of_its_own_and_its_own_settings(english: Path, tmp_path: Path) -> None:
    machine = Machine([[]], {0: 0.0})
    first, second = (ListeningModel(english, tmp_path, second=second).directory(machine, ()) for second in (False, True))
    assert first != second
    networks = [(one / "am" / "final.mdl").resolve() for one in (first, second)]
    assert networks == [english.resolve() / "am" / "final.mdl", english.resolve() / "second" / "final.mdl"]
    assert not (first / "second").exists()
    rules = (second / "conf" / "model.conf").read_text(encoding="utf-8").splitlines()
    assert [rule for rule in rules if rule.startswith(("--lattice-beam", "--frames-per-chunk"))] == list(OF_THE_SECOND)


def test_a_model_without_a_lexicon_keeps_its_own_words(english: Path, tmp_path: Path, grammar: Grammar) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    for name in ("am", "conf", "graph"):
        (plain / name).symlink_to(english / name)
    model = ListeningModel(plain, tmp_path / "cache")
    assert model.numbers == ListeningModel(english, tmp_path).numbers
    directory = model.directory(acceptor(Shape.parse("digits:4"), grammar, model.numbers), vocabulary(grammar))
    assert (directory / "graph" / "HCLr.fst").resolve() == (english / "graph" / "HCLr.fst").resolve()
