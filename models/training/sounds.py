"""How words sound: the phones of a model, and the pronunciations of its lexicon and of CMUdict. Pure: reads, decides nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Pronunciation = tuple[str, ...]
MOST = 3  # pronunciations of one word from CMUdict
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
BLANK = 0  # the network's first output


@dataclass(frozen=True)
class Sounds:
    """`phones` in the order of the network's outputs, which begin with the blank; `words` with all their pronunciations."""

    phones: tuple[str, ...]
    words: Mapping[str, tuple[Pronunciation, ...]]

    @property
    def outputs(self) -> int:
        """How many outputs the network has."""
        return len(self.phones) + 1

    def is_known(self, word: str) -> bool:
        """Whether a word has sounds."""
        return word in self.words

    def numbers(self, pronunciation: Pronunciation) -> list[int]:
        """The outputs of a pronunciation."""
        return [self.phones.index(phone) + 1 for phone in pronunciation]


def read_sounds(model: Path, dictionary: Mapping[str, Sequence[Sequence[str]]]) -> Sounds:
    """The sounds of `model` (its `graph/phones.txt` and `lexicon.txt`) and, for words that are not in it, of CMUdict."""
    names = [line.split()[0] for line in (model / "graph" / "phones.txt").read_text("utf-8").splitlines()]
    phones = tuple(name.removesuffix("_B") for name in names if name.endswith("_B"))
    words: dict[str, tuple[Pronunciation, ...]] = {}
    for word, *sounds in (line.split() for line in (model / "lexicon.txt").read_text("utf-8").splitlines() if line):
        if not word.startswith("#"):
            words[word] = (*words.get(word, ()), tuple(sounds))
    for word, several in dictionary.items():
        if word not in words:
            found = dict.fromkeys(tuple(phone.rstrip("012") for phone in one) for one in several)
            words[word] = tuple(one for one in found if set(one) <= set(phones))[:MOST]
    return Sounds(phones, {word: several for word, several in words.items() if several})
