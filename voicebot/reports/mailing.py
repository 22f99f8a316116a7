"""The files of a run as letters, one to each recipient, none of them twice.

A letter is written down as begun before it is given to the mail server. Whatever may have gone out (the answer was lost, or this
process died over it) is not sent again by itself: the page says so, and an admin decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from voicebot.config.schedules import Schedule
from voicebot.errors import DeliveryFailed, ReportRefused
from voicebot.ports.mail import Attachment, Letter, Mail
from voicebot.ports.report_runs import Mailed, ReportRuns, Run

MIB = 1024 * 1024
MOST = 15 * MIB  # of all files: as a letter they are a third larger, and many servers take 20 to 25 MiB


@dataclass(frozen=True)
class Mailing:
    """`company` stands in the subject."""

    mail: Mail
    runs: ReportRuns
    owner: str
    company: str

    def send(self, schedule: Schedule, run: Run, days: tuple[date, date], files: Sequence[Attachment]) -> None:
        """To all who have not got it yet. Raises ReportRefused with what went wrong for how many, and never for whom."""
        size = sum(len(one.content) for one in files)
        if size > MOST:
            much = f"the files have {size / MIB:.1f} MiB, and at most {MOST // MIB} go into a letter"
            raise ReportRefused(f"{much}: filter them (only), take another format, or fetch them from the folder")
        so_far: dict[str, Mailed] = {to: Mailed.UNKNOWN if how is Mailed.BEGUN else how for to, how in run.mailed.items()}
        wrong: list[tuple[int, str]] = []
        for number, to in enumerate(schedule.mail, 1):
            key = _key(run, to)
            if so_far.get(key) is Mailed.UNKNOWN:
                wrong.append((number, "it may have gone out before, and is not sent again by itself"))
            elif key not in so_far:
                so_far[key] = Mailed.BEGUN
                self._mark(schedule, so_far)
                try:
                    self.mail.send(self._letter(schedule, key, to, days, files))
                    so_far[key] = Mailed.GIVEN
                except DeliveryFailed as failed:
                    wrong.append((number, str(failed)))
                    if failed.unknown:
                        so_far[key] = Mailed.UNKNOWN
                    else:
                        del so_far[key]
                self._mark(schedule, so_far)
        if wrong:
            told = "; ".join(f"recipient {number} of {len(schedule.mail)}: {why}" for number, why in wrong)
            raise ReportRefused(f"not every letter went out: {told}")

    def _letter(self, schedule: Schedule, key: str, to: str, days: tuple[date, date], files: Sequence[Attachment]) -> Letter:
        first, last = days
        when = f"{first}" if first == last else f"{first} to {last}"
        lines = (f'{self.company}: scheduled reports "{schedule.name}", {when}.', "", *(f"- {one.name}" for one in files))
        text = "\n".join((*lines, "", "These files may hold business figures that are not for everybody.", ""))
        return Letter(f"report-{key}", to, f"{self.company}: reports {schedule.name}, {when}"[:200], text, files)

    def _mark(self, schedule: Schedule, so_far: dict[str, Mailed]) -> None:
        if not self.runs.mark(self.owner, schedule.name, so_far):
            raise ReportRefused("another process has taken this run over")


def _key(run: Run, to: str) -> str:
    """Names a letter of this run: the same over its tries, another one for each run and recipient."""
    return sha256(f"{run.id}\n{run.schedule}\n{to}".encode()).hexdigest()[:32]
