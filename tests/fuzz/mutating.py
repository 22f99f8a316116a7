"""How an input becomes the next one, where bytes alone seldom make sense: a JSON document stays one most of the time."""

import json
import random
from collections.abc import Callable
from typing import Any

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 8000, 2**63, 10**30, 1.5, 1e308, float("inf"), "", "0", "1", "x", "\0", "\ud800", "é" * 50,
    "A" * 300, "AAAA", "AA==", [], {}, [[]], {"": ""}, [None] * 20,
)  # fmt: skip
PLAIN_BYTES = 0.25  # so often the bytes are changed and not the document

Mutate = Callable[[bytes, int], bytes]


def mutator(mutate: Mutate) -> Callable[[bytes, int, int], bytes]:
    """A mutator of JSON documents over one of bytes (libFuzzer's own)."""

    def change(fed: bytes, longest: int, seed: int) -> bytes:
        chance = random.Random(seed)
        try:
            document = json.loads(fed)
        except (ValueError, RecursionError):
            return mutate(fed, longest)
        if chance.random() < PLAIN_BYTES:
            return mutate(fed, longest)
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            document = changed(document, chance, mutate)
        text = json.dumps(document, ensure_ascii=chance.random() < 0.5, separators=(",", ":"))
        made = text.encode("utf-8", "surrogatepass")
        return made if len(made) <= longest else mutate(fed, longest)

    return change


def changed(document: Any, chance: random.Random, mutate: Mutate) -> Any:
    """The document with something somewhere in it another way."""
    if isinstance(document, dict) and document and chance.random() < 0.8:
        name = chance.choice(list(document))
        return _in_object(document, name, chance, mutate)
    if isinstance(document, list) and document and chance.random() < 0.8:
        place = chance.randrange(len(document))
        return [*document[:place], changed(document[place], chance, mutate), *document[place + 1 :]]
    if isinstance(document, str) and chance.random() < 0.5:
        return mutate(document.encode("utf-8", "surrogatepass"), 400).decode("utf-8", "replace")
    if isinstance(document, int) and not isinstance(document, bool) and chance.random() < 0.5:
        return chance.choice((document + 1, -document, str(document), document * 10**9))
    return chance.choice((*ODD, [document], {"event": document}, str(document)))


def _in_object(document: dict[str, Any], name: str, chance: random.Random, mutate: Mutate) -> dict[str, Any]:
    match chance.randrange(6):
        case 0:
            return {key: value for key, value in document.items() if key != name}
        case 1:
            return document | {chance.choice(list(document)): document[name]}
        case 2:
            return document | {chance.choice(("event", "start", "media", "payload", "track", "chunk", "x")): chance.choice(ODD)}
    return document | {name: changed(document[name], chance, mutate)}
