"""Music and announcements in a room: what the document behind an address lets somebody hear, for as long as it is wanted.

Source: docs voice/twiml/conference (waitUrl) and the Participant resource (HoldUrl, AnnounceUrl): Play, Say, Pause and Redirect
only, and it begins again only by a Redirect.
"""

from collections.abc import Callable

from voicebot.simulator.document import read_document
from voicebot.simulator.leg import Leg
from voicebot.simulator.webhooks import Params, Request, WebhookFailed

MUSIC = "hold music"  # the telephone company's own
ALLOWED = frozenset({"Play", "Say", "Pause", "Redirect"})


async def play(
    leg: Leg, address: str, params: Params, go_on: Callable[[], bool], method: str = "POST", *, once: bool = False
) -> None:
    """Let the leg hear it. Music on other hosts is not fetched; a document that fails is noted with the leg."""
    from voicebot.simulator.prompts import prompts_of  # noqa: PLC0415  the two know each other

    try:
        leg.exchange.webhooks.address(address)
    except WebhookFailed:
        leg.begins_to_hear(MUSIC, recording=True)
        return
    while go_on():
        asked = leg.callback(address, params)
        try:
            answer = await leg.exchange.webhooks.ask(Request(asked.url, method, asked.params))
        except WebhookFailed as failed:
            leg.fail(failed.code, failed.what, address)
            return
        document = read_document(answer.body, answer.content_type)
        for flaw in document.flaws:
            leg.fail(flaw.code, flaw.what, address)
        for name in {verb.name for verb in document.verbs} - ALLOWED:
            leg.fail(13233, f"<{name}> cannot be heard in a room", address)
        prompts = await prompts_of(leg, document.verbs)
        for prompt in prompts:
            if prompt.what and go_on():
                leg.begins_to_hear(prompt.what, recording=prompt.recording, audio=prompt.audio)
            await leg.clock.sleep(prompt.seconds)
        redirect = next((verb.text for verb in document.verbs if verb.name == "Redirect"), None)
        if once or redirect is None or not prompts:
            return
        address = leg.absolute(redirect)
