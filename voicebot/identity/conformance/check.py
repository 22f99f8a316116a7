"""All rules in their order, and what is found. Must not stop at the first broken one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import httpx

from voicebot.config.backend import AccessKind, BackEnd, BackEndKeys
from voicebot.identity.conformance import access, identifying, overall, validating
from voicebot.identity.conformance.known import Known
from voicebot.identity.conformance.probe import PATIENCE, Broken, NotTestable, Probe, Signing
from voicebot.identity.rest import access_for, open_http
from voicebot.identity.rest_http import Time

Rule = Callable[[Probe], str]

RULES: dict[str, Rule] = {
    rule.__name__: rule
    for rule in (
        identifying.found,
        identifying.found_by_ani,
        identifying.not_found,
        identifying.several,
        identifying.told_apart,
        identifying.line_and_call,
        identifying.unknown_field,
        identifying.malformed_request,
        identifying.post_only,
        access.unsigned,
        access.wrong_signature,
        access.unknown_key_id,
        access.body_is_signed,
        access.path_is_signed,
        access.key_is_signed,
        access.clock_may_differ,
        access.stale,
        access.early,
        access.replayed,
        validating.matched,
        validating.mismatched,
        validating.not_set,
        validating.unknown_claim,
        validating.unknown_secret_field,
        validating.key_needed,
        validating.key_repeated,
        validating.equal_work,
        validating.counted_once,
        validating.locked,
        identifying.details,
        identifying.assurance,
        identifying.unknown_detail,
        identifying.unknown_ref,
        overall.content_types,
        overall.problem_bodies,
        overall.sizes,
        overall.no_redirects,
        overall.no_echo,
        overall.latency,
    )
}


class State(StrEnum):
    """What came of a rule."""

    OK = "ok"
    BROKEN = "broken"
    NOT_TESTABLE = "not testable"


@dataclass(frozen=True)
class Finding:
    """One rule, what it promises, and what came of it."""

    rule: str
    promise: str
    state: State
    text: str = ""


def open_probe(
    back_end: BackEnd,
    keys: BackEndKeys,
    known: Known,
    root: Path,
    transport: httpx.BaseTransport | None = None,
    when: Time | None = None,
) -> Probe:
    """A probe of the back end that these settings describe. `transport` and `when` stand for network and time in tests."""
    patient = replace(back_end, connect=PATIENCE, read=PATIENCE)
    http = open_http(patient, root, when or Time(), transport)
    signing = Signing(back_end.key_id, keys.secret) if back_end.access is AccessKind.HMAC else None
    return Probe(http, back_end.url, access_for(back_end, keys, http), known, signing, back_end.read)


def findings(probe: Probe) -> Iterator[Finding]:
    """Try every rule, one after the other."""
    for name, rule in RULES.items():
        state, text = State.OK, ""
        try:
            text = rule(probe)
        except Broken as broken:
            state, text = State.BROKEN, str(broken)
        except NotTestable as untried:
            state, text = State.NOT_TESTABLE, str(untried)
        yield Finding(name, (rule.__doc__ or "").splitlines()[0].rstrip("."), state, text)
