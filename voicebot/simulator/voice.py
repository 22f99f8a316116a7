"""Speaks a text with a synthesiser of this machine, for scripts that say `say:TEXT`. It must not fetch anything."""

import asyncio
import shutil
import tempfile
from pathlib import Path

from voicebot.errors import AudioRefused
from voicebot.simulator.recording import read_wave, speech_frames

NO_VOICE = "say: needs a synthesiser: neither flite nor espeak-ng was found (Debian: apt install flite, or espeak-ng)"


def command(text: str, target: Path) -> list[str]:
    """How to speak `text` into the file `target` on this machine. Raises AudioRefused where there is no synthesiser."""
    if flite := shutil.which("flite"):
        return [flite, "-t", text, "-o", str(target)]
    if espeak := shutil.which("espeak-ng"):
        return [espeak, "-w", str(target), "--", text]
    raise AudioRefused(NO_VOICE)


async def speak(text: str) -> tuple[str, ...]:
    """A text as media payloads of 20 ms. Raises AudioRefused where there is no synthesiser, or it fails."""
    with tempfile.TemporaryDirectory() as place:
        target = Path(place) / "said.wav"
        synthesiser = await asyncio.create_subprocess_exec(
            *command(text, target), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
        )
        if await synthesiser.wait() != 0 or not target.exists():
            raise AudioRefused(f"say: {Path(command(text, target)[0]).name} could not speak the text")
        return speech_frames(read_wave(target.read_bytes(), "say:"), "say:")
