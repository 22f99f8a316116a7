"""What the company's back end may answer, read strictly: result words, types and lengths as in docs/backend-openapi.yaml.

Must not repeat anything of an answer in an exception, a log or a repr: it is about people. Keys that the contract does not know
are passed over here, so that a back end may grow; `backend check` finds them.
"""

from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Ref = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Identifier = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]
PersonName = Annotated[str, Meta(min_length=1, max_length=100)]
Language = Annotated[str, Meta(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")]
Told = Annotated[str, Meta(max_length=500)]
Needs: TypeAlias = Literal["identified", "verified"]


class MalformedAnswer(Exception):
    """An answer that is not in the contract. Says nothing of what it held."""


class _Quiet(Struct, frozen=True):
    """No value of an answer is shown."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"


class KnownCustomer(_Quiet, frozen=True):
    """`ref` is the back end's own key, `identifier` what a person would say."""

    ref: Ref
    identifier: Identifier
    name: PersonName | None = None
    language: Language | None = None


class Found(_Quiet, frozen=True, tag_field="result", tag="found"):
    """One customer."""

    customer: KnownCustomer


class NotFound(_Quiet, frozen=True, tag_field="result", tag="not_found"):
    """Nobody."""


class Several(_Quiet, frozen=True, tag_field="result", tag="several"):
    """More than one. `differ`: fields that would tell them apart."""

    count: Annotated[int, Meta(ge=2)]
    differ: tuple[Name, ...] = ()


class Verdict(_Quiet, frozen=True):
    """What became of a secret."""

    result: Literal["matched", "mismatched", "locked", "not_set"]


class Refused(_Quiet, frozen=True):
    """A detail that is not told to a caller of this assurance, and the assurance that it needs."""

    name: Name
    needs: Needs


class Answered(_Quiet, frozen=True, tag_field="result", tag="answered"):
    """Details that are told, and those that are not. Neither: the customer has none."""

    values: dict[Name, Told]
    refused: tuple[Refused, ...] = ()


IdentifyAnswer: TypeAlias = Found | NotFound | Several
DetailsAnswer: TypeAlias = Answered | NotFound

_IDENTIFY: msgspec.json.Decoder[IdentifyAnswer] = msgspec.json.Decoder(IdentifyAnswer)
_VALIDATE: msgspec.json.Decoder[Verdict] = msgspec.json.Decoder(Verdict)
_DETAILS: msgspec.json.Decoder[DetailsAnswer] = msgspec.json.Decoder(DetailsAnswer)
_TYPES: dict[str, Any] = {"identify": IdentifyAnswer, "validate": Verdict, "details": DetailsAnswer}
_WRONG = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def read_identified(body: bytes) -> IdentifyAnswer:
    """The answer to `identify`. Raises MalformedAnswer."""
    try:
        return _IDENTIFY.decode(body)
    except _WRONG:
        raise MalformedAnswer from None


def read_verdict(body: bytes) -> Verdict:
    """The answer to `validate`. Raises MalformedAnswer."""
    try:
        return _VALIDATE.decode(body)
    except _WRONG:
        raise MalformedAnswer from None


def read_details(body: bytes) -> DetailsAnswer:
    """The answer to `details`. Raises MalformedAnswer."""
    try:
        return _DETAILS.decode(body)
    except _WRONG:
        raise MalformedAnswer from None


def explain(endpoint: str, body: bytes) -> str:
    """What is wrong with an answer, in words that may quote it: for the owner of the back end, never for a log."""
    try:
        msgspec.json.decode(body, type=_TYPES[endpoint])
    except _WRONG as wrong:
        return str(wrong) if isinstance(wrong, msgspec.DecodeError) else "not JSON that could be read"
    return ""


def unknown_keys(body: bytes, answer: Struct) -> list[str]:
    """Keys of an answer's JSON that its type does not know, dotted, for a person who mends the back end."""
    return sorted(_beyond(msgspec.json.decode(body), msgspec.to_builtins(answer), ""))


def _beyond(plain: Any, known: Any, path: str) -> list[str]:
    """`known` is what was read of `plain`, so it has the same shape but for keys that are not in the contract."""
    if isinstance(plain, dict):
        found = [f"{path}{key}" for key in plain if key not in known]
        return found + [deep for key in plain if key in known for deep in _beyond(plain[key], known[key], f"{path}{key}.")]
    if isinstance(plain, list):
        return [deep for place, one in enumerate(plain) for deep in _beyond(one, known[place], path)]
    return []
