"""One TwiML document in the making, and how a prompt gets into it. Does not know which document it becomes."""

from twilio.twiml.voice_response import Gather, VoiceResponse

from voicebot.dialogue.actions import Say
from voicebot.ports.prompts import Prompts, Recording, SpokenText
from voicebot.telephony.addresses import Addresses
from voicebot.telephony.settings import TelephonySettings
from voicebot.telephony.wording import speakable, tamed

MOST_SEGMENTS = 16  # of hold music that are looked for


class Page:
    """Its prompts' catalogue and language, and the TwiML so far."""

    def __init__(self, settings: TelephonySettings, addresses: Addresses, prompts: Prompts, language: str) -> None:
        self.response = VoiceResponse()
        self._settings = settings
        self._addresses = addresses
        self._prompts = prompts
        self._language = language

    def say(self, say: Say, into: Gather | None = None) -> None:
        """Put a prompt into the document, or into a question of it."""
        place = self.response if into is None else into
        for utterance in self._prompts.utterances(tamed(say), self._language):
            match utterance:
                case Recording(name):
                    place.play(self._addresses.audio(self._prompts.version, name))
                case SpokenText(text, language, voice):
                    if spoken := speakable(text):
                        place.say(spoken, language=language or None, voice=voice or self._settings.voice or None)

    def hold_segments(self) -> int:
        """How many pieces the hold music of this language has: up to the one that repeats the piece before it."""
        pieces = [self._prompts.utterances(Say("hold", number), self._language) for number in (1, 2)]
        while len(pieces) < MOST_SEGMENTS and pieces[-1] != pieces[-2]:
            pieces.append(self._prompts.utterances(Say("hold", len(pieces) + 1), self._language))
        return len(pieces) - 1 if pieces[-1] == pieces[-2] else len(pieces)

    def text(self) -> str:
        """The document."""
        return str(self.response)
