"""<Dial>: into a room (<Conference>), to another telephone (<Number>) or to another system (<Sip>, see `elsewhere`).

Source: docs voice/twiml/dial, conference, number.
"""

import asyncio

from voicebot.simulator.document import Verb, read_document
from voicebot.simulator.elsewhere import dial_sip
from voicebot.simulator.fetching import in_vain
from voicebot.simulator.leg import Leg
from voicebot.simulator.party import HangsUp, Party, Step
from voicebot.simulator.record import What
from voicebot.simulator.rooms import Participant, Room, RoomCallback
from voicebot.simulator.webhooks import Params, Request, WebhookFailed

HOLD_MUSIC = "hold music"
LONGEST_TALK = 60.0
_ANSWERED: Params = (("DialCallStatus", "answered"), ("DialBridged", "true"))  # what a room comes to, however it ended
UNSUPPORTED_NUMBER = ("url", "sendDigits", "machineDetection", "byoc")


async def dial(leg: Leg, verb: Verb) -> Step | None:
    """Connect this leg; gives the action to fetch when that is over."""
    nouns = [noun for noun in verb.inside if noun.name in ("Conference", "Number", "Sip")]
    if len(nouns) > 1:
        leg.fail(13200, "the twin dials one noun at a time")
    if nouns and nouns[0].name == "Conference":
        outcome = await _conference(leg, verb, nouns[0])
    elif nouns and nouns[0].name == "Sip":
        outcome = await dial_sip(leg, nouns[0])
    elif nouns or verb.text:
        outcome = await _number(leg, verb, nouns[0] if nouns else Verb("Number", text=verb.text))
    else:
        leg.fail(12200, "<Dial> has nobody that the twin can dial")
        raise HangsUp("error")
    action = verb.attributes.get("action")
    return Request(leg.absolute(action), verb.attributes.get("method", "POST"), outcome) if action else None


# ---- rooms --------------------------------------------------------------------------------------------------------


async def _conference(leg: Leg, verb: Verb, noun: Verb) -> Params:
    room = leg.exchange.room(noun.text)
    participant = Participant(
        leg,
        noun.attributes.get("participantLabel"),
        starts=noun.flag("startConferenceOnEnter", otherwise=True),
        ends=noun.flag("endConferenceOnExit", otherwise=False),
        muted=noun.flag("muted", otherwise=False),
    )
    events = frozenset(noun.attributes.get("statusCallbackEvent", "").split())
    url = noun.attributes.get("statusCallback")
    room.enter(participant, RoomCallback(leg.absolute(url), events, leg) if url else None)
    music = leg.background(_wait_music(leg, noun, room))
    try:
        await asyncio.shield(participant.gone)
    except asyncio.CancelledError:
        room.leave(participant, "hung up" if leg.leaving else "redirected")
        if not leg.leaving and "action" in verb.attributes:  # it is asked for even so, and its document thrown away
            in_vain(leg, leg.request(Request(verb.attributes["action"], params=_ANSWERED)))
        raise
    finally:
        music.cancel()
    return _ANSWERED


async def _wait_music(leg: Leg, noun: Verb, room: Room) -> None:
    """What somebody hears until the room starts. An empty waitUrl is silence; other hosts' music is not fetched."""
    from voicebot.simulator.perform import prompts_of  # noqa: PLC0415  the two know each other

    url = noun.attributes.get("waitUrl")
    if room.together.is_set() or url == "":
        return
    try:
        address = leg.absolute(url) if url else ""
        leg.exchange.webhooks.address(address)
    except WebhookFailed:
        leg.begins_to_hear(HOLD_MUSIC, recording=True)
        return
    while not room.together.is_set():
        params = (("ConferenceSid", room.sid), ("FriendlyName", room.name))
        try:
            answer = await leg.exchange.webhooks.ask(leg.callback(address, params))
        except WebhookFailed as failed:
            leg.fail(failed.code, failed.what, address)
            return
        document = read_document(answer.body, answer.content_type)
        for flaw in document.flaws:
            leg.fail(flaw.code, flaw.what, address)
        prompts = await prompts_of(leg, document.verbs)
        for prompt in prompts:
            if prompt.what and not room.together.is_set():
                leg.begins_to_hear(prompt.what, recording=prompt.recording, audio=prompt.audio)
            await leg.clock.sleep(prompt.seconds)
        redirect = next((verb.text for verb in document.verbs if verb.name == "Redirect"), None)
        if redirect is None or not prompts:
            return
        address = leg.absolute(redirect)


# ---- another telephone --------------------------------------------------------------------------------------------


async def _number(leg: Leg, verb: Verb, noun: Verb) -> Params:
    for name in UNSUPPORTED_NUMBER:
        if name in noun.attributes:
            leg.fail(12299, f"the twin cannot perform <Number {name}>")
    callback = noun.attributes.get("statusCallback")
    party = Party(
        from_=verb.attributes.get("callerId", leg.party.from_),
        to=noun.text,
        direction="outbound-dial",
        role="agent",
        extra=(("ParentCallSid", leg.sid),),
        status_callback=leg.absolute(callback) if callback else None,
        status_events=frozenset(noun.attributes.get("statusCallbackEvent", "completed").split()),
    )
    other, habit = leg.exchange.open_agent_leg(party)
    leg.exchange.report_status(other, "initiated")
    try:
        await leg.exchange.ring(other, habit, verb.number("timeout", 30))
    except HangsUp as how:
        await other.finish(how)
        return (("DialCallStatus", other.status), ("DialCallSid", other.sid), ("DialBridged", "false"))
    except asyncio.CancelledError:
        await other.finish(HangsUp("product", "canceled"))
        raise
    return await _bridged(leg, other)


async def _bridged(leg: Leg, other: Leg) -> Params:
    began = leg.clock.now()
    for one in (leg, other):
        one.record.together_at = one.at
        one.tell(What.TOGETHER, other.party.to)
    first, seconds = leg, leg.robot.leaves_conversation_after()
    if seconds is None:
        first, seconds = other, other.robot.leaves_conversation_after() or LONGEST_TALK
    try:
        await leg.clock.sleep(seconds)
    except asyncio.CancelledError:
        await other.finish(HangsUp("product"))
        raise
    await other.finish(HangsUp(first.party.role))
    if first is leg:
        raise HangsUp(leg.party.role)
    talked = str(round(leg.clock.now() - began))
    return (
        ("DialCallStatus", "completed"),
        ("DialCallSid", other.sid),
        ("DialCallDuration", talked),
        ("DialBridged", "true"),
    )
