"""`test`: what continuous integration runs. Must not choose tests of its own: what stands behind it goes to pytest."""

import subprocess
import sys
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[2]
GATE = ["--cov", "--cov-branch", "--cov-report=term-missing:skip-covered"]  # sources and the limit stand in pyproject.toml
CORE = ["tests/dialogue", "tests/facts", "tests/floor"]

# A file stays with one process: what its tests share is made once. Two, since callers and agents in them keep real time.
AT_ONCE = ["--dist", "loadfile", "-n"]


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("--gate/--no-gate", default=None, help="Demand full branch coverage of the pure core. [default: if all run]")
@click.argument("pytest_arguments", nargs=-1, type=click.UNPROCESSED)
def command(gate: bool | None, pytest_arguments: tuple[str, ...]) -> None:
    """Run the tests. PYTEST_ARGUMENTS go to pytest as they are: `test tests/config -k hours`.

    Without any, all tests run: first those of the pure core, which must cover it to the last branch, then the others.
    """
    if pytest_arguments:
        passed = _passes(*(GATE if gate else []), *pytest_arguments)
    else:
        core = _passes(*CORE, *AT_ONCE, "2", *([] if gate is False else GATE))
        passed = _passes(*AT_ONCE, "2", *(f"--ignore={place}" for place in CORE)) and core
    sys.exit(0 if passed else 1)


def _passes(*arguments: str) -> bool:
    """One run of pytest from the project's root. What it says goes out as it comes."""
    done = subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=ROOT, check=False)
    if done.returncode:
        click.echo(f"The tests did not pass (pytest ended with status {done.returncode}).", err=True)
    return done.returncode == 0
