"""What `doctor` finds on this machine: settings, listening, keys, disk, database. Asks nobody else, and changes nothing."""

import stat
from collections.abc import Iterator
from pathlib import Path
from shutil import disk_usage
from typing import TYPE_CHECKING

from voicebot.commands.probing import Probe
from voicebot.errors import KeyringError, StoreError
from voicebot.keyring import Keyring
from voicebot.telephony.browser_phone import CLIENT, is_script, place_of_script
from voicebot.telephony.findings import Finding, Verdict, fact, note, ok, skipped, wrong

if TYPE_CHECKING:
    from voicebot.config.settings import Settings

SETTINGS, LISTENING, VOICE, KEYS, DATABASE = "Settings", "Listening", "Voice", "Keys", "Database"
MIB = 1024 * 1024


class Examination:
    """What this machine knows by itself. Nothing of it takes long but the database, which is looked at by `probes`."""

    def __init__(self, settings: "Settings") -> None:
        self._settings = settings
        self._deployment = settings.deployment

    def findings(self) -> list[Finding]:
        """Settings, listening, keys."""
        return [*self._set_up(), *self._listening(), *self._voice(), *self._keys()]

    def _set_up(self) -> Iterator[Finding]:
        deployment = self._deployment
        for one in deployment.missing():
            yield Finding(SETTINGS, Verdict.MISSING, one)
        yield from self._browser_phones()
        if deployment.time_scale != 1.0:
            says = f"VOICEBOT_TIME_SCALE is {deployment.time_scale:g}: callers would be rushed, it is for the simulator"
            yield wrong(SETTINGS, says, "take it out of .env")
        if deployment.api_base_url:
            says = "TWILIO_API_BASE_URL is set: nothing that we ask of Twilio reaches it, it is for the simulator"
            yield note(SETTINGS, says, "take it out of .env")
        env = self._settings.root / ".env"
        if env.is_file() and stat.S_IMODE(env.stat().st_mode) & 0o077:
            yield note(SETTINGS, f"others may read {env}", f"chmod 600 {env}")
        for one in self._settings.notes:
            yield note(SETTINGS, one)

    def _browser_phones(self) -> Iterator[Finding]:
        """Agents whose phone is their browser need an API key and the carrier's script."""
        agents = self._settings.company.agents
        in_browser = [one.name for one in agents if any(p.startswith(CLIENT) for p in (one.phone, *dict(one.phones).values()))]
        if not in_browser:
            return
        names, script = ", ".join(in_browser), place_of_script(self._deployment.data)
        if not self._deployment.api_key:
            mend = "make an API key in the Twilio Console; TWILIO_API_KEY and TWILIO_API_SECRET"
            yield wrong(SETTINGS, f"{names} cannot answer in the browser: there is no API key", mend)
        if not (script.is_file() and is_script(script.read_bytes())):
            how = "is not the one that it should be" if script.is_file() else "is not there"
            yield wrong(SETTINGS, f"{names} cannot answer in the browser: {script} {how}", "python3 run.py twilio voice-sdk")
        elif self._deployment.api_key:
            yield ok(SETTINGS, f"{names} can answer in the browser")

    def _listening(self) -> Iterator[Finding]:
        from voicebot.speech.models import explain, search_model, variable

        named = {variable(language): str(path) for language, path in self._deployment.models.items()}
        for language in dict.fromkeys(line.plan.language for line in self._settings.company.lines.values()):
            listens = search_model(language, named).path is not None
            yield Finding(LISTENING, Verdict.OK if listens else Verdict.NOTE, explain(language, named))

    def _voice(self) -> Iterator[Finding]:
        """Whether everything that is said over two-way streams has sound."""
        from voicebot.config.voiced import voiced_prompts
        from voicebot.hearing import company_voice
        from voicebot.speech.voice import without_sound

        wanted = voiced_prompts(self._settings.company, self._settings.prompts)
        if not wanted:
            return
        silent = without_sound(company_voice(self._settings), wanted)
        if not silent:
            yield ok(VOICE, f"{len(wanted)} prompts of lines with two-way streams have sound")
            return
        names = ", ".join(dict.fromkeys(one.prompt_id for one in silent))
        lines = ", ".join(dict.fromkeys(one.line for one in silent))
        says = f"without sound, so that the carrier asks instead of the stream (lines: {lines}): {names}"
        yield wrong(VOICE, says, "record them, or install espeak-ng and run python3 run.py prompts render")

    def _keys(self) -> Iterator[Finding]:
        directory = self._deployment.keys
        if not (directory.is_dir() and any(directory.iterdir())):
            yield fact(KEYS, f"keys: none yet; made in {directory} at the first start")
            return
        try:
            Keyring.open(directory)
        except KeyringError as error:
            yield wrong(KEYS, f"keys: {error}")
            return
        yield ok(KEYS, f"keys: in {directory}, readable by nobody else")
        copy = "keep a copy of this directory, in another place than the database's: without the keys its data are lost"
        yield fact(KEYS, copy)

    def probes(self) -> list[Probe]:
        """Disk and database, which may hang."""
        url = self._deployment.database_url
        file = Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite") else None
        if file is not None and not file.exists():
            return [Probe(DATABASE, "disk", self._disk), Probe(DATABASE, "database", lambda: none_yet(file))]
        probes = [Probe(DATABASE, "disk", self._disk), Probe(DATABASE, "database", self._database)]
        if file is not None:
            late = skipped(DATABASE, "SQLite's own check takes longer than this; it can be run on a backup")
            probes.append(Probe(DATABASE, "SQLite's own check", lambda: inspected(file), late))
        return probes

    def _disk(self) -> list[Finding]:
        from voicebot.readiness import LEAST_FREE

        place = next(path for path in (self._deployment.data, *self._deployment.data.absolute().parents) if path.is_dir())
        free = disk_usage(place).free
        if free < LEAST_FREE:
            says = f"{free // MIB} MiB are free at {self._deployment.data}, and {LEAST_FREE // MIB} are needed"
            return [wrong(DATABASE, says, "make room: with a full disk no call can be taken")]
        return [ok(DATABASE, f"{free // MIB} MiB are free at {self._deployment.data}")]

    def _database(self) -> list[Finding]:
        from voicebot.records.health import look_at

        shown = self._deployment.database_shown
        try:
            health = look_at(self._deployment.database_url)
        except StoreError as error:
            mend = "see that it runs, and that this user may read and write it"
            return [wrong(DATABASE, f"database: {shown}: {error}", mend)]
        if health.revision is None:
            return [fact(DATABASE, f"database: {shown}, reachable, no tables yet; made at the first start")]
        if health.writable is False:
            return [wrong(DATABASE, f"database: {shown} takes no writes", "point DATABASE_URL to the primary")]
        if health.revision == health.newest:
            return [ok(DATABASE, f"database: {shown}, reachable and writable, tables of this release")]
        says = f"database: {shown}, its tables are at {health.revision}, and this release's at {health.newest}"
        return [note(DATABASE, says, "an older one is brought up at the next start; back up first")]


def none_yet(file: Path) -> list[Finding]:
    """There is no database file."""
    return [fact(DATABASE, f"database: none yet; made at {file} at the first start")]


def inspected(file: Path) -> list[Finding]:
    """SQLite's own opinion of the file."""
    from voicebot.records.inspect import inspect_file

    try:
        looked = inspect_file(file)
    except StoreError as error:
        return [wrong(DATABASE, f"database: {error}", "see who may read it; restore it from your backup if need be")]
    if not looked.sound:
        return [wrong(DATABASE, f"database: {file} is DAMAGED", "stop the server, keep a copy, restore your backup")]
    rows = f"{looked.bytes // 1024} KiB, sound; {sum(looked.rows.values())} rows"
    return [ok(DATABASE, f"database: {rows}"), *(note(DATABASE, one) for one in looked.notes)]
