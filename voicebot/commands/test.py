"""`test`: what continuous integration runs. Must not choose tests of its own: what stands behind it goes to pytest."""

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
PATIENT = ["tests/config", "tests/contracts", "tests/desk", "tests/identity", "tests/records", "tests/switchboard"]
GIVE_WAY = 15  # their niceness

# A file stays with one process: what its tests share is made once. Two, since callers and agents in them keep real time.
AT_ONCE = ["--dist", "loadfile", "-n", "2"]


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("--gate/--no-gate", default=None, help="Demand full branch coverage of the pure core. [default: if all run]")
@click.argument("pytest_arguments", nargs=-1, type=click.UNPROCESSED)
def command(gate: bool | None, pytest_arguments: tuple[str, ...]) -> None:
    """Run the tests. PYTEST_ARGUMENTS go to pytest as they are: `test tests/config -k hours`.

    Without any, all tests run: those of the pure core, which must cover it to the last branch, and others that keep no real time,
    in what the rest leaves of the machine.
    """
    if pytest_arguments:
        passed = _passes([*(GATE if gate else []), *pytest_arguments])
    else:
        with tempfile.TemporaryFile() as told:
            patient = _Patient([[*CORE, *AT_ONCE, *([] if gate is False else GATE)], [*PATIENT, *AT_ONCE]], told)
            patient.start()
            passed = _passes([*AT_ONCE, *(f"--ignore={place}" for place in (*CORE, *PATIENT))])
            patient.join()
            told.seek(0)
            click.echo(told.read().decode("utf-8", "replace"))
        passed = patient.passed and passed
    if not passed:
        click.echo("The tests did not pass.", err=True)
    sys.exit(0 if passed else 1)


class _Patient(threading.Thread):
    """Runs of pytest, one after the other, with what they say kept until somebody reads it."""

    def __init__(self, runs: list[list[str]], told: IO[bytes]) -> None:
        super().__init__(name="patient tests")
        self._runs, self._told = runs, told
        self.passed = True

    def run(self) -> None:
        """All of them, whatever becomes of the first."""
        for arguments in self._runs:
            self.passed = _passes(arguments, niceness=GIVE_WAY, told=self._told) and self.passed


def _passes(arguments: list[str], *, niceness: int = 0, told: IO[bytes] | None = None) -> bool:
    """One run of pytest from the project's root. What it says goes out as it comes, unless it is to be `told` later."""
    asked = [sys.executable, "-m", "pytest", *arguments]
    errors = subprocess.STDOUT if told else None
    process = subprocess.Popen(asked, cwd=ROOT, stdout=told, stderr=errors)
    if niceness:
        os.setpriority(os.PRIO_PROCESS, process.pid, niceness)  # those that it starts are as nice
    return process.wait() == 0
