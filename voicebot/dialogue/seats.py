"""Who hears whom in the room of a call: the one place that says it, so that the line can be brought to it again and again."""

from dataclasses import dataclass

from voicebot.dialogue.call import Call
from voicebot.dialogue.values import Party, Supervision

CALLER = ""  # whose seat it is: the caller's, or the leg of this reservation


@dataclass(frozen=True)
class Seat:
    """How somebody sits in a room. `coached`: whose ear alone hears them (a reservation); empty: everybody's, unless muted.

    None: that is nothing which ever changes for them.
    """

    held: bool | None = None
    muted: bool | None = None
    coached: str | None = None


def absent(call: Call) -> tuple[str, ...]:
    """Legs that are wanted in the room and of which nobody has said that they came in."""
    serving = call.serving
    if serving is None:
        return ()
    consult, names = serving.consult, {Party.CALLER: CALLER, Party.AGENT: serving.reservation}
    missing = [name for party, name in names.items() if party not in serving.present]
    missing += [consult.reservation] if consult is not None and consult.reservation and not consult.present else []
    return (*missing, *(one.leg for one in serving.supervisors if not one.present))


def seats(call: Call) -> dict[str, Seat]:
    """Everybody's seat, by leg. Whoever is not in the call has none."""
    serving = call.serving
    if serving is None:
        return {}
    # An agent hears music while the caller is away; with one who never was, nothing of that ever changes.
    away = (call.step_up is not None and call.step_up.under_way) if call.step_ups else None
    found = {CALLER: Seat(held=serving.hold is not None), serving.reservation: Seat(held=away, muted=serving.muted)}
    if serving.consult is not None and serving.consult.reservation:
        found[serving.consult.reservation] = Seat()
    for one in serving.supervisors:
        found[one.leg] = Seat(
            muted=one.supervision is Supervision.SILENT,
            coached=serving.reservation if one.supervision is Supervision.COACHING else "",
        )
    return found
