"""Performs a document on a leg, verb by verb, in call time. Each function gives the next step, or None to go on.

Source: docs voice/twiml, one page a verb. Falling off the end of a document ends the call.
"""

import asyncio
from typing import Never, TypeAlias

from voicebot.simulator.connect import start_streams, stop_streams
from voicebot.simulator.document import Document, Verb
from voicebot.simulator.elsewhere import leave_for
from voicebot.simulator.fetching import cut_off
from voicebot.simulator.gather import Collected, GatherRules, collect
from voicebot.simulator.leg import Leg
from voicebot.simulator.live_gather import gather_live
from voicebot.simulator.meet import dial
from voicebot.simulator.party import HangsUp, Step
from voicebot.simulator.pay import pay
from voicebot.simulator.prompt import Prompt
from voicebot.simulator.prompts import prompts_of
from voicebot.simulator.robot import Gathering, Plan
from voicebot.simulator.talk import connect
from voicebot.simulator.tone import record
from voicebot.simulator.vocabulary import UNPERFORMED
from voicebot.simulator.webhooks import Request

UNANSWERED_UNTIL_LATER = frozenset({"Reject", "Pause"})  # as the first verb they do not pick up


async def perform(leg: Leg, document: Document) -> Step | None:
    """Do what a document says. None: it ended without saying where to go on."""
    for place, verb in enumerate(document.verbs, 1):
        if verb.name not in UNANSWERED_UNTIL_LATER:
            leg.answer()
        step = await _one(leg, verb, tone_follows=any(following.name == "Record" for following in document.verbs[place:]))
        if step is not None:
            return step
    return None


async def _one(leg: Leg, verb: Verb, *, tone_follows: bool) -> Step | None:
    match verb.name:
        case "Say" | "Play":
            for prompt in await prompts_of(leg, (verb,)):
                await leg.hear(prompt.what, prompt.seconds, recording=prompt.recording, audio=prompt.audio)
        case "Pause":
            await leg.clock.sleep(verb.number("length", 1))
        case "Gather":
            return await gather(leg, verb, tone_follows=tone_follows)
        case "Record":
            return await record(leg, verb)
        case "Redirect":
            await leave_for(leg, verb.text)
            return Request(verb.text, verb.attributes.get("method", "POST"))
        case "Pay":
            return await pay(leg, verb)
        case "Dial":
            return await dial(leg, verb)
        case "Connect":
            return await connect(leg, verb)
        case "Start":
            start_streams(leg, verb)
        case "Stop":
            stop_streams(leg, verb)
        case "Hangup":
            raise HangsUp("product")
        case "Reject":
            _reject(leg, verb)
        case name if name in UNPERFORMED:
            raise HangsUp("error")
    return None


def _reject(leg: Leg, verb: Verb) -> Never:
    if leg.status == "ringing":
        raise HangsUp("product", "busy" if verb.attributes.get("reason") == "busy" else "no-answer")
    leg.fail(12200, "<Reject> after the call was answered")
    raise HangsUp("product")


# ---- gather -------------------------------------------------------------------------------------------------------

Moment: TypeAlias = tuple[float, int, str, object]  # when, in which order at that time, what, with what


async def gather(leg: Leg, verb: Verb, *, tone_follows: bool = False) -> Step | None:
    """Take keys. Call time alone decides: how busy this machine is changes nothing."""
    rules = GatherRules.of(verb)
    action = leg.absolute(verb.attributes.get("action", ""))
    prompts = await prompts_of(leg, verb.inside)
    if leg.handset is not None:
        digits, finished_on = await gather_live(leg, leg.handset, rules, prompts)
        return _gathered(verb, rules, action, digits, finished_on)
    total = sum(prompt.seconds for prompt in prompts)
    began = leg.clock.now()
    plan = leg.robot.plan(Gathering(action, total, began, tone_follows))
    collected = collect(rules, total, plan.presses)
    run = _GatherRun(leg, plan, began)
    try:
        await run.go(prompts, collected)
    except asyncio.CancelledError:
        cut_off(leg, _entered(verb, action, run.digits, ""))
        raise
    return _gathered(verb, rules, action, collected.digits, collected.finished_on)


def _gathered(verb: Verb, rules: GatherRules, action: str, digits: str, finished_on: str) -> Step | None:
    if not digits and not finished_on and not rules.action_on_empty:
        return None
    return _entered(verb, action, digits, finished_on)


def _entered(verb: Verb, action: str, digits: str, finished_on: str) -> Request:
    """What a Gather has come to."""
    extra = (("Digits", digits), ("FinishedOnKey", finished_on), ("msg", "Gather End"))
    return Request(action, verb.attributes.get("method", "POST"), extra)


class _GatherRun:
    """One Gather as it happens: prompts, keys, words, a hang-up, each at its time."""

    def __init__(self, leg: Leg, plan: Plan, began: float) -> None:
        self._leg = leg
        self._plan = plan
        self._began = began
        self._pressed = 0
        self._spoke = False

    @property
    def digits(self) -> str:
        """The keys pressed so far."""
        return "".join(press.key for press in self._plan.presses[: self._pressed])

    async def go(self, prompts: list[Prompt], collected: Collected) -> None:
        moments = self._moments(prompts, collected)
        heard = None
        heard_until = 0.0
        try:
            for at, _, what, detail in moments:
                await self._leg.clock.sleep_until(self._began + at)
                match what:
                    case "prompt" if isinstance(detail, Prompt) and detail.what:
                        heard = self._leg.begins_to_hear(detail.what, recording=detail.recording)
                        heard_until = self._began + at + detail.seconds
                    case "press":
                        self._leg.press(str(detail))
                        self._pressed += 1
                    case "speak" if self._plan.speech is not None:
                        self._spoke = True
                        await self._leg.speak(self._plan.speech)
                    case "hang up":
                        raise HangsUp(self._leg.party.role)
        finally:
            if heard is not None:
                heard.cut = self._leg.clock.now() < heard_until - 0.001
            self._leg.robot.carried_out(self._plan, self._began, self._pressed, self._spoke)

    def _moments(self, prompts: list[Prompt], collected: Collected) -> list[Moment]:
        presses = self._plan.presses[: collected.used]
        first_key = presses[0].at if presses else float("inf")
        moments: list[Moment] = [(press.at, 1, "press", press.key) for press in presses]
        at = 0.0
        for prompt in prompts:
            if at < first_key:
                moments.append((at, 0, "prompt", prompt))
            at += prompt.seconds
        if self._plan.speech is not None and self._plan.speaks_at < collected.at:
            moments.append((self._plan.speaks_at, 2, "speak", None))
        if self._plan.hangs_up_at is not None and self._plan.hangs_up_at < collected.at:
            moments.append((self._plan.hangs_up_at, 3, "hang up", None))
        moments.append((collected.at, 4, "end", None))
        return sorted(moments, key=lambda moment: moment[:2])
