"""A <Gather> with somebody real on the telephone: keys are taken as they come. The rules are those of `gather`."""

import asyncio

from voicebot.simulator.gather import GatherRules
from voicebot.simulator.handset import Handset
from voicebot.simulator.leg import Leg
from voicebot.simulator.prompt import Prompt


async def gather_live(leg: Leg, handset: Handset, rules: GatherRules, prompts: list[Prompt]) -> tuple[str, str]:
    """The digits, and the key that finished them (empty: none did)."""
    handset.drop_keys()
    playing = asyncio.get_running_loop().create_task(_play(leg, prompts))
    digits = ""
    try:
        while (key := await _next_key(handset, playing, rules.timeout / leg.clock.scale)) is not None:
            playing.cancel()
            leg.press(key)
            if key in rules.finish_on:
                return digits, key
            digits += key
            if rules.count is not None and len(digits) >= rules.count:
                break
        return digits, ""
    finally:
        playing.cancel()


async def _play(leg: Leg, prompts: list[Prompt]) -> None:
    for prompt in prompts:
        if prompt.what:
            await leg.hear(prompt.what, prompt.seconds, recording=prompt.recording, audio=prompt.audio)
        else:
            await leg.clock.sleep(prompt.seconds)


async def _next_key(handset: Handset, playing: "asyncio.Task[None]", patience: float) -> str | None:
    """The next key; None when none came within `patience` real seconds of the prompts' end or of the last key."""
    pressing = asyncio.get_running_loop().create_task(handset.key())
    try:
        await asyncio.wait({pressing, playing}, return_when=asyncio.FIRST_COMPLETED)
        if not pressing.done():
            await asyncio.wait({pressing}, timeout=patience)
        return pressing.result() if pressing.done() else None
    finally:
        pressing.cancel()
