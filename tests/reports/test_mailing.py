"""Scheduled reports as letters: one to each recipient, none twice, whatever happens in between."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.mail.post_office import PostOffice, open_office
from tests.reports.test_batches import DAILY, SIX, Office
from voicebot.config.schedules import Schedule
from voicebot.errors import DeliveryFailed
from voicebot.keyring import Keyring
from voicebot.mail.smtp import SmtpMail
from voicebot.ports.mail import Letter
from voicebot.records.report_runs import SqlReportRuns
from voicebot.records.store import open_store
from voicebot.reports import mailing
from voicebot.reports.batches import PAUSE, Batches
from voicebot.reports.mailing import Mailing

ADA, BEN = "ada@example.com", "ben@example.com"
MAILED = replace(DAILY, mail=(ADA, BEN))


@dataclass
class Post:
    """Takes letters, or fails as one says for whom."""

    fails: dict[str, Exception] = field(default_factory=dict)
    letters: list[Letter] = field(default_factory=list)

    def send(self, letter: Letter) -> None:
        if letter.to in self.fails:
            raise self.fails[letter.to]
        self.letters.append(letter)

    @property
    def to(self) -> list[str]:
        return [letter.to for letter in self.letters]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    store = open_store(f"sqlite:///{tmp_path}/data/voicebot.db", Keyring.open(tmp_path / "keys"))
    yield Office(store, tmp_path / "out")
    store.close()


def batches(office: Office, post: Post | SmtpMail, schedule: Schedule = MAILED, owner: str = "a") -> Batches:
    made = office.batches(schedule, owner=owner)
    return Batches(replace(made.plan, mailing=Mailing(post, SqlReportRuns(office.store), owner, "Larkfield")))


def trouble(made: Batches) -> str:
    return made.plan.runs.all()[0].trouble


def test_all_files_of_a_run_come_in_one_letter_over_a_real_mail_server(office: Office) -> None:
    post = PostOffice()
    with open_office(post) as server:
        made = batches(office, SmtpMail(server, office.clock.now))
        office.clock.at = SIX
        made.run_due()
    assert [to for _, to, _ in post.taken] == [[ADA], [BEN]]
    letter = post.taken[0][2]
    assert letter["Subject"] == "Larkfield: reports daily, 2026-03-03"
    files = list(letter.iter_attachments())
    names = [f"{one}-2026-03-03-2026-03-03.csv" for one in ("queues", "agents")]
    assert [one.get_filename() for one in files] == names
    for one, name in zip(files, names, strict=True):
        assert one.get_payload(decode=True) == (office.base / "reports" / "daily" / name).read_bytes()
    assert trouble(made) == ""
    assert len({taken["Message-ID"] for _, _, taken in post.taken}) == 2


def test_who_has_a_letter_gets_no_second_one_when_another_is_tried_again(office: Office) -> None:
    post = Post({BEN: DeliveryFailed("the mail server refused the recipient (451)")})
    made = batches(office, post)
    office.clock.at = SIX
    made.run_due()
    assert trouble(made) == "not every letter went out: recipient 2 of 2: the mail server refused the recipient (451)"
    post.fails.clear()
    office.clock.at += PAUSE
    made.run_due()
    assert (post.to, trouble(made)) == ([ADA, BEN], "")
    first = post.letters[0].name
    office.clock.at = SIX + timedelta(days=1)
    made.run_due()
    assert post.to == [ADA, BEN, ADA, BEN]
    assert post.letters[2].name != first  # of another run


def test_the_same_letter_has_the_same_name_over_all_tries(office: Office) -> None:
    names: list[str] = []

    class Refusing(Post):
        def send(self, letter: Letter) -> None:
            names.append(letter.name)
            raise DeliveryFailed("not now")

    made = batches(office, Refusing(), replace(DAILY, mail=(ADA,)))
    office.clock.at = SIX
    made.run_due()
    office.clock.at += PAUSE
    made.run_due()
    assert len(names) == 2
    assert len(set(names)) == 1


def test_a_letter_whose_answer_is_lost_is_told_and_not_sent_again_but_by_an_admin(office: Office) -> None:
    post = Post({ADA: DeliveryFailed("its answer was lost", unknown=True)})
    made = batches(office, post)
    office.clock.at = SIX
    made.run_due()
    post.fails.clear()
    office.clock.at += PAUSE
    made.run_due()
    assert post.to == [BEN]
    assert "recipient 1 of 2: it may have gone out before" in trouble(made)
    made.plan.runs.again("daily", office.clock.at)
    made.run_due()
    assert (post.to, trouble(made)) == ([BEN, ADA, BEN], "")


@pytest.mark.parametrize("after", [False, True])
def test_a_process_that_dies_over_a_letter_leaves_it_for_maybe_sent(office: Office, after: bool) -> None:
    class Killed(BaseException):
        pass

    class Deadly(Post):
        def send(self, letter: Letter) -> None:
            if after or letter.to == BEN:
                super().send(letter)
            if letter.to == BEN:
                raise Killed
            super().send(letter) if not after else None

    post = Deadly()
    office.store.begin_boot("a", SIX)
    made = batches(office, post)
    office.clock.at = SIX
    with pytest.raises(Killed):
        made.run_due()
    office.store.end_boot("a")
    later, calm = batches(office, rest := Post(), owner="b"), office.clock
    calm.at += timedelta(minutes=1)
    assert later.run_due() == 1
    assert (post.to, rest.to) == ([ADA, BEN], [])
    assert "recipient 2 of 2: it may have gone out before" in trouble(later)


def test_files_that_are_too_large_are_not_sent_and_say_what_to_do(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailing, "MOST", 100)
    made = batches(office, post := Post())
    office.clock.at = SIX
    made.run_due()
    assert post.letters == []
    assert "go into a letter: filter them" in trouble(made)
    assert len(office.files()) == 2


def test_a_run_that_somebody_else_has_taken_over_sends_no_more(office: Office) -> None:
    runs = SqlReportRuns(office.store)

    class Slow(Post):
        def send(self, letter: Letter) -> None:
            super().send(letter)
            runs.lease("b", SIX + timedelta(hours=2), SIX + timedelta(hours=3))

    made = batches(office, post := Slow())
    office.clock.at = SIX
    made.run_due()
    assert post.to == [ADA]
    assert trouble(made) == ""  # the other one tells


def test_no_address_is_in_a_repr_or_the_audit(office: Office) -> None:
    made = batches(office, Post())
    office.clock.at = SIX
    made.run_due()
    assert "@" not in repr(MAILED) + repr(office.record) + repr(made.plan.runs.all())
