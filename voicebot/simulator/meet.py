"""<Dial>: into a room (<Conference>), to another telephone (<Number>) or to another system (<Sip>, see `elsewhere`).

Source: docs voice/twiml/dial, conference, number.
"""

import asyncio

from voicebot.simulator.document import Verb
from voicebot.simulator.elsewhere import dial_sip
from voicebot.simulator.fetching import in_vain
from voicebot.simulator.leg import Leg
from voicebot.simulator.music import play
from voicebot.simulator.party import HangsUp, Party, Step
from voicebot.simulator.record import What
from voicebot.simulator.rooms import Participant, Room, RoomCallback
from voicebot.simulator.webhooks import Params, Request

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
        coached=_coached(leg, noun, room),
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


def _coached(leg: Leg, noun: Verb, room: Room) -> Leg | None:
    """Whose ear alone hears this one. Somebody who is not there cannot be coached, and the one who would stays out."""
    sid = noun.attributes.get("coach")
    if sid is None:
        return None
    if sid not in room.participants:
        leg.fail(13240, "<Conference coach> names nobody in this room")
        raise HangsUp("error")
    return room.participants[sid].leg


async def _wait_music(leg: Leg, noun: Verb, room: Room) -> None:
    """What somebody hears until the room starts. An empty waitUrl is silence."""
    url = noun.attributes.get("waitUrl")
    if room.together.is_set() or url == "":
        return
    about = (("ConferenceSid", room.sid), ("FriendlyName", room.name))
    await play(leg, leg.absolute(url) if url else "", about, lambda: not room.together.is_set())


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
