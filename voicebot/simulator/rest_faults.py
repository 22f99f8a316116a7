"""What goes wrong on purpose with a request to the REST API: refused before it is done, or done and never answered."""

from voicebot.simulator.exchange import LiveCall
from voicebot.simulator.fetching import stale
from voicebot.simulator.leg import Leg
from voicebot.simulator.mishaps import RestFate
from voicebot.simulator.party import Step
from voicebot.simulator.resources import ApiError

_REFUSALS = {
    RestFate.BUSY: (429, 20429, "Too Many Requests"),
    RestFate.NOT_IN_PROGRESS: (400, 21220, "Call is not in-progress. Cannot redirect."),
    RestFate.FAILED: (500, 20500, "Internal Server Error"),
}


class NeverAnswered(Exception):
    """Raised when a request has been done and nobody is to learn it."""


def meets(call: LiveCall | None, kind: str) -> RestFate:
    """What this request about a robot's call meets with. Raises ApiError where it is refused."""
    fate = RestFate.WELL if call is None else call.caller.strikes.request(kind)
    refuses(fate)
    return fate


def refuses(fate: RestFate) -> None:
    """Raises ApiError where this is a refusal."""
    if fate in _REFUSALS:
        raise ApiError(*_REFUSALS[fate])


def push(leg: Leg, step: Step, fate: RestFate) -> None:
    """Redirect a leg, as it was to happen."""
    if fate is RestFate.STALE:
        stale(leg)
    if fate is not RestFate.LOST:
        leg.redirect(step, fate)


def done(fate: RestFate) -> None:
    """It has been done. Raises NeverAnswered where nobody is to learn it."""
    if fate is RestFate.UNANSWERED:
        raise NeverAnswered
