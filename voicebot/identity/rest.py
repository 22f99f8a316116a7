"""The company's own back end as a `Crm`, over HTTPS, by the contract in docs/backend-openapi.yaml.

Must not repeat what may not be repeated, must not let a caller wait longer than one step, and must not put a number, a secret or
an answer into a log or an exception.
"""

import random
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeGuard, TypeVar

import httpx
import msgspec
import structlog

from voicebot.config.backend import AccessKind, BackEnd, BackEndKeys
from voicebot.dialogue.actions import Among, Claim
from voicebot.dialogue.values import Assurance, Customer, IdentifyResult, Secret, SecretVerdict
from voicebot.errors import ConfigError
from voicebot.identity import answers
from voicebot.identity.breaker import Breaker
from voicebot.identity.oauth import Client, OAuthAccess
from voicebot.identity.rest_http import Answer, Http, NotRun, Outcome, Time, Unknown, Why
from voicebot.identity.rest_wire import Wire
from voicebot.identity.signing import Access, HmacAccess
from voicebot.ports.crm import Details, Identified

LEAST_WAIT, MOST_WAIT = 0.05, 0.2  # seconds before a second try, by chance, so that many callers do not come back at once
WORTH_TRYING = 0.2  # seconds that must be left for one

Result = TypeVar("Result")

log = structlog.get_logger(__name__)


class RestCrm:
    """A `Crm` over HTTPS. `step` is the longest that one question may take, in seconds; `private` names the details that are
    asked for verified callers only.
    """

    def __init__(self, wire: Wire, when: Time, step: float, private: Iterable[str]) -> None:
        self._wire, self._when, self._step, self._private = wire, when, step, frozenset(private)

    def identify(self, by: str, value: str, within: Among | None = None) -> Identified:
        """Asked twice if need be: it changes nothing. With `within`, only the customers whom that names come into question."""
        among = {"within": {"field": within.by, "value": within.value}} if within is not None else {}
        outcome = self._ask("identify", {"field": by, "value": value, **among}, again=_did_not_work)
        if not _is_answer(outcome):
            return Identified(_unavailable("identify", outcome, IdentifyResult.UNAVAILABLE))
        try:
            answer = answers.read_identified(outcome.body)
        except answers.MalformedAnswer:
            return Identified(_malformed("identify", IdentifyResult.UNAVAILABLE))
        match answer:
            case answers.Found(customer=known):
                return Identified(IdentifyResult.FOUND, Customer(known.ref, known.identifier, known.name))
            case answers.Several(differ=fields):
                return Identified(IdentifyResult.SEVERAL, separators=fields)
            case answers.NotFound():
                return Identified(IdentifyResult.NOT_FOUND)

    def customers(self, by: str) -> None:
        """The company's settings say it; nobody is asked."""

    def check_secret(self, claim: Claim, field: str, secret: Secret, key: str) -> SecretVerdict:
        """Asked once. Again only where no connection came about: then nothing has been checked. `key` is the idempotency key.

        UNAVAILABLE (the attempt is given back) only where the secret certainly was not checked, else TIMED_OUT.
        """
        whose = {"ref": claim.ref} if claim.ref is not None else {"field": claim.by or "", "value": claim.value or ""}
        body = {"claim": whose, "field": field, "secret": secret.reveal()}
        outcome = self._ask("validate", body, again=_never_left, key=key)
        if not _is_answer(outcome):
            verdict = SecretVerdict.UNAVAILABLE if _certainly_not_run(outcome) else SecretVerdict.TIMED_OUT
            return _unavailable("validate", outcome, verdict)
        try:
            return SecretVerdict(answers.read_verdict(outcome.body).result)
        except answers.MalformedAnswer:
            return _malformed("validate", SecretVerdict.TIMED_OUT)  # something was done with it, nobody knows what

    def details(self, ref: str, names: tuple[str, ...]) -> Details:
        """Asked twice if need be. A private detail is asked for verified callers only, and so the back end is told."""
        assurance = Assurance.VERIFIED if self._private.intersection(names) else Assurance.IDENTIFIED
        body = {"ref": ref, "names": list(names), "assurance": assurance.value}
        outcome = self._ask("details", body, again=_did_not_work)
        if not _is_answer(outcome):
            return Details(_unavailable("details", outcome, None))
        try:
            answer = answers.read_details(outcome.body)
        except answers.MalformedAnswer:
            return Details(_malformed("details", None))
        match answer:
            case answers.Answered(values=values, refused=refused):
                if refused:
                    log.warning("back end refused details", names=sorted(one.name for one in refused if one.name in names))
                return Details({name: values[name] for name in names if values.get(name)})
            case answers.NotFound():
                return Details(None)

    def close(self) -> None:
        """Let go of the connections."""
        self._wire.close()

    def _ask(self, endpoint: str, body: dict[str, Any], again: Callable[[Outcome], bool], key: str = "") -> Outcome:
        """One question, at most two tries, all within one step."""
        until = self._when.monotonic() + self._step
        content = msgspec.json.encode(body)
        outcome = self._wire.post(endpoint, content, until, key)
        if again(outcome):
            wait = LEAST_WAIT + (MOST_WAIT - LEAST_WAIT) * self._when.chance()
            if self._when.monotonic() + wait + WORTH_TRYING < until:
                self._when.pause(wait)
                outcome = self._wire.post(endpoint, content, until, key)
        return outcome


def build_rest_crm(
    back_end: BackEnd, keys: BackEndKeys, private: Iterable[str], root: Path, transport: httpx.BaseTransport | None = None
) -> RestCrm:
    """The back end that the settings describe. `private` names details for verified callers only; `root` is where relative files
    lie; `transport` stands for the network in tests. Raises ConfigError for a certificate file that cannot be read.
    """
    http = open_http(back_end, root, Time(chance=random.SystemRandom().random), transport)
    wire = Wire(http, back_end.url, access_for(back_end, keys, http), Breaker(), back_end.in_flight)
    return RestCrm(wire, http.when, back_end.step, private)


def open_http(back_end: BackEnd, root: Path, when: Time, transport: httpx.BaseTransport | None = None) -> Http:
    """The client within the limits of the settings. Raises ConfigError for a certificate file that cannot be read."""
    ca_file = str(root / back_end.ca_file) if back_end.ca_file else ""
    try:
        return Http(when, back_end.connect, back_end.read, back_end.in_flight, ca_file, transport)
    except OSError:
        raise ConfigError(f"voicebot.toml: back_end.ca_file: {ca_file} cannot be read as certificates (PEM)") from None


def access_for(back_end: BackEnd, keys: BackEndKeys, http: Http) -> Access:
    """How we prove who we are, by the settings."""
    if back_end.access is AccessKind.OAUTH:
        return OAuthAccess(http, Client(keys.token_url, keys.client_id, keys.client_secret, back_end.scope))
    return HmacAccess(back_end.key_id, keys.secret, http.when.wall)


def _is_answer(outcome: Outcome) -> TypeGuard[Answer]:
    return isinstance(outcome, Answer) and outcome.status == 200


def _did_not_work(outcome: Outcome) -> bool:
    """Worth a second try where repeating does no harm. What the back end refused, it would refuse again."""
    if isinstance(outcome, Answer):
        return outcome.status >= 500 and not outcome.says_later
    return _never_left(outcome) or (isinstance(outcome, Unknown) and outcome.why in (Why.NO_ANSWER, Why.CUT_OFF))


def _never_left(outcome: Outcome) -> bool:
    return isinstance(outcome, NotRun) and outcome.why is Why.NO_CONNECTION


def _certainly_not_run(outcome: Outcome) -> bool:
    """The contract has a back end refuse (4xx), and put off (429 and 503 with Retry-After), before it does anything."""
    if isinstance(outcome, Answer):
        return 400 <= outcome.status < 500 or outcome.says_later
    return isinstance(outcome, NotRun)


def _unavailable(endpoint: str, outcome: Outcome, result: Result) -> Result:
    if isinstance(outcome, Answer):
        log.warning("back end refused", endpoint=endpoint, status=outcome.status)
    else:
        log.warning("back end not available", endpoint=endpoint, why=outcome.why.value)
    return result


def _malformed(endpoint: str, result: Result) -> Result:
    log.error("back end answered against its contract", endpoint=endpoint)
    return result
