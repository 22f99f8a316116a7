"""Rules of access: what is not ours, not fresh or not whole is refused with 401 before it is looked at."""

import msgspec

from voicebot.identity.conformance.probe import Probe, new_key
from voicebot.ports.signed_requests import WINDOW

LATE = WINDOW + 60.0


def unsigned(probe: Probe) -> str:
    """A request without proof of who asks is refused."""
    probe.refused(probe.send_as("identify", _question(probe), {}), 401)
    return ""


def wrong_signature(probe: Probe) -> str:
    """A request signed with another secret, or with a token that was never given, is refused."""
    if probe.signing is None:
        proof = {"Authorization": "Bearer not-a-token-of-yours"}
    else:
        proof = probe.headers("identify", _question(probe), by=probe.signed_by(secret=probe.signing.secret[::-1]))
    probe.refused(probe.send_as("identify", _question(probe), proof), 401)
    return ""


def unknown_key_id(probe: Probe) -> str:
    """A key id that was never agreed is refused."""
    proof = probe.headers("identify", _question(probe), by=probe.signed_by(key_id="nobodys-key"))
    probe.refused(probe.send_as("identify", _question(probe), proof), 401)
    return ""


def body_is_signed(probe: Probe) -> str:
    """A body that was changed after it was signed is refused."""
    proof = probe.headers("identify", _question(probe), by=probe.signed_by())
    probe.refused(probe.send_as("identify", _question(probe) + b" ", proof), 401)
    return ""


def path_is_signed(probe: Probe) -> str:
    """A signature for another address is refused."""
    proof = probe.headers("details", _question(probe), by=probe.signed_by())
    probe.refused(probe.send_as("identify", _question(probe), proof), 401)
    return ""


def key_is_signed(probe: Probe) -> str:
    """An idempotency key that was put in after signing is refused."""
    signer = probe.signed_by()
    right, _ = probe.secrets()
    claim = {"field": probe.known.identifier_field, "value": probe.known.known}
    body = msgspec.json.encode({"claim": claim, "field": probe.known.secret_field, "secret": right.reveal()})
    probe.refused(probe.send_as("validate", body, probe.headers("validate", body, by=signer), new_key()), 401)
    return ""


def stale(probe: Probe) -> str:
    """A request from more than five minutes ago is refused."""
    proof = probe.headers("identify", _question(probe), by=probe.signed_by(later=-LATE))
    probe.refused(probe.send_as("identify", _question(probe), proof), 401)
    return ""


def early(probe: Probe) -> str:
    """A request from more than five minutes ahead is refused."""
    proof = probe.headers("identify", _question(probe), by=probe.signed_by(later=LATE))
    probe.refused(probe.send_as("identify", _question(probe), proof), 401)
    return ""


def replayed(probe: Probe) -> str:
    """The same request once more, with the same request id, is refused."""
    proof = probe.headers("identify", _question(probe), by=probe.signed_by())
    probe.refused(probe.send_as("identify", _question(probe), proof), 200)
    probe.refused(probe.send_as("identify", _question(probe), proof), 401)
    return ""


def clock_may_differ(probe: Probe) -> str:
    """A clock that is four minutes off is good enough."""
    for seconds in (-240.0, 240.0):
        proof = probe.headers("identify", _question(probe), by=probe.signed_by(later=seconds))
        probe.refused(probe.send_as("identify", _question(probe), proof), 200)
    return ""


def _question(probe: Probe) -> bytes:
    return msgspec.json.encode({"field": probe.known.identifier_field, "value": probe.known.known})
