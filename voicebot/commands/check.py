"""`check`: style, types and the walls between the rooms, as continuous integration sees them. Must not mend anything."""

import subprocess
import sys
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[2]
STEPS: dict[str, list[str]] = {
    "ruff (style and common faults)": [sys.executable, "-m", "ruff", "check", "."],
    "mypy (types, strict)": [sys.executable, "-m", "mypy", "voicebot", "run.py", "models/training"],
    "import-linter (imports go one way)": [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command as lint; lint()",
        "--no-cache",
    ],
    "walls (who may use which package)": [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_walls.py"],
}


@click.command()
def command() -> None:
    """Check style, types and the walls between the rooms. Says plainly what failed; exit status 1 then."""
    failed = [name for name, step in STEPS.items() if not _passes(name, step)]
    if failed:
        click.echo(f"\nFailed: {'; '.join(failed)}")
        sys.exit(1)
    click.echo("\nAll checks passed.")


def _passes(name: str, step: list[str]) -> bool:
    """Run one step from the project's root; its output only if it failed."""
    done = subprocess.run(step, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        click.echo(f"FAILED  {name}\n{done.stdout.rstrip()}\n")
    else:
        click.echo(f"ok      {name}")
    return done.returncode == 0
