"""The words that callback phrases are made of: `prompts/<language>/phrase_words.txt`, one a line.

Enough of them that a phrase of two cannot be guessed: 1,024 make 20 bits, the fewest allowed (512) make 18.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

FEWEST = 512
LONGEST = 20  # characters of a word that people can remember and say
FILE = "phrase_words.txt"


def load_phrase_words(directories: Iterable[Path]) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """(language -> words, complaints). The first directory of prompts that has a list for a language gives it."""
    found: dict[str, tuple[str, ...]] = {}
    wrong: list[str] = []
    for path in (path for directory in directories for path in sorted(directory.glob(f"*/{FILE}"))):
        language = path.parent.name
        if language in found:
            continue
        words = path.read_text("utf-8").split()
        found[language] = tuple(dict.fromkeys(words))
        where = f"prompts/{language}/{FILE}"
        wrong += [f"{where}: {word!r} is no word of 2 to {LONGEST} letters" for word in words if not _is_word(word)][:3]
        if len(found[language]) < FEWEST:
            wrong.append(f"{where}: has {len(found[language])} different words; it needs {FEWEST}, or phrases could be guessed")
    return found, wrong


def missing_phrase_words(languages: Mapping[str, str], words: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Complaints for lines that offer phrases in a language that has no list; empty if nothing. `languages`: by line."""
    return [
        f"prompts/{language}/{FILE}: is missing (lines.{line} offers phrases for callbacks: `phrase` in [callbacks])"
        for line, language in languages.items()
        if language not in words
    ]


def _is_word(word: str) -> bool:
    return 2 <= len(word) <= LONGEST and word.isalpha()
