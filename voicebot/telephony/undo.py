"""What was changed on numbers at the carrier, so that exactly that can be taken back: a file in the data directory, mode 0600.

Other people's webhook addresses may hold their passwords, so the file is as secret as the keys, and is never shown.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path

from voicebot.errors import ConfigError
from voicebot.telephony.numbers import OwnedNumber
from voicebot.telephony.wiring import NAMES, Wiring, differences

FILE = "twilio-numbers.json"
CALLS = {name for name in NAMES if not name.startswith("sms_")}


@dataclass(frozen=True)
class Change:
    """A number's wiring before we first touched it, and as we left it. `at`: when, ISO 8601."""

    sid: str
    phone: str
    at: str
    before: Wiring = field(repr=False)
    after: Wiring = field(repr=False)


class ChangeBook:
    """The file. Reading and writing raise ConfigError where it cannot be used."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / FILE

    def changes(self) -> dict[str, Change]:
        """Every change that can be undone, by the number (E.164)."""
        try:
            plain = json.loads(self._path.read_text("utf-8"))
            found = [_change(entry) for entry in plain["changes"]]
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise ConfigError(f"{self._path}: cannot be read ({error.strerror})") from None
        except (ValueError, KeyError, TypeError):
            raise ConfigError(f"{self._path}: this is not what `twilio setup` wrote; bring it back, or move it away") from None
        return {change.phone: change for change in found}

    def intend(self, owned: OwnedNumber, at: datetime, after: Wiring) -> Change | None:
        """Write down what is about to be changed, before it is. Gives what stood there until now, for `put_back`.

        What is still as we left it keeps its own beginning, so that undoing goes back to before our first change.
        """
        earlier = self.changes().get(owned.phone)
        ours = earlier is not None and earlier.sid == owned.sid and not differences(owned.wiring, earlier.after)
        before = earlier.before if earlier is not None and ours else owned.wiring
        said = at.isoformat(timespec="seconds")
        self._write({**self.changes(), owned.phone: Change(owned.sid, owned.phone, said, before, after)})
        return earlier

    def settle(self, phone: str, after: Wiring) -> None:
        """It has been changed, and this is how it is now."""
        changes = self.changes()
        self._write({**changes, phone: replace(changes[phone], after=after)})

    def put_back(self, phone: str, earlier: Change | None) -> None:
        """The change certainly did not happen: what stood there before stands again."""
        changes = self.changes()
        changes.pop(phone, None)
        self._write(changes if earlier is None else {**changes, phone: earlier})

    def forget(self, phone: str) -> None:
        """It has been undone."""
        self.put_back(phone, None)

    def _write(self, changes: Mapping[str, Change]) -> None:
        text = json.dumps({"changes": [asdict(change) for change in changes.values()]}, indent=1)
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            aside, name = tempfile.mkstemp(prefix=".new-", dir=self._path.parent)  # made with mode 0600
            try:
                with os.fdopen(aside, "w", encoding="utf-8") as file:
                    file.write(text + "\n")
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).replace(self._path)
            finally:
                Path(name).unlink(missing_ok=True)
        except OSError as error:
            raise ConfigError(f"{self._path}: cannot be written ({error.strerror}), so nothing is changed at Twilio") from None


def _change(entry: Mapping[str, object]) -> Change:
    before, after = (_wiring(entry[name]) for name in ("before", "after"))
    return Change(_text(entry["sid"]), _text(entry["phone"]), _text(entry["at"]), before, after)


def _wiring(plain: object) -> Wiring:
    """What an earlier release wrote says nothing of messages: if they go anywhere by now, that counts as changed since."""
    if not isinstance(plain, dict) or not CALLS <= plain.keys() <= set(NAMES):
        raise ValueError("not a wiring")
    return Wiring(**{name: _text(value) for name, value in plain.items()})


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not text")
    return value
