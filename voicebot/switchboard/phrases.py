"""Callback phrases within the switchboard: kept, made, dropped, and put into what is said; a caller's own call only."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from secrets import choice

from voicebot.dialogue.actions import Ask, DropPhrase, KeepPhrase, MakePhrase, Say, Verb, Wait
from voicebot.dialogue.call import Call
from voicebot.dialogue.phrase import CallbackPhrase
from voicebot.dialogue.spoken import Digits, KeptPhrase, Spoken, Words
from voicebot.errors import ImpossibleEvent
from voicebot.ports.store import Ledger

AGREED_WITHIN = timedelta(minutes=30)  # a phrase whose callback is not booked by then is wiped
WORDS = 2


def of_phrase(
    ledger: Ledger, call: Call, action: KeepPhrase | MakePhrase | DropPhrase, at: datetime, words: Callable[[str], Sequence[str]]
) -> None:
    """What a call does about the phrase of the callback that is booked in it. `words` to choose from, by language."""
    match action:
        case KeepPhrase(phrase=phrase):
            ledger.keep_phrase(call.id, phrase, at + AGREED_WITHIN)
        case MakePhrase():
            ledger.keep_phrase(call.id, made(words(call.line.language)), at + AGREED_WITHIN)
        case DropPhrase():
            ledger.wipe_phrase(call.id)


def made(words: Sequence[str]) -> CallbackPhrase:
    """Two different words, each as likely as any other. Raises ImpossibleEvent where there are none to choose from."""
    if len(set(words)) < WORDS:
        raise ImpossibleEvent("this language has no words to make a phrase of")
    first = choice(words)
    return CallbackPhrase(f"{first} {choice([word for word in words if word != first])}")


def with_phrase(verbs: tuple[Verb, ...], phrase: Callable[[], CallbackPhrase | None]) -> tuple[Verb, ...]:
    """The same verbs to be spoken now. `phrase` is asked only where one of them says it."""
    if not any(isinstance(value, KeptPhrase) for verb in verbs for say in _says(verb) for _, value in say.args):
        return verbs
    kept = phrase()
    spoken = _spoken(kept.reveal()) if kept is not None else Words("")
    return tuple(_filled(verb, spoken) for verb in verbs)


def _spoken(text: str) -> Spoken:
    """Digits one by one, words with a pause between them."""
    return Digits(text) if text.isdigit() else Words(", ".join(text.split(" ")))


def _says(verb: Verb) -> tuple[Say, ...]:
    match verb:
        case Say():
            return (verb,)
        case Ask() | Wait():
            return verb.say
    return ()


def _put(value: Spoken, spoken: Spoken) -> Spoken:
    return spoken if isinstance(value, KeptPhrase) else value


def _filled(verb: Verb, spoken: Spoken) -> Verb:
    match verb:
        case Say():
            return replace(verb, args=tuple((name, _put(value, spoken)) for name, value in verb.args))
        case Ask() | Wait():
            return replace(verb, say=tuple(_filled(say, spoken) for say in verb.say))  # type: ignore[misc]
    return verb
