"""One question, listened to with scripted decoders: what is decided, when, and on which audio. No recogniser needed."""

from collections.abc import Callable

import numpy as np
import pytest

from voicebot.dialogue.forms import CheckDigit, Grammar
from voicebot.dialogue.values import Hearing, Shape
from voicebot.speech.agreement import Path
from voicebot.speech.attention import CATCH_UP, LOOK_AHEAD, PRE_ROLL_BLOCKS, Attention, Decision
from voicebot.speech.decoding import DecoderPair, Fitting, Known

BLOCK = 800  # 100 ms, that tests may be counted in
VOICE = (np.sin(np.arange(BLOCK) / 3) * 8000).astype(np.int16)
SILENCE = np.zeros(BLOCK, np.int16)
LOUD, STILL = [True] * 5, [False] * 5


class Scripted:
    """Says a word per loud block that it has heard. Remembers its audio."""

    def __init__(self, script: list[str], others: tuple[Path, ...] = ()) -> None:
        self.script, self.audio, self.others = script, [], others

    def hear(self, samples: np.ndarray) -> None:
        self.audio.append(samples)

    def words(self) -> str:
        audio = np.concatenate(self.audio).astype(int) if self.audio else np.zeros(0, int)
        loud = sum(bool(np.max(np.abs(audio[start : start + BLOCK])) > 200) for start in range(0, len(audio), BLOCK))
        return " ".join(self.script[:loud])

    def paths(self) -> tuple[Path, ...]:
        return (Path(" ".join(self.script), -8.0), *self.others)


class Studio:
    """Opens scripted pairs and keeps them."""

    def __init__(self, exact: str, free: str | None = None) -> None:
        self.scripts = (exact.split(), (exact if free is None else free).split())
        self.others: tuple[Path, ...] = ()
        self.pairs: list[tuple[Scripted, Scripted]] = []

    def open(self) -> DecoderPair:
        self.pairs.append((Scripted(self.scripts[0], self.others), Scripted(self.scripts[1])))
        return self.pairs[-1]


@pytest.fixture
def listen(grammar: Grammar) -> Callable[..., Attention]:
    return lambda studio, shape="digits:4", gain=0.0: Attention(Shape.parse(shape), grammar, studio.open, gain)


def play(attention: Attention, sounds: str, voice: np.ndarray = VOICE) -> tuple[Decision | None, int]:
    """`v` is a block of voice, `.` one of silence. The decision and after which block it came."""
    for number, sound in enumerate(sounds, start=1):
        decision = attention.hear(voice if sound == "v" else SILENCE, LOUD if sound == "v" else STILL)
        if decision is not None:
            return decision, number
    return None, len(sounds)


def test_a_complete_number_is_decided_a_quarter_of_a_second_after_its_last_sound(listen: Callable[..., Attention]) -> None:
    decision, block = play(listen(Studio("one two three four")), "..vvvv......")
    assert decision is not None
    assert ("one two three four", Hearing.ACCEPTED) == (decision.words, decision.hearing)
    assert block == 8
    assert decision.delay == pytest.approx(0.2)


def test_a_number_that_is_hardly_likelier_than_another_is_asked_about(listen: Callable[..., Attention]) -> None:
    studio = Studio("one two three four")
    studio.others = (Path("[unk] one two three four", -8.2), Path("one two three [unk] five", -8.5), Path("agent", -9))
    decision, _ = play(listen(studio), "vvvv....")
    assert decision is not None
    assert (decision.words, decision.hearing) == ("one two three four", Hearing.CONFIRM)
    assert decision.rivals == ("one two three five",)
    assert "five" not in repr(decision)


def with_second(grammar: Grammar, studio: Studio, second: str) -> tuple[Attention, list[Scripted]]:
    """Listening with another network, which finds `second` in whatever it hears."""
    opened: list[Scripted] = []

    def open_second() -> Scripted:
        opened.append(Scripted(second.split()))
        return opened[-1]

    return Attention(Shape.parse("digits:4"), grammar, studio.open, 0.0, second=open_second), opened


@pytest.mark.parametrize(
    ("second", "hearing", "rivals"),
    [("one two three four", Hearing.ACCEPTED, ()), ("one two three five", Hearing.CONFIRM, ("one two three five",))],
)
def test_a_number_is_taken_where_the_other_network_finds_it_too(
    grammar: Grammar, second: str, hearing: Hearing, rivals: tuple[str, ...]
) -> None:
    attention, opened = with_second(grammar, Studio("one two three four"), second)
    decision, block = play(attention, "..vvvv......")
    assert decision is not None
    assert (decision.words, decision.hearing, decision.rivals, block) == ("one two three four", hearing, rivals, 8)
    (heard,) = opened
    assert sum(map(len, heard.audio)) == block * BLOCK
    assert max(map(len, heard.audio)) <= (1 + CATCH_UP) * BLOCK  # along with the first, not all at once when it is decided


def test_the_other_network_is_not_asked_about_what_is_no_number(grammar: Grammar) -> None:
    for said in ("agent", "one two"):
        attention, opened = with_second(grammar, Studio(said), "one two three four")
        decision, _ = play(attention, "vv" + 40 * ".")
        assert decision is not None
        assert [other for other in opened if other.audio and said == "agent"] == []
        assert decision.hearing is Hearing.ACCEPTED


LUHN = "one two three oh"  # 1230; 1234 does not fit, 1231 neither


@pytest.mark.parametrize(
    ("free", "fits", "words", "fitted"),
    [
        ("one two three nine", LUHN, LUHN, True),
        ("one two three four", LUHN, "one two three four", False),
        ("one two three nine", "six six six six", "one two three four", False),
    ],
    ids=["doubtful", "sure", "far from what was said"],
)
def test_a_doubtful_number_with_a_wrong_check_digit_becomes_the_likeliest_with_a_right_one(
    grammar: Grammar, free: str, fits: str, words: str, *, fitted: bool
) -> None:
    studio, opened = Studio("one two three four", free), []

    def open_exact() -> Scripted:
        opened.append(Scripted(fits.split()))
        return opened[-1]

    fitting = Fitting(CheckDigit.LUHN, open_exact)
    decision, block = play(Attention(Shape.parse("digits:4"), grammar, studio.open, 0.0, fitting), "vvvv.....")
    assert decision is not None
    assert (decision.words, decision.fitted) == (words, fitted)
    assert decision.hearing is (Hearing.ACCEPTED if free == "one two three four" else Hearing.CONFIRM)
    assert all(sum(map(len, decoder.audio)) == block * BLOCK + len(LOOK_AHEAD) for decoder in opened)


def test_a_doubtful_number_with_a_right_check_digit_stays(grammar: Grammar) -> None:
    def never() -> Scripted:
        raise AssertionError

    studio = Studio(LUHN, "one two three nine")
    attention = Attention(Shape.parse("digits:4"), grammar, studio.open, 0.0, Fitting(CheckDigit.LUHN, never))
    decision, _ = play(attention, "vvvv.....")
    assert decision is not None
    assert (decision.words, decision.hearing, decision.fitted) == (LUHN, Hearing.CONFIRM, False)


CUSTOMERS = frozenset({"1235", "6666"})  # few enough to look for all that may have been said


@pytest.mark.parametrize(
    ("exact", "free", "customer", "words"),
    [
        ("one two three four", "one two three nine", "one two three five", "one two three five"),
        ("one two three", "one two three", "one two three five", "one two three five"),
        ("one two three four", "one two three nine", "six six six six", "one two three four"),
        ("one two three four", "one two three four", None, "one two three four"),
        ("one two three five", "one two three nine", None, "one two three five"),
        ("agent", "agent", None, "agent"),
    ],
    ids=["doubtful", "too short", "far from what was said", "sure", "somebody's", "a command"],
)
def test_a_number_that_is_in_doubt_and_nobodys_becomes_the_likeliest_customers(
    grammar: Grammar, exact: str, free: str, customer: str | None, words: str
) -> None:
    studio, opened = Studio(exact, free), []

    def open_exact() -> Scripted:
        assert customer is not None
        opened.append(Scripted(customer.split()))
        return opened[-1]

    attention = Attention(Shape.parse("digits:4"), grammar, studio.open, 0.0, known=Known(CUSTOMERS, open_exact))
    decision, block = play(attention, "vvvv" + "." * 30)
    assert decision is not None
    assert (decision.words, decision.among_customers) == (words, words == customer)
    assert not decision.among_customers or decision.hearing is Hearing.CONFIRM
    assert all(sum(map(len, decoder.audio)) == block * BLOCK + len(LOOK_AHEAD) for decoder in opened)


def test_what_may_have_been_said_of_customers_is_not_heard_again(grammar: Grammar) -> None:
    def never() -> Scripted:
        raise AssertionError

    studio = Studio("one two three four", "one two three nine")
    studio.others = (Path("one two three five", -8.5),)
    attention = Attention(Shape.parse("digits:4"), grammar, studio.open, 0.0, known=Known(CUSTOMERS, never))
    decision, _ = play(attention, "vvvv.....")
    assert decision is not None
    assert (decision.rivals, decision.among_customers) == (("one two three five",), False)


def test_two_seconds_between_blocks_do_not_cut_a_number(listen: Callable[..., Attention]) -> None:
    decision, _ = play(listen(Studio("one two three four")), "vv" + "." * 20 + "vv" + "." * 12)
    assert decision is not None
    assert decision.words == "one two three four"


def test_who_pauses_inside_of_a_number_is_given_that_pause_at_its_end_too(listen: Callable[..., Attention]) -> None:
    decision, block = play(listen(Studio("one two three four")), "vv" + "." * 6 + "vv" + "." * 20)
    assert decision is not None
    assert block == 10 + 7


def test_a_digit_that_the_network_still_holds_back_keeps_a_number_from_being_cut(listen: Callable[..., Attention]) -> None:
    class Late(Scripted):
        def words(self) -> str:
            held_back = 0 if np.array_equal(self.audio[-1], LOOK_AHEAD) else 1
            words = super().words().split()
            return " ".join(words[: max(4, len(words) - held_back)] if len(words) > 4 else words)

    opened: list[DecoderPair] = []

    def open_pair() -> DecoderPair:
        opened.append((Scripted("one two three four".split()), Late("one two three four five".split())))
        return opened[-1]

    attention = listen(Studio(""))
    attention._open_pair = open_pair
    decision, block = play(attention, "vvvvv" + "." * 20)
    assert decision is not None
    assert (decision.words, decision.hearing) == ("one two three four", Hearing.CONFIRM)
    assert block == 5 + 8
    assert 2 == len(opened)
    assert sum(map(len, opened[1][0].audio)) == block * BLOCK + len(LOOK_AHEAD)


def test_what_is_heard_a_second_time_is_caught_up_with_bit_by_bit(listen: Callable[..., Attention]) -> None:
    studio = Studio("one two three four", "one two three four five six seven")
    decision, _ = play(listen(studio), "." + "v." * 2 + "v" * 30 + "." * 20)
    assert decision is not None
    first, second = (pair[0].audio for pair in studio.pairs)
    before = np.concatenate(first[:-1])
    assert np.array_equal(before, np.concatenate(second)[: len(before)])
    assert max(map(len, second)) == (1 + CATCH_UP) * BLOCK
    assert len(second) > 3


def test_half_a_number_is_told_as_what_it_is_after_a_long_silence(listen: Callable[..., Attention]) -> None:
    decision, block = play(listen(Studio("one two")), "vv" + "." * 30)
    assert decision is not None
    assert ("one two", Hearing.ACCEPTED) == (decision.words, decision.hearing)
    assert block == 2 + 25


def test_a_command_ends_on_a_short_pause(listen: Callable[..., Attention]) -> None:
    decision, block = play(listen(Studio("agent")), "v" + "." * 30)
    assert decision is not None
    assert decision.words == "agent"
    assert block == 1 + 5


def test_silence_opens_no_decoder_and_decides_nothing(listen: Callable[..., Attention]) -> None:
    studio = Studio("one")
    attention = listen(studio)
    assert play(attention, "." * 200) == (None, 200)
    assert not studio.pairs
    assert not attention.speaking


def test_a_cough_is_forgotten_and_the_answer_after_it_starts_afresh(listen: Callable[..., Attention]) -> None:
    studio = Studio("")
    attention = listen(studio)
    assert play(attention, "v" + "." * 13)[0] is None
    assert not attention.speaking
    studio.scripts = (["agent"], ["agent"])
    decision, _ = play(attention, "v......")
    assert decision is not None
    assert decision.words == "agent"
    assert len(studio.pairs[1][0].audio) > 1


def test_speech_that_is_no_answer_is_told_as_rejected_without_words(listen: Callable[..., Attention]) -> None:
    decision, _ = play(listen(Studio("[unk] [unk] [unk] [unk]")), "vvvv" + "." * 13)
    assert decision is not None
    assert ("", Hearing.REJECTED) == (decision.words, decision.hearing)


def test_what_is_unknown_is_not_among_the_words(listen: Callable[..., Attention]) -> None:
    decision, _ = play(listen(Studio("[unk] one two three four")), "vvvvv....")
    assert decision is not None
    assert decision.words == "one two three four"


def test_the_last_300_ms_before_the_first_sound_are_heard_too(listen: Callable[..., Attention]) -> None:
    studio = Studio("one")
    play(listen(studio), "." * 20 + "v")
    assert PRE_ROLL_BLOCKS + 1 == len(studio.pairs[0][0].audio)


def test_what_was_heard_just_before_the_question_is_recalled(listen: Callable[..., Attention]) -> None:
    studio = Studio("one two three four")
    attention = listen(studio)
    for _ in range(3):
        attention.recall(VOICE)
    decision, _ = play(attention, "v....")
    assert decision is not None
    assert decision.words == "one two three four"


def test_a_caller_who_was_quiet_before_is_made_louder(listen: Callable[..., Attention]) -> None:
    studio = Studio("one")
    play(listen(studio, gain=6.0), "v", VOICE // 4)
    heard = studio.pairs[0][0].audio[0]
    assert int(np.max(heard)) == pytest.approx(int(np.max(VOICE // 4)) * 2, rel=0.01)


def test_a_voice_too_soft_to_understand_is_heard_again_louder(listen: Callable[..., Attention]) -> None:
    studio = Studio("[unk] [unk] [unk] [unk]")
    decision, _ = play(listen(studio), "vvvv" + "." * 13, VOICE // 16)
    assert decision is not None
    assert decision.level.quiet
    again = np.concatenate(studio.pairs[-1][0].audio)
    assert 20 * np.log10(np.max(np.abs(again.astype(int))) / 32768) == pytest.approx(-9, abs=1)


def test_when_the_stream_ends_what_was_said_is_decided(listen: Callable[..., Attention]) -> None:
    studio = Studio("one two three four")
    attention = listen(studio)
    assert play(attention, "vvvv")[0] is None
    decision = attention.end()
    assert decision is not None
    assert decision.words == "one two three four"
    assert len(studio.pairs[0][0].audio[-1]) == len(LOOK_AHEAD)
    assert listen(studio).end() is None


def test_speaking_is_from_the_first_sound_until_it_proves_to_be_nothing(listen: Callable[..., Attention]) -> None:
    attention = listen(Studio(""))
    play(attention, "v")
    assert attention.speaking
    play(attention, "." * 11)
    assert not attention.speaking


def test_an_utterance_without_end_is_ended(listen: Callable[..., Attention]) -> None:
    decision, block = play(listen(Studio("one two")), "v" * 400)
    assert decision is not None
    assert block == 300


def test_a_decision_shows_no_words(listen: Callable[..., Attention]) -> None:
    decision, _ = play(listen(Studio("one two three four")), "vvvv....")
    assert "two" not in repr(decision)


def test_a_level_is_told_as_it_came_over_the_line_whatever_was_added(listen: Callable[..., Attention]) -> None:
    decision, _ = play(listen(Studio("one two three four"), gain=12.0), "vvvv....", VOICE // 4)
    assert decision is not None
    assert decision.level.peak == pytest.approx(20 * np.log10(2000 / 32768), abs=0.2)
