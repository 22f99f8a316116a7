"""<Pay>: the carrier takes a card from a leg and charges it, then asks for the next document. Source: docs voice/twiml/pay."""

from voicebot.simulator.document import Verb
from voicebot.simulator.leg import Leg
from voicebot.simulator.paid import PaySession
from voicebot.simulator.party import Step
from voicebot.simulator.prompts import prompts_of
from voicebot.simulator.webhooks import Request

STAR = "*"  # ends it
FOR_EVER = 1_000_000.0
USUAL = "visa mastercard amex"


async def pay(leg: Leg, verb: Verb) -> Step | None:
    """Perform it; gives the request for what comes after."""
    asked = verb.attributes
    session = PaySession(
        leg,
        asked.get("chargeAmount", "0"),
        asked.get("currency", "usd"),
        tuple(asked.get("validCardTypes", USUAL).split()),
        security_code=asked.get("securityCode") != "false",
    )
    leg.payments.append(session)
    result = await _taken(leg, verb, session)
    told: tuple[tuple[str, str], ...] = (("Result", result),)
    if not result:
        await _says(leg, verb, "payment-processing", "")
        told = session.charge()
        if not told:
            await leg.clock.sleep(FOR_EVER)
    session.open = False
    return Request(leg.absolute(asked.get("action", "")), "POST", (*session.card(), *told))


async def _taken(leg: Leg, verb: Verb, session: PaySession) -> str:
    """Every piece, each so often as may be tried; gives why it came to nothing, empty if it came to a card."""
    for piece in session.pieces:
        wrong = ""
        for _ in range(verb.number("maxAttempts", 1)):
            await _says(leg, verb, piece, wrong)
            text = leg.robot.pays()
            if text is None:
                await leg.clock.sleep(verb.number("timeout", 5))
                wrong = "timeout"
                continue
            wrong = await session.take(piece, text)
            if STAR in text:
                return "caller-interrupted-with-star"
            if not wrong:
                break
        if wrong:
            return "too-many-failed-attempts"
    return ""


async def _says(leg: Leg, verb: Verb, piece: str, wrong: str) -> None:
    """The document's own prompt for this moment."""
    for prompt in verb.inside:
        errors = prompt.attributes.get("errorType", "").split()
        if prompt.attributes.get("for") == piece and (wrong in errors if wrong else not errors):
            for one in await prompts_of(leg, prompt.inside):
                await leg.hear(one.what, one.seconds, recording=one.recording, audio=one.audio)
