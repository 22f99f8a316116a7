"""What Say, Play and Pause amount to on a leg, recordings fetched."""

from voicebot.errors import AudioRefused
from voicebot.simulator.document import Verb
from voicebot.simulator.leg import Leg
from voicebot.simulator.party import shown_path, speaking_time
from voicebot.simulator.prompt import Prompt
from voicebot.simulator.recording import read_wave
from voicebot.simulator.webhooks import WebhookFailed


async def prompts_of(leg: Leg, verbs: tuple[Verb, ...]) -> list[Prompt]:
    """What Say, Play and Pause amount to. Recordings are fetched; one that cannot be played is a failure, and left out."""
    prompts: list[Prompt] = []
    for verb in verbs:
        times = max(1, verb.number("loop", 1)) if verb.attributes.get("loop") != "0" else 1000
        match verb.name:
            case "Say" if verb.text:
                prompts += [Prompt(verb.text, speaking_time(verb.text))] * times
            case "Pause":
                prompts.append(Prompt("", float(verb.number("length", 1))))
            case "Play" if verb.text and (prompt := await _recording(leg, verb.text)) is not None:
                prompts += [prompt] * times
            case "Play" if "digits" in verb.attributes:
                prompts.append(Prompt("", 0.25 * len(verb.attributes["digits"])))
    return prompts


async def _recording(leg: Leg, url: str) -> Prompt | None:
    where = leg.absolute(url)
    try:
        with leg.clock.real_pace():
            answer = await leg.exchange.webhooks.fetch_audio(where)
        if not answer.content_type.startswith("audio/"):
            raise WebhookFailed(12300, f"content type {answer.content_type or '(none)'} is not audio", where)
        wave = read_wave(answer.body, shown_path(where))
        if wave.rate != 8000 or (wave.codec, wave.bits) not in ((1, 16), (7, 8)):
            raise WebhookFailed(13400, f"the twin plays PCM16 and mu-law of 8000 Hz, not {wave}", where)
    except WebhookFailed as failed:
        leg.fail(failed.code, failed.what, where)
        return None
    except AudioRefused as refused:
        leg.fail(13400, str(refused), where)
        return None
    return Prompt(where.partition("?")[0].rpartition("/")[2], wave.seconds, recording=True, audio=answer.body)
