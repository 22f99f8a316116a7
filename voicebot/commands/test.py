"""`test`: what continuous integration runs. Must not choose tests of its own: what stands behind it goes to pytest."""

import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import IO

import click

ROOT = Path(__file__).resolve().parents[2]
GATE = ["--cov", "--cov-branch", "--cov-report=term-missing:skip-covered"]  # sources and the limit stand in pyproject.toml
CORE = ["tests/dialogue", "tests/facts", "tests/floor"]

# Tests that wait for nothing and nobody, so that it does them no harm to give way to those in which people call.
PATIENT = [
    "tests/config", "tests/contracts", "tests/desk", "tests/identity", "tests/records", "tests/reports", "tests/switchboard",
]  # fmt: skip
GIVE_WAY = 15  # their niceness

# A file stays with one process: what its tests share is made once. Few, since callers and agents in them keep real time, but one
# more than there are cores where they are, since they mostly wait.
AT_ONCE = ["--dist", "loadfile", "-n", "2"]
LIVELY = ["--dist", "loadfile", "-n", "3"]

MOST_ALONE = 5  # as many may have failed because the machine was busy with the others; more are a defect


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("--gate/--no-gate", default=None, help="Demand full branch coverage of the pure core. [default: if all run]")
@click.argument("pytest_arguments", nargs=-1, type=click.UNPROCESSED)
def command(gate: bool | None, pytest_arguments: tuple[str, ...]) -> None:
    """Run the tests. PYTEST_ARGUMENTS go to pytest as they are: `test tests/config -k hours`.

    Without any, all tests run: those of the pure core, which must cover it to the last branch, and others that keep no real time,
    in what the rest leaves of the machine.
    """
    passed = _passes([*(GATE if gate else []), *pytest_arguments]) if pytest_arguments else _all_pass(gate is not False)
    if not passed:
        click.echo("The tests did not pass.", err=True)
    sys.exit(0 if passed else 1)


def _all_pass(gate: bool) -> bool:
    """All tests: those that give way behind those in real time. Few that fail get a second try when nothing else runs."""
    with tempfile.TemporaryFile() as told, tempfile.TemporaryDirectory() as memory:
        _share_bytecode(f"{memory}/bytecode")
        core_run = [*CORE, *AT_ONCE, *(GATE if gate else [])]
        patient = _Patient([core_run, [*PATIENT, *AT_ONCE, *_remembering(f"{memory}/patient")]], told)
        patient.start()
        lively = _passes([*LIVELY, *_remembering(f"{memory}/lively"), *(f"--ignore={place}" for place in (*CORE, *PATIENT))])
        patient.join()
        told.seek(0)
        click.echo(told.read().decode("utf-8", "replace"))
        core, others = patient.passed
        return core and (lively or _pass_alone(f"{memory}/lively")) and (others or _pass_alone(f"{memory}/patient"))


def _share_bytecode(place: str) -> None:
    """Where Python is told to write no bytecode, every server that a test starts compiles all of it again, a third of a second
    each: then it lies here for as long as the tests run.
    """
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        os.environ["PYTHONPYCACHEPREFIX"] = place


def _remembering(place: str) -> list[str]:
    """Runs beside each other remember what failed in different places."""
    return ["-o", f"cache_dir={place}"]


def _pass_alone(memory: str) -> bool:
    """What failed, once more, when nothing else runs. What fails then as well is a defect.

    Both runs are shown, so that a test which often needs this is seen.
    """
    remembered = Path(memory, "v", "cache", "lastfailed")
    failed = json.loads(remembered.read_text(encoding="utf-8")) if remembered.exists() else {}
    if not 0 < len(failed) <= MOST_ALONE:
        return False
    click.echo(f"{len(failed)} failed beside the others; once more, alone:")
    return _passes(sorted(failed))


class _Patient(threading.Thread):
    """Runs of pytest, one after the other, with what they say kept until somebody reads it."""

    def __init__(self, runs: list[list[str]], told: IO[bytes]) -> None:
        super().__init__(name="patient tests")
        self._runs, self._told = runs, told
        self.passed: list[bool] = []

    def run(self) -> None:
        """All of them, whatever becomes of the first."""
        for arguments in self._runs:
            self.passed.append(_passes(arguments, niceness=GIVE_WAY, told=self._told))


def _passes(arguments: list[str], *, niceness: int = 0, told: IO[bytes] | None = None) -> bool:
    """One run of pytest from the project's root. What it says goes out as it comes, unless it is to be `told` later."""
    asked = [sys.executable, "-m", "pytest", *arguments]
    errors = subprocess.STDOUT if told else None
    process = subprocess.Popen(asked, cwd=ROOT, stdout=told, stderr=errors)
    if niceness:
        os.setpriority(os.PRIO_PROCESS, process.pid, niceness)  # those that it starts are as nice
    return process.wait() == 0
