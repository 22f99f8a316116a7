"""Checks run side by side, and none of them is waited for for long."""

from collections.abc import Callable, Sequence
from threading import Barrier, Event

from voicebot.commands.probing import Probe, Probing
from voicebot.telephony.findings import Finding, Verdict, fact, ok, skipped


def saying(text: str) -> Callable[[], Sequence[Finding]]:
    return lambda: [ok("Part", text)]


def test_what_is_found_comes_in_the_order_of_the_checks() -> None:
    first_may_end = Event()

    def late() -> Sequence[Finding]:
        assert first_may_end.wait(5)
        return [ok("Part", "first")]

    def early() -> Sequence[Finding]:
        first_may_end.set()
        return [ok("Part", "second"), fact("Part", "third")]

    found = Probing().run([Probe("Part", "a", late), Probe("Part", "b", early)])
    assert [one.says for one in found] == ["first", "second", "third"]


def test_they_run_at_the_same_time() -> None:
    meeting = Barrier(3)

    def meet() -> Sequence[Finding]:
        meeting.wait(5)
        return []

    assert Probing().run([Probe("Part", str(number), meet) for number in range(3)]) == []


def test_a_check_that_hangs_is_given_up_and_the_others_are_told() -> None:
    forever = Event()

    def hang() -> Sequence[Finding]:
        forever.wait(20)
        return [ok("Part", "too late")]

    found = Probing(each=0.05).run([Probe("Part", "the slow one", hang), Probe("Part", "b", saying("quick"))])
    forever.set()
    assert [(one.verdict, one.says) for one in found] == [
        (Verdict.WRONG, "the slow one: not finished within 0.05 s"), (Verdict.OK, "quick"),
    ]  # fmt: skip


def test_a_check_may_say_what_its_lateness_means() -> None:
    forever = Event()

    def hang() -> Sequence[Finding]:
        forever.wait(20)
        return []

    means = skipped("Part", "it is a large one")
    found = Probing(each=0.05).run([Probe("Part", "a", hang, means)])
    forever.set()
    assert found == [means]


def test_when_the_time_for_all_is_over_the_rest_is_said_to_be_left_out() -> None:
    probing = Probing(left=0.0)
    found = probing.run([Probe("Part", "a", saying("x"))])
    assert [(one.verdict, one.says) for one in found] == [(Verdict.SKIPPED, "a: there was no time left for it")]


def test_the_time_for_all_is_shared_by_every_round() -> None:
    forever = Event()

    def hang() -> Sequence[Finding]:
        forever.wait(20)
        return []

    probing = Probing(each=1.0, left=0.1, at_once=1)
    found = probing.run([Probe("Part", "a", hang), Probe("Part", "b", saying("x"))])
    forever.set()
    assert [one.says for one in found] == ["a: not finished within 1 s", "b: there was no time left for it"]


def test_a_check_that_fails_costs_the_others_nothing_and_its_text_is_not_shown() -> None:
    def fail() -> Sequence[Finding]:
        raise RuntimeError("canary")

    found = Probing().run([Probe("Part", "a", fail), Probe("Part", "b", saying("x"))])
    assert [one.says for one in found] == ["a: this check itself failed (RuntimeError)", "x"]
