"""Audio in, words for the open question out. Vosk runs only in worker processes; nothing here knows telephones or calls."""

from voicebot.speech.transcription import Transcription, transcribe, transcribe_files

__all__ = ["Transcription", "transcribe", "transcribe_files"]
