"""Reads who may fetch this installation's figures, and where its traces go (docs/operations.md). Repeats no secret."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from voicebot.config.tables import Complaints

NAMES = ("VOICEBOT_METRICS_TOKEN", "VOICEBOT_TRACES_URL", "VOICEBOT_TRACES_HEADERS")
_HEADER = re.compile(r"\s*([A-Za-z][A-Za-z0-9-]{0,63})\s*=\s*([\x21-\x2b\x2d-\x7e][\x20-\x2b\x2d-\x7e]{0,1023})")

Reading = Callable[[Mapping[str, str], str, Complaints], str]


@dataclass(frozen=True)
class TelemetryKeys:
    """Empty text: not wanted. `traces_url`: an OpenTelemetry collector, without a path; `traces_headers` let us in there."""

    metrics_token: str = field(default="", repr=False)
    traces_url: str = ""
    traces_headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)


def read_telemetry(env: Mapping[str, str], complaints: Complaints, token: Reading, address: Reading) -> TelemetryKeys:
    """`token` and `address` read one setting each."""
    url = address(env, "VOICEBOT_TRACES_URL", complaints)
    headers = _headers(env.get("VOICEBOT_TRACES_HEADERS", ""), complaints)
    if headers and "VOICEBOT_TRACES_URL" not in env:
        complaints.add("VOICEBOT_TRACES_URL", "is needed with VOICEBOT_TRACES_HEADERS: where traces go")
    return TelemetryKeys(token(env, "VOICEBOT_METRICS_TOKEN", complaints), url, headers)


def _headers(text: str, complaints: Complaints) -> tuple[tuple[str, str], ...]:
    """`name=value`, with commas between them, as OpenTelemetry's own OTEL_EXPORTER_OTLP_HEADERS has them."""
    found = [_HEADER.fullmatch(part) for part in text.split(",")] if text else []
    if not all(found):
        complaints.add("VOICEBOT_TRACES_HEADERS", "must be name=value, with commas between several (it is not shown here)")
    return tuple((one[1], one[2].rstrip()) for one in found if one)
