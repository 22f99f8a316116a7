"""What the questions of a booking have in common: how an answer is read, how one is put, and that it is booked."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

from voicebot.dialogue.actions import BookCallback, Say
from voicebot.dialogue.call import Call, Waiting
from voicebot.dialogue.collect import Keyed, Took, key_plan, read_keys
from voicebot.dialogue.documents import Step, may_listen, question
from voicebot.dialogue.events import EntryKeyed, EntrySpoken, NoInput
from voicebot.dialogue.understand import understand
from voicebot.dialogue.values import Command, Hearing, Shape
from voicebot.dialogue.wishing import CallbackWish, WishStep

Entry: TypeAlias = EntryKeyed | EntrySpoken
Answer: TypeAlias = Entry | NoInput
ONE_KEY = Shape.parse("digits:1")
ASKED_AT_MOST = 2  # each question but that for the number; then the simplest answer counts
COMMANDS = {Command.YES: Took.YES, Command.NO: Took.NO, Command.AGENT: Took.AGENT, Command.REPEAT: Took.REPEAT}


def read(call: Call, entry: Entry, shape: Shape) -> Keyed:
    """Keys or words alike. Whatever is doubtful is read back later, but for a choice among keys, which must be sure."""
    if isinstance(entry, EntryKeyed):
        return read_keys(entry.keys.reveal(), shape)
    sure = entry.hearing is Hearing.ACCEPTED or (entry.hearing is Hearing.CONFIRM and shape.longest > 1)
    said = understand(entry.words.reveal(), shape, call.line.grammar) if sure else None
    if said is None or not (said.digits or said.command):
        return Keyed(Took.NO_MATCH)
    if said.digits:
        return Keyed(Took.COMPLETE, said.digits[0])
    return Keyed(COMMANDS.get(said.command, Took.NO_MATCH) if said.command else Took.NO_MATCH)


def put(call: Call, says: Sequence[Say], shape: Shape, *, secret: bool = False) -> Step:
    """One question of a booking."""
    return question(call, says, shape, key_plan(shape), listen=may_listen(call), secret=secret)


def book(call: Call) -> Step:
    """All is said."""
    wish = wish_of(call)
    return with_wish(call, replace(wish, confirmed=True)), [BookCallback(call.queue.name, wish.number, wish.window)]


def again(call: Call) -> Call | None:
    """The call in which the present question has been put once more; None where it was often enough."""
    wish = wish_of(call)
    return with_wish(call, replace(wish, asked=wish.asked + 1)) if wish.asked < ASKED_AT_MOST else None


def at_step(call: Call, step: WishStep, **changed: object) -> Call:
    """On to another question."""
    return with_wish(call, replace(wish_of(call), step=step, asked=1, **changed))  # type: ignore[arg-type]


def wish_of(call: Call) -> CallbackWish:
    """What is being booked."""
    wish = waiting_of(call).wish
    assert wish is not None  # whoever asks has seen that one is  # noqa: S101
    return wish


def with_wish(call: Call, wish: CallbackWish | None) -> Call:
    """The same call with this booking, or none any more."""
    return replace(call, waiting=replace(waiting_of(call), wish=wish))


def waiting_of(call: Call) -> Waiting:
    """How the call waits."""
    assert call.waiting is not None  # set when the caller got in line  # noqa: S101
    return call.waiting
