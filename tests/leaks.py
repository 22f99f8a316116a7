"""Looks for secrets in bytes, in every form in which they might get somewhere."""

import base64
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import quote

WORDS = dict(zip("0123456789", "oh one two three four five six seven eight nine".split(), strict=True))
SEPARATORS = (" ", ", ", ",", "-", ".", '", "', '","', "', '", "\n")


def forms(digits: str, *sayings: str) -> dict[str, bytes]:
    """How these digits may be written: name of the form -> bytes. `sayings` are further texts that give them away."""
    spoken = [WORDS[digit] for digit in digits]
    texts = {"digits": digits, "reversed": digits[::-1], "escaped": "".join(f"\\u{ord(digit):04x}" for digit in digits)}
    texts |= {f"joined by {separator!r}": separator.join(digits) for separator in SEPARATORS}
    for name, words in {"words": spoken, "words, zero": ["zero" if word == "oh" else word for word in spoken]}.items():
        texts |= {name: " ".join(words), f"{name}, list": json.dumps(words), f"{name}, run together": "".join(words)}
    texts |= {f"saying {number}": saying for number, saying in enumerate(sayings)}
    found = {name: text.encode() for name, text in texts.items()}
    for name in ("digits", "words", "words, zero"):
        plain = found[name]
        found |= {f"{name}, hex": plain.hex().encode(), f"{name}, HEX": plain.hex().upper().encode()}
        found |= {f"{name}, UTF-16": plain.decode().encode("utf-16-le"), f"{name}, URL": quote(plain.decode()).encode()}
        found |= {f"{name}, base64 {shift}": _inner_base64(plain, shift) for shift in range(3)}
    return found


def _inner_base64(plain: bytes, shift: int) -> bytes:
    """What of base64 depends on `plain` alone, wherever it lies in what was encoded."""
    encoded = base64.b64encode(b"x" * shift + plain)
    first = -(-shift * 8 // 6)
    return encoded[first : (shift + len(plain)) * 8 // 6]


def leaks(place: Path | Iterable[tuple[str, bytes]], secrets: Mapping[str, Mapping[str, bytes]]) -> list[str]:
    """Where which secret stands in which form; the secret itself is not repeated. A directory is searched with all below it."""
    contents = _files(place) if isinstance(place, Path) else place
    return [
        f"{name}: {whose}, as {form}"
        for name, content in contents
        for whose, written in secrets.items()
        for form, text in written.items()
        if text in content
    ]


def _files(place: Path) -> list[tuple[str, bytes]]:
    return [(str(path.relative_to(place)), path.read_bytes()) for path in sorted(place.rglob("*")) if path.is_file()]
