"""What the carrier gets back, whatever happens: a document, or a plain acknowledgement. Never a 500 on a live leg.

In trouble the caller goes to an agent as *not verified*; if not even that can be decided, the static document dials the operator.
"""

from collections.abc import Callable

import structlog
from flask import Response, request

from voicebot.dialogue.events import TroubleMet
from voicebot.errors import ImpossibleEvent
from voicebot.ports.clock import Clock
from voicebot.switchboard.plan import Turned
from voicebot.telephony.attention import Attention
from voicebot.telephony.exchange import Exchange
from voicebot.telephony.fallback import agent_fallback, caller_fallback, silence
from voicebot.telephony.settings import TelephonySettings
from voicebot.telephony.twiml import Documents

log = structlog.get_logger(__name__)


class Answers:
    """Turns what was decided, or failed to be, into responses."""

    def __init__(
        self, settings: TelephonySettings, exchange: Exchange, documents: Documents, attention: Attention, clock: Clock
    ) -> None:
        self._settings = settings
        self._exchange = exchange
        self._documents = documents
        self._attention = attention
        self._clock = clock

    def to_caller(
        self, decide: Callable[[], Turned], *, where: str, key: str, call_id: str | None,
        at_last: Callable[[], Response] | None = None,
    ) -> Response:  # fmt: skip
        """The caller's next document. `key` names the request, so that a repeat in trouble gets the same trouble.

        `at_last`: what is said where nothing can be decided, if not what a caller hears then.
        """
        try:
            return self._caller_document(decide())
        except Exception as failure:  # noqa: BLE001  # every failure ends at an agent
            log.error("answer failed", where=where, failure=type(failure).__name__)
        try:
            known = call_id or self._exchange.call_of_leg(leg_id())
            if known is not None:
                trouble = TroubleMet(self._clock.now(), where)
                return self._caller_document(self._exchange.handle(known, trouble, key=f"trouble:{key}"))
        except Exception as failure:  # noqa: BLE001  # the static document needs nothing that could fail
            log.error("trouble failed", where=where, failure=type(failure).__name__)
        return self.sorry() if at_last is None else at_last()

    def to_agent(self, decide: Callable[[], Turned], *, where: str, reservation: str) -> Response:
        """The agent's next document. In trouble the leg ends; its final status then frees the reservation."""
        try:
            return twiml(self._documents.for_agent(decide(), reservation))
        except Exception as failure:  # noqa: BLE001  # the caller waits on, and the next agent is asked
            log.error("answer failed", where=where, failure=type(failure).__name__)
            return twiml(agent_fallback(self._settings))

    def music(self, decide: Callable[[], Turned]) -> Response:
        """What somebody on hold hears. In trouble silence, for a little while."""
        try:
            return twiml(self._documents.for_hold(decide()))
        except Exception as failure:  # noqa: BLE001  # silence is better than an apology that nobody asked for
            log.error("answer failed", where="hold", failure=type(failure).__name__)
            return twiml(silence())

    def told(self, tell: Callable[[], object], *, where: str) -> Response:
        """News that wants no document. In trouble 503, which the carrier repeats; what can never be true is not repeated."""
        try:
            tell()
        except ImpossibleEvent:
            log.info("news of the past", where=where)
        except Exception as failure:  # noqa: BLE001  # said in a status, not by a traceback
            log.error("news failed", where=where, failure=type(failure).__name__)
            return Response(status=503)
        return Response(status=204)

    def sorry(self) -> Response:
        """The static document for a caller."""
        return twiml(caller_fallback(self._settings.emergency_number, self._settings.language, self._settings.voice))

    def _caller_document(self, turned: Turned) -> Response:
        document = self._documents.for_caller(turned, leg_id())
        self._attention.follow(turned)
        return twiml(document)


def twiml(document: str) -> Response:
    """A document for the carrier; nobody keeps it."""
    response = Response(document, content_type="text/xml; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response


def leg_id() -> str:
    """The carrier's id of the leg that this request is about."""
    return request.form.get("CallSid", "")
