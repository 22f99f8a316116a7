"""What `bench doors` makes of a call's record."""

from voicebot.commands.bench_doors import Measured, _answers, _measured, _table
from voicebot.simulator.record import DocumentSeen, Heard, Keyed, LegRecord, Pushed, Utterance


def leg() -> LegRecord:
    """Keys from 1.0 to 1.4, words until 5.0; what is heard after each begins 0.25 and 0.5 s later."""
    made = LegRecord("CA1", "+12025550399", frames=100, streamed=1000)
    made.keys = [Keyed(1.0 + place * 0.2, "7") for place in range(3)]
    made.utterances = [Utterance(4.0, "said.wav", 5.0), Utterance(9.0, "cut off")]
    made.heard = [Heard(0.1, "greeting"), Heard(1.65, "next"), Heard(5.5, "then")]
    made.documents = [DocumentSeen(0.0, "/voice/incoming", ("Gather",), 0.1, size=500)]
    made.pushes = [Pushed(5.2, "url", 200)]
    return made


def test_an_answer_ends_with_its_last_key_or_its_last_word() -> None:
    assert [round(seconds, 3) for seconds in _answers(leg())] == [0.25, 0.5]


def test_the_filler_is_no_answer() -> None:
    assert [round(seconds, 3) for seconds in _answers(leg(), "next")] == [4.1, 0.5]


def test_who_never_answers_has_no_figures() -> None:
    silent = LegRecord("CA1", "+12025550399")
    assert _answers(silent) == []
    assert "| 0 | | | |" in _table([_measured("gather", "keys", [silent])])


def test_requests_and_bytes_are_a_question_s_share() -> None:
    row = _measured("stream", "speech", [leg(), leg()])
    assert row == Measured("stream", "speech", 2, row.answers, 1.0, (1000 + 380 * 100 + 500) / 2 / 1000)
    assert "| stream | speech | 2 | 4 | 0.375 | 0.500 | 0.500 | 1.0 | 20 |" in _table([row])
