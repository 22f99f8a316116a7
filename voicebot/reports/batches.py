"""Scheduled reports: makes those that are due and puts them where they are wanted, in a thread of its own.

A run that was missed, however often, is made up for once: it covers the last whole day, week or month. Calls never wait for it.
"""

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from zoneinfo import ZoneInfo

import structlog

from voicebot.config.schedules import Schedule
from voicebot.errors import VoicebotError
from voicebot.ports.mail import Attachment
from voicebot.ports.report_runs import ReportRuns, Run
from voicebot.ports.webhooks import Webhooks
from voicebot.reports.files import TYPES
from voicebot.reports.mailing import Mailing
from voicebot.reports.maker import Maker
from voicebot.reports.making import Asked

LEASE = timedelta(minutes=30)  # longer than any run; a process that ends lets go at once
TRIES, PAUSE = 5, timedelta(minutes=5)  # of one run, and between the first two; it grows with each
LOOK = 5.0  # real seconds between two looks

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class BatchPlan:
    """`zone`: the company's time zone. `recorded(who, facts)` writes down that a report is made, before it is.

    `base`: where relative folders lie.
    """

    maker: Maker
    zone: str
    schedules: Sequence[Schedule]
    runs: ReportRuns
    owner: str
    now: Callable[[], datetime]
    recorded: Callable[[str, Mapping[str, str]], None]
    base: Path
    webhook: Webhooks | None = None
    mailing: Mailing | None = None


@dataclass
class Batches:
    """From `start` to `close` in a thread; `run_due` is one look."""

    plan: BatchPlan
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Nothing is started where nothing is scheduled."""
        self.expect()
        if self.plan.schedules:
            self._thread = threading.Thread(target=self._run, name="reports", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """After the run that is under way."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def expect(self) -> None:
        """Rows for what is configured, and for nothing else."""
        plan = self.plan
        plan.runs.keep_only([one.name for one in plan.schedules])
        for schedule in plan.schedules:
            plan.runs.expect(schedule.name, schedule.next_after(plan.now(), self._zone))

    def run_due(self) -> int:
        """Make what is due; gives how many schedules were run."""
        plan, now = self.plan, self.plan.now()
        known = {one.name: one for one in plan.schedules}
        leased = plan.runs.lease(plan.owner, now, now + LEASE)
        for run in leased:
            if run.schedule in known:
                plan.runs.finish(plan.owner, self._ran(known[run.schedule], run))
        return len(leased)

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.plan.zone)

    def _run(self) -> None:
        while not self._over.wait(LOOK):
            try:
                self.run_due()
            except Exception as trouble:  # noqa: BLE001 - the next look comes all the same
                log.error("scheduled reports not made", trouble=type(trouble).__name__)

    def _ran(self, schedule: Schedule, run: Run) -> Run:
        """The run with its outcome, and the next time."""
        now = self.plan.now()
        first, last = schedule.days(now, self._zone)
        trouble = self._made(schedule, run, (first, last))
        following = schedule.next_after(now, self._zone)
        if not trouble:
            return Run(run.schedule, following, now, first, last)
        log.error("a scheduled report was not made", schedule=schedule.name)
        tries = run.tries + 1
        if tries >= TRIES:
            return Run(run.schedule, following, now, first, last, trouble)
        return Run(run.schedule, min(following, now + PAUSE * tries), now, first, last, trouble, tries)

    def _made(self, schedule: Schedule, run: Run, days: tuple[date, date]) -> str:
        """What went wrong, in words for the page; empty if nothing did."""
        try:
            files = [self._report(schedule, name, Asked(*days, schedule.only)) for name in schedule.reports]
            if schedule.mail and self.plan.mailing is not None:
                self.plan.mailing.send(schedule, run, days, files)
        except VoicebotError as refused:
            return str(refused)
        except OSError as error:
            return f"{self._folder(schedule)} cannot be written ({error.strerror})"
        except Exception as trouble:  # noqa: BLE001 - one schedule's trouble is not the others'
            return f"trouble of ours ({type(trouble).__name__})"
        return ""

    def _report(self, schedule: Schedule, name: str, asked: Asked) -> Attachment:
        plan, kind = self.plan, schedule.kind.value
        told = {"report": name, "first": str(asked.first), "last": str(asked.last), "format": kind, "schedule": schedule.name}
        plan.recorded(f"schedule {schedule.name}", told)
        content = plan.maker.file(name, asked, kind, plan.now())
        file = f"{name}-{asked.first}-{asked.last}.{kind}"
        put(self._folder(schedule), file, content)
        if schedule.webhook and plan.webhook is not None:
            plan.webhook.send(schedule.webhook, file, TYPES[kind], content, plan.now())
        return Attachment(file, TYPES[kind], content)

    def _folder(self, schedule: Schedule) -> Path:
        return self.plan.base / schedule.folder / schedule.name


def put(folder: Path, name: str, content: bytes) -> None:
    """Whole or not at all, for nobody else on this machine; a run of the same days takes the place of the one before."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = folder / f".{name}.{token_hex(4)}"
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(folder / name)
    finally:
        beside.unlink(missing_ok=True)
