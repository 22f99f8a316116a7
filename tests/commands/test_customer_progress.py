"""Where nobody watches a terminal, a long import says now and then how far it is."""

import pytest

from voicebot.commands.customer_progress import PlainProgress, progress, span


class Said(list[str]):
    now = 100.0

    def clock(self) -> float:
        return self.now


@pytest.fixture
def said() -> Said:
    return Said()


@pytest.fixture
def report(said: Said) -> PlainProgress:
    return PlainProgress(said.append, said.clock)


def test_what_is_done_soon_is_done_in_silence(report: PlainProgress, said: Said) -> None:
    for done in range(9):
        said.now += 1
        report(done, 8)
    assert said == []


def test_a_long_import_says_rate_and_time_left_every_ten_seconds(report: PlainProgress, said: Said) -> None:
    for done in range(0, 2401, 60):
        report(done, 100_000)
        said.now += 1
    assert len(said) == 4
    assert said[0] == "Customers: 600 of 100,000, 60 a second, 28 minutes left"
    assert said[-1] == "Customers: 2,400 of 100,000, 60 a second, 27 minutes left"


def test_what_was_done_before_does_not_make_the_rate_better(report: PlainProgress, said: Said) -> None:
    report(50_000, 100_000)
    said.now += 10
    report(50_600, 100_000)
    assert said == ["Customers: 50,000 of 100,000 were done before", "Customers: 50,600 of 100,000, 60 a second, 14 minutes left"]


def test_a_rate_of_nothing_promises_no_time(report: PlainProgress, said: Said) -> None:
    report(0, 10)
    said.now += 20
    report(0, 10)
    assert said == ["Customers: 0 of 10, 0 a second"]


@pytest.mark.parametrize(("seconds", "words"), [(7, "7 seconds"), (89, "89 seconds"), (120, "2 minutes"), (7200, "2.0 hours")])
def test_a_length_of_time_in_words(seconds: float, words: str) -> None:
    assert span(seconds) == words


def test_a_terminal_gets_a_bar(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(terminal=True) as report:
        report(0, 4)
        report(4, 4)
    assert "4/4" in capsys.readouterr().err
