"""Where a number sends its calls and messages: how it is, how it should be, and what of it is somebody else's. Pure."""

from dataclasses import asdict, dataclass, fields, replace
from urllib.parse import urlsplit

from voicebot.telephony.settings import PATIENCE

INCOMING_PATH = "/voice/incoming"
STATUS_PATH = "/voice/status"
MESSAGE_PATH = "/voice/message"
WELCOME_HOST = "demo.twilio.com"  # what the carrier puts on a number that was just bought; nobody's work
CARRIERS_OWN = ("twilio.com", "twil.io")  # hosts of TwiML Bins and Functions
LONGEST_SHOWN = 120


@dataclass(frozen=True)
class Use:
    """What we have a number for: lines are called, senders of messages are written to."""

    calls: bool = True
    messages: bool = False


CALLED = Use()


@dataclass(frozen=True)
class Wiring:
    """The settings of a number that decide about its calls and messages, by the carrier's own names. Empty text: not set.

    An application or a trunk goes before the URLs.
    """

    voice_url: str = ""
    voice_method: str = "POST"
    voice_fallback_url: str = ""
    voice_fallback_method: str = "POST"
    status_callback: str = ""
    status_callback_method: str = "POST"
    voice_application_sid: str = ""
    trunk_sid: str = ""
    sms_url: str = ""
    sms_method: str = "POST"
    sms_application_sid: str = ""

    def as_dict(self) -> dict[str, str]:
        """By name."""
        return asdict(self)


NAMES = tuple(field.name for field in fields(Wiring))
_SAID = {
    "voice_url": "A call comes in",
    "voice_method": "its method",
    "voice_fallback_url": "Primary handler fails",
    "voice_fallback_method": "its method",
    "status_callback": "Call status changes",
    "status_callback_method": "its method",
    "voice_application_sid": "TwiML application",
    "trunk_sid": "SIP trunk",
    "sms_url": "A message comes in",
    "sms_method": "its method",
    "sms_application_sid": "TwiML application for messages",
}
_METHOD_OF = {
    "voice_method": "voice_url",
    "voice_fallback_method": "voice_fallback_url",
    "status_callback_method": "status_callback",
    "sms_method": "sms_url",
}


@dataclass(frozen=True)
class Difference:
    """One setting that is not as it should be."""

    name: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{_SAID[self.name]}: {shown(self.before)} -> {shown(self.after)}"


def wanted(base: str, present: Wiring, fallback_url: str | None = None, use: Use = CALLED) -> Wiring:
    """How a number of ours is wired. `base`: our public address; no `fallback_url`: that part stays as it is, as does all that
    decides about what we have it not for.
    """
    url, done = f"{base}{MESSAGE_PATH}{PATIENCE}", present
    if use.messages:
        done = replace(done, sms_url=url, sms_method="POST", sms_application_sid="")
    if not use.calls:
        return done
    done = replace(
        done,
        voice_url=f"{base}{INCOMING_PATH}{PATIENCE}",
        voice_method="POST",
        status_callback=f"{base}{STATUS_PATH}{PATIENCE}",
        status_callback_method="POST",
        voice_application_sid="",
        trunk_sid="",
    )
    if fallback_url is None:
        return done
    return replace(done, voice_fallback_url=fallback_url, voice_fallback_method=_fallback_method(fallback_url))


def differences(present: Wiring, target: Wiring) -> list[Difference]:
    """What must change, in the Console's order. A method matters only where there is a URL for it."""
    before, after = present.as_dict(), target.as_dict()
    return [
        Difference(name, before[name], after[name])
        for name in NAMES
        if before[name] != after[name] and (name not in _METHOD_OF or after[_METHOD_OF[name]])
    ]


def strangers(present: Wiring, base: str, use: Use = CALLED) -> list[str]:
    """What somebody else has set on this number, in words. Nothing: it is ours, or nobody's."""
    return [*(_takes_calls(present, base) if use.calls else ()), *(_takes_messages(present, base) if use.messages else ())]


def _takes_messages(present: Wiring, base: str) -> list[str]:
    if present.sms_application_sid:
        return [f"a TwiML application ({present.sms_application_sid}) takes its messages"]
    return [f"{_SAID['sms_url']}: {shown(present.sms_url)}"] if _is_theirs(present.sms_url, base) else []


def _takes_calls(present: Wiring, base: str) -> list[str]:
    found = []
    if present.voice_application_sid:
        found.append(f"a TwiML application ({present.voice_application_sid}) takes its calls")
    if present.trunk_sid:
        found.append(f"a SIP trunk ({present.trunk_sid}) takes its calls")
    if is_ours(present.voice_url, base):
        return found
    for name in ("voice_url", "voice_fallback_url", "status_callback"):
        url = present.as_dict()[name]
        if _is_theirs(url, base):
            found.append(f"{_SAID[name]}: {shown(url)}")
    return found


def _is_theirs(url: str, base: str) -> bool:
    return bool(url) and not is_ours(url, base) and urlsplit(url).hostname != WELCOME_HOST


def is_ours(url: str, base: str) -> bool:
    """Whether this address lies under our public one."""
    return url.startswith((f"{base}/", f"{base}#", f"{base}?")) or url == base


def falls_with_us(fallback_url: str, base: str) -> bool:
    """Whether this fallback is on our own host, and so is down whenever we are."""
    return urlsplit(fallback_url).hostname == urlsplit(base).hostname


def shown(value: str) -> str:
    """A setting for a terminal: without password and query, which may be somebody's secrets."""
    if not value:
        return "(not set)"
    parts = urlsplit(value)
    host = parts.netloc.rpartition("@")[2]
    netloc = f"•••@{host}" if "@" in parts.netloc else host
    said = parts._replace(netloc=netloc, query="•••" if parts.query else "").geturl()
    said = "".join(character if character.isprintable() else "?" for character in said)
    return said if len(said) <= LONGEST_SHOWN else said[: LONGEST_SHOWN - 1] + "…"


def _fallback_method(url: str) -> str:
    """A static file takes no POST. The carrier's own documents take one, and numbers do not belong in addresses."""
    host = urlsplit(url).hostname or ""
    return "POST" if any(host == own or host.endswith(f".{own}") for own in CARRIERS_OWN) else "GET"
