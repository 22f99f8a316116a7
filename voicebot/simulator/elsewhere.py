"""The other system that a call is handed over to: an address of the web (<Redirect>) or a SIP peer (<Dial><Sip>).

It takes calls only where the script says so; otherwise an address that is not the product's stays a failure. What it was told
is kept with the leg. It performs no documents of its own. Source: docs voice/twiml/redirect, voice/twiml/sip.
"""

from voicebot.simulator.document import Verb
from voicebot.simulator.leg import Leg
from voicebot.simulator.party import HangsUp
from voicebot.simulator.script import Elsewhere
from voicebot.simulator.webhooks import Params, WebhookFailed

LONGEST_ADDRESS = 255
LONGEST_HEADERS = 1024
HEADER = "X-"


async def leave_for(leg: Leg, url: str) -> None:
    """A <Redirect>. Returns if it leads to the product; otherwise the leg ends elsewhere, if anybody is there."""
    address = leg.absolute(url)
    try:
        leg.exchange.webhooks.address(address)
    except WebhookFailed as failed:
        if leg.robot.elsewhere() is not Elsewhere.TAKES:
            raise failed from None
        leg.record.handed_over = address
        await leg.clock.sleep(leg.robot.stays_elsewhere())
        raise HangsUp("elsewhere") from None


async def dial_sip(leg: Leg, noun: Verb) -> Params:
    """A <Sip>: gives what the action is told."""
    sip = noun.text
    if not sip.startswith(("sip:", "sips:")) or "@" not in sip:
        leg.fail(13224, "<Sip> holds no SIP address")
        raise HangsUp("error")
    address, _, headers = sip.partition("?")
    if len(address) > LONGEST_ADDRESS:
        leg.fail(13224, f"a <Sip> address has at most {LONGEST_ADDRESS} characters, not {len(address)}")
    if len(headers) > LONGEST_HEADERS:
        leg.fail(13224, f"a <Sip> address takes {LONGEST_HEADERS} characters of headers, not {len(headers)}")
    for header in filter(None, headers.split("&")):
        if not header.startswith(HEADER):
            leg.fail(13224, f"a header of a <Sip> address begins with {HEADER}")
    leg.record.handed_over = sip
    does = leg.robot.elsewhere()
    if does is None or does is Elsewhere.FAILS:
        return (("DialCallStatus", "failed"), ("DialSipResponseCode", "503"), ("DialBridged", "false"))
    await leg.clock.sleep(leg.robot.stays_elsewhere())
    if does is Elsewhere.TAKES:
        raise HangsUp("elsewhere")
    return (("DialCallStatus", "completed"), ("DialSipResponseCode", "200"), ("DialBridged", "true"))
