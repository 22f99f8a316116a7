"""What callers and agents hear: one catalogue of a moment, and the shelf of those that some call may still need.

Must not fail while a call is on: a prompt that is missing then is silence and a line in the log.
"""

import hashlib
import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock

import structlog

from voicebot.config.speaking import Voice, spoken
from voicebot.config.wording import PLACE
from voicebot.dialogue.actions import Say
from voicebot.ports.prompts import Recording, SpokenText, Utterance

# First parts of ids that are no field's: what stands behind them has no general wording. `whisper.verified` is for agents, and
# `verified` for callers.
FAMILIES = frozenset(
    {
        "agent",
        "approval",
        "field",
        "keys",
        "line",
        "payment",
        "queue",
        "recording",
        "self_service",
        "step_up",
        "survey",
        "transfer",
        "unauthenticated",
        "waiting",
        "whisper",
    }
)
log = structlog.get_logger()


@dataclass(frozen=True)
class Variant:
    """One wording: its text, and the name of its recording if it has one."""

    text: str
    recording: str = ""


@dataclass(frozen=True)
class LanguagePrompts:
    """One language's prompts by id; variants by attempt, the last of which repeats."""

    voice: Voice
    variants: dict[str, tuple[Variant, ...]]


@dataclass(frozen=True)
class Catalogue:
    """All languages at one moment (the port `Prompts`). Recordings by name; the name is the hash of what they hold."""

    languages: dict[str, LanguagePrompts]
    recordings: dict[str, bytes] = field(default_factory=dict, repr=False)
    version: str = field(init=False, default="")

    def __post_init__(self) -> None:
        digest = hashlib.sha256(self._plain().encode()).hexdigest()[:32]
        object.__setattr__(self, "version", digest)

    def utterances(self, say: Say, language: str) -> tuple[Utterance, ...]:
        """What to play; nothing where there is no such prompt."""
        prompts = self.languages.get(language)
        variant = self.find(say.prompt_id, language, say.attempt, say.general)
        if prompts is None or variant is None:
            log.warning("prompt missing", prompt=say.prompt_id, language=language)
            return ()
        if variant.recording:
            return (Recording(variant.recording),)
        parts = self._filled(variant.text, say, language, prompts.voice)
        text = "".join(parts).strip()
        pieces = tuple(piece for part in parts if (piece := part.strip())) if len(parts) > 1 else ()
        return (SpokenText(text, prompts.voice.language, prompts.voice.voice, pieces),) if text else ()

    def find(self, prompt_id: str, language: str, attempt: int = 1, general: str = "") -> Variant | None:
        """The wording for this attempt: of this id, or of a general one: `birthday.ask`, then `date.ask`, then `ask`."""
        variants = self.variants_of(prompt_id, language, general)
        return variants[min(max(attempt, 1), len(variants)) - 1] if variants else None

    def variants_of(self, prompt_id: str, language: str, general: str = "") -> tuple[Variant, ...]:
        """The wordings for all attempts."""
        prompts = self.languages.get(language)
        first, _, rest = prompt_id.partition(".")
        generals = [f"{general}.{rest}"] * bool(general) + [rest] if rest and first not in FAMILIES else []
        known = prompts.variants if prompts is not None else {}
        return next((known[one] for one in (prompt_id, *generals) if known.get(one)), ())

    def audio(self, name: str) -> bytes | None:
        """A recording's bytes."""
        return self.recordings.get(name)

    def dump(self) -> bytes:
        """All of it but the recordings' sound, to be kept while a call pins this version."""
        return zlib.compress(self._plain().encode())

    @classmethod
    def load(cls, dumped: bytes, audio: Callable[[str], bytes | None]) -> "Catalogue":
        """What `dump` kept, with the recordings by name; the version comes out the same."""
        plain = json.loads(zlib.decompress(dumped))
        languages = {
            name: LanguagePrompts(
                Voice(**one["voice"]),
                {prompt_id: tuple(Variant(*variant) for variant in variants) for prompt_id, variants in one["variants"].items()},
            )
            for name, one in plain.items()
        }
        return cls(languages, {name: wav for name in recorded(languages) if (wav := audio(name)) is not None})

    def _plain(self) -> str:
        languages = {
            name: {
                "voice": vars(prompts.voice),
                "variants": {key: [[v.text, v.recording] for v in variants] for key, variants in prompts.variants.items()},
            }
            for name, prompts in self.languages.items()
        }
        return json.dumps(languages, sort_keys=True, ensure_ascii=False)

    def _filled(self, text: str, say: Say, language: str, voice: Voice) -> list[str]:
        """What stands in the prompt and what fills its places, by turns."""
        args = dict(say.args)

        def value_of(place: str) -> str:
            if place not in args:
                log.warning("prompt has a place that nothing fills", prompt=say.prompt_id, place=place)
                return ""
            return spoken(args[place], voice, lambda prompt_id: self._words(prompt_id, language))

        pieces = PLACE.split(text)
        return [value_of(piece) if number % 2 else piece for number, piece in enumerate(pieces)]

    def _words(self, prompt_id: str, language: str) -> str:
        variant = self.find(prompt_id, language)
        if variant is None:
            log.warning("prompt missing", prompt=prompt_id, language=language)
        return PLACE.sub("", variant.text) if variant else ""


def recorded(languages: Mapping[str, LanguagePrompts]) -> set[str]:
    """The names of all recordings that these prompts play."""
    all_variants = (variants for prompts in languages.values() for variants in prompts.variants.values())
    return {variant.recording for variants in all_variants for variant in variants if variant.recording}


class Shelf:
    """The newest catalogue, and older ones as calls ask for them (the port `PromptShelf`).

    `kept(name)` gives what was kept under a version (`Catalogue.dump`) or a recording's name, or None. Only what there is is
    remembered: anybody may ask for a recording of any version.
    """

    def __init__(self, newest: Catalogue, kept: Callable[[str], bytes | None]) -> None:
        self._newest = newest
        self._kept = kept
        self._known = {newest.version: newest}
        self._lock = Lock()

    def current(self) -> Catalogue:
        """For a call that begins now."""
        return self._newest

    def renew(self, newest: Catalogue) -> None:
        """From here on this one is the newest. It must have been kept, or other processes could not serve its calls."""
        with self._lock:
            self._newest = self._known.setdefault(newest.version, newest)

    def version(self, version: str) -> Catalogue:
        """The one of this version; the newest where it is not kept any more."""
        if known := self._known.get(version):
            return known
        dumped = self._kept(version)
        if dumped is None:
            log.warning("prompts of an older version are gone", version=version)
            return self._newest
        catalogue = Catalogue.load(dumped, self._kept)
        with self._lock:
            return self._known.setdefault(version, catalogue)
