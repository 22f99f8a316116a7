"""Rules of `validate`. They use the known customer and follow every wrong try by a right one, so that nothing is locked by them
but the account of `lockable`.
"""

from statistics import median

from voicebot.identity.conformance.probe import Broken, NotTestable, Probe, new_key

REPEATS = 12  # more than any account may be tried before it is locked
TRIES_TO_LOCK = 20
SAMPLES = 9
LEAST_GAP, SHARE = 0.008, 0.4  # seconds, and of the slower one: less is chance


def matched(probe: Probe) -> str:
    """The right secret matches, by `ref` and by field and value."""
    right, _ = probe.secrets()
    for claim in ({"ref": probe.customer().ref}, _named(probe)):
        _due(probe.validate(claim, right), "matched")
    return ""


def mismatched(probe: Probe) -> str:
    """A wrong secret does not match."""
    right, wrong = probe.secrets()
    _due(probe.validate(_named(probe), wrong), "mismatched")
    _due(probe.validate(_named(probe), right), "matched")
    return ""


def not_set(probe: Probe) -> str:
    """A customer without a secret is told apart from a wrong one."""
    _, wrong = probe.secrets()
    if not probe.known.without_secret:
        raise NotTestable("needs without_secret, a customer who has none")
    _due(probe.validate(_named(probe, probe.known.without_secret), wrong), "not_set")
    return ""


def unknown_claim(probe: Probe) -> str:
    """Nobody learns here who is a customer: an unknown claim is a mismatch."""
    _, wrong = probe.secrets()
    for claim in (_named(probe, probe.known.nobody), {"ref": "no-such-customer"}):
        _due(probe.validate(claim, wrong), "mismatched")
    return ""


def unknown_secret_field(probe: Probe) -> str:
    """A kind of secret that the back end does not have is refused."""
    right, _ = probe.secrets()
    body = {"claim": _named(probe), "field": "no_such_secret", "secret": right.reveal()}
    probe.refused(probe.ask("validate", body, new_key()), 422)
    return ""


def key_needed(probe: Probe) -> str:
    """A check without an idempotency key is refused."""
    right, _ = probe.secrets()
    body = {"claim": _named(probe), "field": probe.known.secret_field, "secret": right.reveal()}
    probe.refused(probe.ask("validate", body), 400, 422)
    return ""


def key_repeated(probe: Probe) -> str:
    """A repeated key gets the first answer again, whatever it comes with: nothing is checked twice."""
    right, wrong = probe.secrets()
    key = new_key()
    _due(probe.validate(_named(probe), wrong, key), "mismatched")
    again = [probe.validate(_named(probe), wrong, key), probe.validate(_named(probe), right, key)]
    if again != ["mismatched", "mismatched"]:
        raise Broken(f"the first answer was mismatched, repeats of its key gave {again[0]} and {again[1]}")
    _due(probe.validate(_named(probe), right), "matched")
    return ""


def counted_once(probe: Probe) -> str:
    """Repeats of a key count as one attempt."""
    right, wrong = probe.secrets()
    key = new_key()
    for _ in range(REPEATS):
        probe.validate(_named(probe), wrong, key)
    verdict = probe.validate(_named(probe), right)
    if verdict != "matched":
        raise Broken(f"one wrong secret, sent {REPEATS} times with one key, and then the right one: {verdict}")
    return ""


def locked(probe: Probe) -> str:
    """A locked account is said to be locked, again and again, whatever the secret."""
    right, wrong = probe.secrets()
    if not probe.known.lockable:
        raise NotTestable("needs lockable, a customer whose account may be locked by this")
    for _ in range(TRIES_TO_LOCK):
        if probe.validate(_named(probe, probe.known.lockable), wrong) == "locked":
            break
    else:
        raise NotTestable(f"{TRIES_TO_LOCK} wrong secrets did not lock the account; Voicebot's own limits hold all the same")
    _due(probe.validate(_named(probe, probe.known.lockable), right), "locked")
    return ""


def equal_work(probe: Probe) -> str:
    """An account that does not exist takes as long as one that does."""
    right, wrong = probe.secrets()
    times: dict[str, list[float]] = {probe.known.known: [], probe.known.nobody: []}
    for _ in range(SAMPLES):
        for value, secret in ((probe.known.known, right), (probe.known.nobody, wrong)):
            probe.validate(_named(probe, value), secret)
            times[value].append(probe.seen[-1].seconds)
    here, nobody = (median(some) for some in times.values())
    if abs(here - nobody) > max(LEAST_GAP, SHARE * max(here, nobody)):
        raise Broken(
            f"known accounts take {here * 1000:.0f} ms, unknown ones {nobody * 1000:.0f} ms: that tells who is a customer"
        )
    return f"{here * 1000:.0f} and {nobody * 1000:.0f} ms"


def _named(probe: Probe, value: str = "") -> dict[str, str]:
    return {"field": probe.known.identifier_field, "value": value or probe.known.known}


def _due(came: str, due: str) -> None:
    if came != due:
        raise Broken(f"{due} was due, {came} came")
