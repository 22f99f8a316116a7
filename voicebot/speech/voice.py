"""The port `Mouth`: recordings, texts rendered beforehand, and a synthesiser of this machine where there is one.

What was rendered lies in a directory as raw µ-law, named by language and text: it fits whatever catalogue asks for it. A text
that somebody's data fill is spoken, and never written down; without a synthesiser it is put together of pieces.
"""

import hashlib
import re
import shutil
import subprocess
import tempfile
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Protocol

import structlog

from voicebot.config.transcoding import for_telephone
from voicebot.config.voiced import Voiced
from voicebot.errors import AudioRefused, ConfigError
from voicebot.ports.prompts import SpokenText
from voicebot.speech.codec import RATE, SILENCE, to_mulaw
from voicebot.speech.recording import samples_of

PATIENCE = 10.0  # seconds that a synthesiser may take for one text
MOST_KEPT = 256  # sounds in memory, a few hundred kilobytes each at most
BETWEEN = SILENCE * (RATE // 8)  # an eighth of a second between pieces
PACE = "150"  # words a minute: numbers must be followed
NO_VOICE = "no synthesiser was found: install espeak-ng (Debian: apt install espeak-ng), or flite for English alone"

_BREAKS = re.compile(r"[\s,.;:!?]+")

log = structlog.get_logger(__name__)


class Synthesiser(Protocol):
    """A program of this machine that speaks."""

    def speaks(self, language: str) -> bool:
        """Whether it has a voice for a language such as `en-US`."""
        ...

    def wav(self, text: str, language: str) -> bytes:
        """A WAV file. Raises AudioRefused where it fails."""
        ...


@dataclass(frozen=True)
class Espeak:
    """espeak-ng. The text goes in and the sound comes out by pipes: neither is in a list of processes or on a disk."""

    program: str

    def speaks(self, language: str) -> bool:  # noqa: ARG002  the Protocol's name; it has all of ours
        """It speaks a hundred languages."""
        return True

    def wav(self, text: str, language: str) -> bytes:
        """By its voice for this language."""
        return _run([self.program, "-v", language.lower(), "-s", PACE, "--stdin", "--stdout"], text)


@dataclass(frozen=True)
class Flite:
    """flite speaks English only, and into a file."""

    program: str

    def speaks(self, language: str) -> bool:
        """English."""
        return language.partition("-")[0] == "en"

    def wav(self, text: str, language: str) -> bytes:  # noqa: ARG002  it has one language
        """By its own voice."""
        with tempfile.TemporaryDirectory(prefix="voicebot-voice-") as place:
            target = Path(place) / "said.wav"
            _run([self.program, "-voice", "slt", "-o", str(target)], text)
            return target.read_bytes() if target.exists() else b""


def find_synthesiser() -> Synthesiser | None:
    """The one of this machine."""
    if program := shutil.which("espeak-ng"):
        return Espeak(program)
    return Flite(program) if (program := shutil.which("flite")) else None


class LocalVoice:
    """`directory` holds what was rendered; `synthesiser` speaks the rest."""

    def __init__(self, directory: Path, synthesiser: Synthesiser | None) -> None:
        self._directory = directory
        self._synthesiser = synthesiser
        self._lock = Lock()
        self._kept: OrderedDict[str, bytes] = OrderedDict()

    def can_speak(self, language: str) -> bool:
        """Whether any text of this language can be spoken."""
        return self._synthesiser is not None and self._synthesiser.speaks(language)

    def of_recording(self, name: str, wav: bytes) -> bytes | None:
        """The µ-law of a recording."""
        if (known := self._known(name)) is not None:
            return known
        try:
            return self._keep(name, to_mulaw(samples_of(wav, Path(name))))
        except AudioRefused as refused:
            log.warning("a recording cannot be played", why=str(refused))
            return None

    def of_text(self, spoken: SpokenText) -> bytes | None:
        """Rendered before, spoken now, or put together."""
        if (known := self._rendered(spoken.text, spoken.language)) is not None:
            return known
        if (sound := self._spoken(spoken.text, spoken.language)) is not None:
            return sound if spoken.parts else self._keep(_name(spoken.text, spoken.language), sound)
        return self._of_pieces(spoken)

    def render(self, text: str, language: str) -> bool:
        """Speak a text and keep it on disk; False if it is there already. Raises AudioRefused."""
        target = self._directory / f"{_name(text, language)}.ulaw"
        if target.exists():
            return False
        if self._synthesiser is None or not self._synthesiser.speaks(language):
            raise AudioRefused(f"{language}: {NO_VOICE}")
        sound = _mulaw(self._synthesiser.wav(text, language))
        self._directory.mkdir(parents=True, exist_ok=True)
        beside = target.with_suffix(".new")
        beside.write_bytes(sound)
        beside.replace(target)
        return True

    def is_rendered(self, text: str, language: str) -> bool:
        """Whether this text lies there."""
        return (self._directory / f"{_name(text, language)}.ulaw").exists()

    def _of_pieces(self, spoken: SpokenText) -> bytes | None:
        sounds: list[bytes] = []
        for part in spoken.parts:
            whole = self._rendered(part, spoken.language)
            words = [word for word in _BREAKS.split(part) if word]
            pieces = [whole] if whole is not None else [self._rendered(word, spoken.language) for word in words]
            sounds += [piece for piece in pieces if piece is not None]
            if None in pieces:
                return None
        return BETWEEN.join(sounds) if sounds else None

    def _rendered(self, text: str, language: str) -> bytes | None:
        name = _name(text, language)
        if (known := self._known(name)) is not None:
            return known
        try:
            return self._keep(name, (self._directory / f"{name}.ulaw").read_bytes())
        except OSError:
            return None

    def _spoken(self, text: str, language: str) -> bytes | None:
        if self._synthesiser is None or not self._synthesiser.speaks(language):
            return None
        try:
            return _mulaw(self._synthesiser.wav(text, language))
        except AudioRefused as refused:
            log.warning("a text could not be spoken", why=str(refused))
            return None

    def _known(self, name: str) -> bytes | None:
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
            return self._kept.get(name)

    def _keep(self, name: str, sound: bytes) -> bytes:
        with self._lock:
            self._kept[name] = sound
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return sound


def without_sound(voice: LocalVoice, wanted: Iterable[Voiced]) -> list[Voiced]:
    """Those that cannot be said on this machine: not rendered, with data between their pieces, and no synthesiser."""
    silent = [one for one in wanted if not voice.can_speak(one.language)]
    return [one for one in silent if one.filled or not all(voice.is_rendered(piece, one.language) for piece in one.pieces)]


def _name(text: str, language: str) -> str:
    return hashlib.sha256(f"{language}\0{' '.join(text.split())}".encode()).hexdigest()[:32]


def _mulaw(wav: bytes) -> bytes:
    try:
        return to_mulaw(samples_of(for_telephone(wav), Path("speech")))
    except ConfigError as wrong:
        raise AudioRefused(f"the synthesiser's sound {wrong}") from None


def _run(command: list[str], text: str) -> bytes:
    """What the program gave. Nothing of the text is in its arguments, or in what is raised."""
    program = Path(command[0]).name
    try:
        done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired) as failure:
        raise AudioRefused(f"{program} could not be run ({type(failure).__name__})") from None
    if done.returncode != 0:
        raise AudioRefused(f"{program} could not speak the text (it ended with {done.returncode})")
    return done.stdout
