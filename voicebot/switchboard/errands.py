"""Runs errands against the back end, outside any transaction, and makes an event of whatever comes of them."""

from datetime import datetime, timedelta

import structlog

from voicebot.dialogue.actions import CheckSecret, Errand, FetchDetails, FindExisting, IdentifyCaller
from voicebot.dialogue.events import CallerIdentified, DetailsFetched, ExistingFound, SecretChecked
from voicebot.dialogue.policy import how_many_to_look_for
from voicebot.dialogue.values import IdentifyResult, SecretVerdict
from voicebot.ports.clock import Clock
from voicebot.ports.crm import Crm
from voicebot.ports.watch import FAILED, Watch, Work

Outcome = CallerIdentified | ExistingFound | SecretChecked | DetailsFetched

MOST_ASKED_AFAR = 3  # where the company's own system is asked: each is a request
LONGEST_LOOK = timedelta(seconds=1.5)  # for several values; whoever waits longer had better be asked

log = structlog.get_logger(__name__)


class ErrandRunner:
    """Knows every kind of errand. Never raises: what fails is *unavailable*, and says so to the caller."""

    def __init__(self, crm: Crm, clock: Clock, watch: Watch) -> None:
        self._crm, self._clock, self._watch = crm, clock, watch

    def outcome(self, errand: Errand, key: str = "") -> Outcome:
        """Do it. Blocks for as long as the back end may take. `key` names a check."""
        with self._watch.piece(Work.ERRAND, type(errand).__name__) as piece:
            try:
                outcome = self._ask(errand, key)
                piece.result = _told(outcome)
                return outcome
            except Exception as trouble:  # noqa: BLE001 - a failure ends at an agent, never in a dead line
                # The port promises not to raise; if it does all the same, the caller must still go on. No text of the
                # exception is logged: it may quote what was asked.
                log.error("errand failed", errand=type(errand).__name__, trouble=type(trouble).__name__)
                piece.result = FAILED
                return unavailable(errand, self._clock.now())

    def _ask(self, errand: Errand, key: str) -> Outcome:
        match errand:
            case IdentifyCaller(errand=number, by=by, value=value, within=within):
                found = self._crm.identify(by, value, within)
                return CallerIdentified(self._clock.now(), number, found.result, found.customer, found.separators)
            case FindExisting():
                return self._existing(errand)
            case CheckSecret(errand=number, claim=claim, field=field, secret=secret):
                verdict = self._crm.check_secret(claim, field, secret, key)
                return SecretChecked(self._clock.now(), number, verdict)
            case FetchDetails(errand=number, ref=ref, names=names):
                details = self._crm.details(ref, names).details
                known = tuple((details or {}).items())
                return DetailsFetched(self._clock.now(), number, details is not None, known)


    def _existing(self, errand: FindExisting) -> ExistingFound:
        """The likeliest in turn, as many as may be; none where one would be found by chance, or where it takes long."""
        began = self._clock.now()
        counted = self._crm.customers(errand.by)
        most = how_many_to_look_for(max(errand.customers, counted or 0), min(map(len, errand.values)))
        if counted is None:
            most = min(most, MOST_ASKED_AFAR)
        if not most:
            return ExistingFound(began, errand.errand, looked=False)
        found = []
        for value in errand.values[:most]:
            result = self._crm.identify(errand.by, value).result
            if result is IdentifyResult.UNAVAILABLE or self._clock.now() - began > LONGEST_LOOK:
                return ExistingFound(self._clock.now(), errand.errand, looked=False)
            found += [value] if result in (IdentifyResult.FOUND, IdentifyResult.SEVERAL) else []
        return ExistingFound(self._clock.now(), errand.errand, looked=True, values=tuple(found))


def _told(outcome: Outcome) -> str:
    match outcome:
        case CallerIdentified(result=result):
            return result.value
        case ExistingFound(looked=looked, values=values):
            return str(len(values)) if looked else "unavailable"
        case SecretChecked(verdict=verdict):
            return verdict.value
        case DetailsFetched(available=available):
            return "fetched" if available else "unavailable"


def unavailable(errand: Errand, at: datetime) -> Outcome:
    """The outcome of an errand that could not be run to its end. A secret may or may not have been checked."""
    match errand:
        case IdentifyCaller(errand=number):
            return CallerIdentified(at, number, IdentifyResult.UNAVAILABLE)
        case FindExisting(errand=number):
            return ExistingFound(at, number, looked=False)
        case CheckSecret(errand=number):
            return SecretChecked(at, number, SecretVerdict.TIMED_OUT)
        case FetchDetails(errand=number):
            return DetailsFetched(at, number, available=False)
