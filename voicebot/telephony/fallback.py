"""Documents that need nothing of ours to be up: no database, no prompts, no decision. The last resort, so it is static.

The caller's one is also what the operator puts behind the number's Fallback URL at the carrier (`doctor --fallback` prints it):
when our own house is down, so is our queue, and the call goes to a number of the operator's.
"""

from twilio.twiml.voice_response import VoiceResponse

from voicebot.telephony.settings import TelephonySettings

SORRY_CONNECTING = "We are sorry, something has gone wrong on our side. Please hold while we connect you."
SORRY_LATER = "We are sorry, we cannot take your call at the moment. Please call again later."
SORRY_AGENT = "This call is no longer available. Goodbye."


def caller_fallback(emergency_number: str, language: str = "en-US", voice: str = "") -> str:
    """Say sorry and dial the operator's number; without one, say sorry and hang up."""
    response = VoiceResponse()
    if emergency_number:
        response.say(SORRY_CONNECTING, language=language, voice=voice or None)
        response.dial(emergency_number, timeout=60)
    response.say(SORRY_LATER, language=language, voice=voice or None)
    response.hangup()
    return str(response)


def agent_fallback(settings: TelephonySettings) -> str:
    """An agent's leg that we can do nothing with. It says nothing of the caller, so that a voicemail may hear it."""
    response = VoiceResponse()
    response.say(SORRY_AGENT, language=settings.language, voice=settings.voice or None)
    response.hangup()
    return str(response)


def silence(seconds: int = 60) -> str:
    """Nothing to hear, for a while."""
    response = VoiceResponse()
    response.pause(length=seconds)
    return str(response)


def nothing_more() -> str:
    """The end of a leg."""
    response = VoiceResponse()
    response.hangup()
    return str(response)
