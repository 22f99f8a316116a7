"""Rules that all answers together must keep. They ask nothing more, and come last."""

from voicebot.identity.conformance.probe import Broken, Probe
from voicebot.identity.rest_http import LARGEST_BODY, Why

JSON = "application/json"
PROBLEM = "application/problem+json"


def content_types(probe: Probe) -> str:
    """Answers are application/json, refusals application/problem+json (or application/json)."""
    odd = {one.media_type or "none" for one in probe.seen if one.status == 200 and one.media_type != JSON}
    odd |= {one.media_type or "none" for one in probe.seen if one.status >= 400 and one.media_type not in (JSON, PROBLEM)}
    if odd:
        raise Broken(f"content types that are not in the contract: {', '.join(sorted(odd))}")
    return ""


def problem_bodies(probe: Probe) -> str:
    """A refusal says in its body what it is (RFC 9457): `type`, and `status` as in its first line."""
    bare = sorted({one.status for one in probe.seen if one.status >= 400 and not one.is_problem})
    if bare:
        raise Broken(f"refusals without such a body: status {', '.join(map(str, bare))}")
    return ""


def sizes(probe: Probe) -> str:
    """No answer is larger than 256 KiB, or compressed."""
    if any(one.trouble in (Why.TOO_LARGE, Why.PACKED) for one in probe.seen):
        raise Broken("an answer was larger than 256 KiB, or compressed")
    return f"the largest was {max((one.size for one in probe.seen), default=0)} of {LARGEST_BODY} bytes"


def no_redirects(probe: Probe) -> str:
    """No answer leads elsewhere: secrets are not sent on."""
    if any(300 <= one.status < 400 for one in probe.seen):
        raise Broken("an answer was a redirect")
    return ""


def no_echo(probe: Probe) -> str:
    """No answer repeats a secret."""
    probe.secrets()
    if probe.echoes:
        raise Broken(f"{probe.echoes} answers repeat the secret that they were asked about")
    return ""


def latency(probe: Probe) -> str:
    """Nineteen of twenty answers come within the time limit."""
    times = probe.p95()
    shown = ", ".join(f"{name} {seconds * 1000:.0f} ms" for name, seconds in times.items())
    if slow := [name for name, seconds in times.items() if seconds > probe.limit]:
        raise Broken(f"too slow: {', '.join(slow)} (limit {probe.limit * 1000:.0f} ms; 95th percentile: {shown})")
    return f"95th percentile: {shown}"
