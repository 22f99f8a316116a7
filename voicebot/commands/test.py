"""`test`: what continuous integration runs. Must not choose tests of its own: what stands behind it goes to pytest."""

import subprocess
import sys
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[2]
GATE = ["--cov", "--cov-branch", "--cov-report=term-missing:skip-covered"]  # sources and the limit stand in pyproject.toml


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("--gate/--no-gate", default=None, help="Demand full branch coverage of dialogue/ and floor/. [default: if all run]")
@click.argument("pytest_arguments", nargs=-1, type=click.UNPROCESSED)
def command(gate: bool | None, pytest_arguments: tuple[str, ...]) -> None:
    """Run the tests. PYTEST_ARGUMENTS go to pytest as they are: `test tests/config -k hours`.

    Without any, all tests run, and dialogue/ and floor/ must be covered to the last branch.
    """
    gated = not pytest_arguments if gate is None else gate
    run = [sys.executable, "-m", "pytest", *(GATE if gated else []), *pytest_arguments]
    done = subprocess.run(run, cwd=ROOT, check=False)
    if done.returncode:
        click.echo(f"The tests did not pass (pytest ended with status {done.returncode}).", err=True)
    sys.exit(done.returncode)
