"""Scheduled reports: made when they are due, once after a time of being down, tried again when they fail, shown and run again."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from tests.pages.stage import AGENTS, Browser, open_stage
from tests.reports.made import BUSY, Told, house
from voicebot.config.schedules import Covers, FileKind, Schedule
from voicebot.errors import ReportRefused
from voicebot.keyring import Keyring
from voicebot.ports.facts import By, Sum
from voicebot.records.report_runs import SqlReportRuns
from voicebot.records.store import SqlStore, open_store
from voicebot.reports.batches import PAUSE, TRIES, Batches, BatchPlan, put
from voicebot.reports.maker import Here
from voicebot.reports.pages import ReportsHouse
from voicebot.reports.room import create_reports
from voicebot.webhooks.posting import Webhook

ZONE = "Europe/Copenhagen"
SIX = datetime(2026, 3, 4, 5, 0, tzinfo=UTC)  # six in the morning there
DAILY = Schedule("daily", ("queues", "agents"), Covers.DAY, time(6), FileKind.CSV, Path("reports"), {By.QUEUE: "billing"})


@dataclass
class Clock:
    at: datetime = SIX - timedelta(hours=1)

    def now(self) -> datetime:
        return self.at


@dataclass
class Office:
    """Batches over facts that are what one says."""

    store: SqlStore
    base: Path
    clock: Clock = field(default_factory=Clock)
    record: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    told: Told = field(default_factory=lambda: Told([Sum(None, ("billing",), BUSY)]))

    def batches(self, *schedules: Schedule, owner: str = "a", webhook: Webhook | None = None) -> Batches:
        maker = Here(replace(house(), facts=self.told))
        plan = BatchPlan(
            maker, ZONE, schedules or (DAILY,), SqlReportRuns(self.store), owner, self.clock.now,
            lambda who, facts: self.record.append((who, dict(facts))), self.base, webhook,
        )  # fmt: skip
        made = Batches(plan)
        made.expect()
        return made

    def files(self) -> list[str]:
        return sorted(str(path.relative_to(self.base)) for path in self.base.rglob("*") if path.is_file())


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    store = open_store(f"sqlite:///{tmp_path}/data/voicebot.db", Keyring.open(tmp_path / "keys"))
    yield Office(store, tmp_path / "out")
    store.close()


def test_what_is_due_is_made_recorded_and_due_again_tomorrow(office: Office) -> None:
    batches = office.batches()
    assert batches.run_due() == 0
    office.clock.at = SIX
    assert batches.run_due() == 1
    assert office.files() == [f"reports/daily/{one}-2026-03-03-2026-03-03.csv" for one in ("agents", "queues")]
    written = office.base / "reports" / "daily" / "queues-2026-03-03-2026-03-03.csv"
    assert "billing,10,7,6" in written.read_text("utf-8-sig")
    assert written.stat().st_mode & 0o777 == 0o600
    assert office.told.wanted is not None
    assert office.told.wanted.only == {By.QUEUE: "billing"}
    told = {"report": "queues", "first": "2026-03-03", "last": "2026-03-03", "format": "csv", "schedule": "daily"}
    assert office.record[0] == ("schedule daily", told)
    run = batches.plan.runs.all()[0]
    assert (run.ran_at, run.due_at, run.trouble) == (SIX, SIX + timedelta(days=1), "")
    assert batches.run_due() == 0


def test_runs_that_were_missed_are_made_up_for_once(office: Office) -> None:
    office.batches()
    office.clock.at = SIX + timedelta(days=9, hours=2)
    later = office.batches(owner="b")  # the server is back
    assert (later.run_due(), later.run_due()) == (1, 0)
    assert office.files() == [f"reports/daily/{one}-2026-03-12-2026-03-12.csv" for one in ("agents", "queues")]
    assert later.plan.runs.all()[0].due_at == SIX + timedelta(days=10)


def test_two_processes_make_one_run(office: Office) -> None:
    first, second = office.batches(), office.batches(owner="b")
    office.clock.at = SIX
    assert first.run_due() + second.run_due() == 1


def test_a_run_that_fails_is_tried_again_a_few_times_and_says_why(office: Office) -> None:
    office.base.mkdir()
    (office.base / "reports").write_text("in the way")
    batches, due = office.batches(), SIX
    for tries in range(1, TRIES):
        office.clock.at = due
        assert batches.run_due() == 1
        run = batches.plan.runs.all()[0]
        assert (run.tries, run.due_at) == (tries, due + PAUSE * tries)
        assert "cannot be written" in run.trouble
        due = run.due_at
    office.clock.at = due
    batches.run_due()
    run = batches.plan.runs.all()[0]
    assert (run.tries, run.due_at, bool(run.trouble)) == (0, SIX + timedelta(days=1), True)
    (office.base / "reports").unlink()
    office.clock.at = run.due_at
    batches.run_due()
    assert batches.plan.runs.all()[0].trouble == ""


def test_a_report_goes_to_its_webhook_too_and_one_that_is_refused_is_told(office: Office) -> None:
    sent: list[tuple[str, str]] = []

    class Told(Webhook):
        def send(self, url: str, name: str, content_type: str, content: bytes, at: datetime) -> None:
            sent.append((url, name))
            assert (content_type, at) == ("text/csv; charset=utf-8", office.clock.at)
            assert content == (office.base / "reports" / "daily" / name).read_bytes()
            if len(sent) > 2:
                raise ReportRefused("the webhook answered 500")

    batches = office.batches(replace(DAILY, webhook="https://example.com/in"), webhook=Told("secret"))
    office.clock.at = SIX
    batches.run_due()
    assert sent == [("https://example.com/in", f"{one}-2026-03-03-2026-03-03.csv") for one in ("queues", "agents")]
    office.clock.at = SIX + timedelta(days=1)
    batches.run_due()
    assert batches.plan.runs.all()[0].trouble == "the webhook answered 500"


def test_one_schedules_trouble_is_not_the_others(office: Office) -> None:
    def broken(*_: object) -> tuple[Sum, ...]:
        raise RuntimeError("a secret thing")

    other = replace(DAILY, name="other", reports=("codes",))
    batches = office.batches(replace(DAILY, folder=Path("/dev/null/x")), other)
    office.clock.at = SIX
    assert batches.run_due() == 2
    daily, fine = batches.plan.runs.all()
    assert (bool(daily.trouble), fine.trouble) == (True, "")
    office.told.sums = broken  # type: ignore[method-assign,assignment]  # facts that fail
    office.clock.at = SIX + timedelta(days=2)
    batches.run_due()
    assert batches.plan.runs.all()[1].trouble == "trouble of ours (RuntimeError)"


def test_a_schedule_that_is_configured_no_more_is_forgotten(office: Office) -> None:
    office.batches()
    assert [run.schedule for run in office.batches(replace(DAILY, name="other")).plan.runs.all()] == ["other"]


def test_where_nothing_is_scheduled_nothing_is_started(office: Office) -> None:
    batches = Batches(replace(office.batches().plan, schedules=()))
    batches.start()
    assert batches.plan.runs.all() == []
    batches.close()


def test_the_thread_ends_when_it_is_told_to(office: Office) -> None:
    batches = office.batches()
    batches.start()
    batches.close()
    assert batches._thread is not None
    assert not batches._thread.is_alive()


def test_a_file_is_whole_or_as_before(tmp_path: Path) -> None:
    put(tmp_path, "a.csv", b"one")
    put(tmp_path, "a.csv", b"two")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.csv", b"two")]
    (tmp_path / "b.csv").mkdir()
    with pytest.raises(OSError, match="directory"):
        put(tmp_path, "b.csv", b"three")
    assert {path.name for path in tmp_path.iterdir()} == {"a.csv", "b.csv"}


# ---- the page --------------------------------------------------------------------------------------------------------


def test_the_page_shows_runs_and_an_admin_runs_one_again(office: Office, tmp_path: Path) -> None:
    batches = office.batches()
    office.clock.at = SIX
    batches.run_due()
    maker = Here(replace(house(), facts=office.told))
    pages = ReportsHouse(maker, ZONE, {}, office.clock.now, batches.plan.recorded, scheduled=True)
    stage = open_stage(tmp_path / "stage", [create_reports(pages, [DAILY], batches.plan.runs)])
    for agent in AGENTS:
        stage.set_password(agent.id)

    def at(agent: str) -> Browser:
        browser = stage.browser()
        browser.sign_in(agent)
        return browser

    assert at("mira").get("/reports/schedules").status_code == 403
    vera, ada = at("vera"), at("ada")
    page = vera.get("/reports/schedules").text
    for expected in ("daily", "queues, agents", "2026-03-04 06:00", "2026-03-03 to 2026-03-03", "done", "2026-03-05 06:00"):
        assert expected in page
    assert "/reports/schedules" in vera.get("/reports").text
    assert vera.post("/reports/schedules/daily/run").status_code == 403
    assert batches.run_due() == 0
    assert ada.post("/reports/schedules/daily/run").status_code == 302
    assert ("ada", {"schedule": "daily", "asked": "run now"}) in office.record
    assert batches.run_due() == 1
    assert ada.post("/reports/schedules/yearly/run").status_code == 404
    stage.close()
