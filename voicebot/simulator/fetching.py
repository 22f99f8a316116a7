"""How a leg asks for a document, and what goes wrong with that on purpose. Performs no document."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar
from uuid import uuid4

from voicebot.simulator.document import Document, Verb, read_document
from voicebot.simulator.mishaps import Fate, RestFate
from voicebot.simulator.webhooks import Answer, Request, WebhookFailed

if TYPE_CHECKING:
    from voicebot.simulator.leg import Leg

T = TypeVar("T")
ALL = 99  # answers, more than there are ever attempts


async def fetch(leg: "Leg", request: Request) -> Answer:
    """The answer to this request of a leg. Raises WebhookFailed. Whatever is on its way goes on if the leg is cut off."""
    fate = leg.strikes.document(request.url)
    with leg.clock.real_pace():
        answer = await _asked(leg, request, fate)
    overdue, leg.late = leg.late, []
    for late in overdue:
        in_vain(leg, late)
    if fate is Fate.LATE:
        leg.late.append(request)
    return answer


async def _asked(leg: "Leg", request: Request, fate: Fate) -> Answer:
    ask, faults = leg.exchange.webhooks.ask, leg.faults
    match fate:
        case Fate.UNREACHABLE:
            raise WebhookFailed(11205, "the product was not reached", request.url.partition("#")[0])
        case Fate.HUNG_UP:
            asking = on_its_way(leg, ask(request))
            leg.hang_up(leg.party.role)
            return await asyncio.shield(asking)
        case Fate.OVERTAKEN:
            asking = on_its_way(leg, _after_the_end_of(leg, request))
            leg.hang_up(leg.party.role)
            return await asyncio.shield(asking)
        case Fate.CALLER_GONE if (call := leg.exchange.call_of(leg)) is not None:
            call.caller.hang_up("caller")
            return await asyncio.shield(on_its_way(leg, _after_the_end_of(call.caller, request)))
        case Fate.AT_ONCE:
            first, second = await asyncio.shield(on_its_way(leg, _both(ask(request), ask(request))))
            return _alike(leg, request, first, second)
    lose = {Fate.LOST: 1, Fate.UNANSWERED: ALL}.get(fate, 0)
    answer = await asyncio.shield(on_its_way(leg, ask(request, lose=lose, delay=faults.delay)))
    if fate is Fate.TWICE or faults.duplicate_webhooks:
        return _alike(leg, request, answer, await asyncio.shield(on_its_way(leg, ask(request))))
    return answer


def on_its_way(leg: "Leg", work: Coroutine[object, object, T]) -> "asyncio.Task[T]":
    """Let this go on whatever becomes of the leg; a call is over only when it has come to its end."""
    task = leg.background(work)
    leg.closing.add(task)
    task.add_done_callback(leg.closing.discard)
    return task


def in_vain(leg: "Leg", request: Request) -> None:
    """Ask for a document that nobody performs."""

    async def ask() -> None:
        try:
            await leg.exchange.webhooks.ask(request)
        except WebhookFailed as failed:
            leg.fail(failed.code, f"asked for in vain: {failed.what}", request.url)

    on_its_way(leg, ask())


def cut_off(leg: "Leg", action: Request) -> None:
    """A push has cut off what would have led to this action; the carrier may ask for it all the same."""
    fate, leg.crossed = leg.crossed, None
    match fate:
        case RestFate.ACTION_FIRST:
            in_vain(leg, leg.request(action))
        case RestFate.ACTION_LATER:
            leg.late.append(leg.request(action))


def stale(leg: "Leg") -> None:
    """Have the document that a push replaces asked for once more, afterwards."""
    if leg.fetched is not None:
        leg.late.append(replace(leg.fetched, token=str(uuid4())))


async def _after_the_end_of(leg: "Leg", request: Request) -> Answer:
    await leg.ended.wait()
    await leg.exchange.callbacks.settle([leg.sid])
    return await leg.exchange.webhooks.ask(request)


async def _both(one: Coroutine[object, object, Answer], other: Coroutine[object, object, Answer]) -> tuple[Answer, Answer]:
    return await asyncio.gather(one, other)


def _alike(leg: "Leg", request: Request, answer: Answer, again: Answer) -> Answer:
    """The same request must be answered with the same document; what a <Parameter> holds may differ, it may name the time."""
    if _verbs(answer) != _verbs(again):
        leg.fail(0, "the same request, sent twice, was answered differently", request.url)
    return answer


def _verbs(answer: Answer) -> tuple[Document, tuple[Verb, ...]]:
    document = read_document(answer.body, answer.content_type)
    return replace(document, verbs=()), tuple(_without_parameters(verb) for verb in document.verbs)


def _without_parameters(verb: Verb) -> Verb:
    inside = tuple(_without_parameters(noun) for noun in verb.inside if noun.name != "Parameter")
    return replace(verb, inside=inside)
