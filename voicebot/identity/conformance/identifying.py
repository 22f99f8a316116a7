"""Rules of `identify` and `details`. Each raises Broken or NotTestable, or returns a word on what was seen."""

from voicebot.identity import answers
from voicebot.identity.conformance.probe import Broken, NotTestable, Probe

NO_SUCH_FIELD = "no_such_field_here"


def found(probe: Probe) -> str:
    """A known identifier finds its customer."""
    known = probe.customer()
    if known.identifier != probe.known.known:
        raise Broken("`identifier` is not the identifier that was asked for")
    return "with a name" if known.name else "without a name"


def found_by_ani(probe: Probe) -> str:
    """A calling number finds its customer."""
    if not probe.known.ani:
        raise NotTestable("needs ani, a number that one customer has")
    answer = probe.identify("ani", probe.known.ani)
    if not isinstance(answer, answers.Found):
        raise Broken(f"found was due, {_word(answer)} came")
    return ""


def not_found(probe: Probe) -> str:
    """An identifier that nobody has is not found."""
    for by, value in ((probe.known.identifier_field, probe.known.nobody), ("ani", "+999999999999999")):
        answer = probe.identify(by, value)
        if not isinstance(answer, answers.NotFound):
            raise Broken(f"not_found was due for {by}, {_word(answer)} came")
    return ""


def several(probe: Probe) -> str:
    """A calling number that several customers share names none of them."""
    if not probe.known.shared_ani:
        raise NotTestable("needs shared_ani, a number that two customers have")
    answer = probe.identify("ani", probe.known.shared_ani)
    if not isinstance(answer, answers.Several):
        raise Broken(f"several was due, {_word(answer)} came")
    return f"{answer.count} of them"


def told_apart(probe: Probe) -> str:
    """`within` names several customers; an identifier then finds one of them, and nobody else."""
    if not probe.known.shared_ani or not probe.known.sharer:
        raise NotTestable("needs shared_ani, and sharer, an identifier of one of them")
    within = {"field": "ani", "value": probe.known.shared_ani}
    if not isinstance(one := probe.identify(probe.known.identifier_field, probe.known.sharer, within), answers.Found):
        raise Broken(f"found was due for one of them, {_word(one)} came")
    if not isinstance(other := probe.identify(probe.known.identifier_field, probe.known.known, within), answers.NotFound):
        raise Broken(f"not_found was due for somebody else, {_word(other)} came")
    return ""


def line_and_call(probe: Probe) -> str:
    """`line` and `call` may stand in a question; they change nothing."""
    answer = probe.identify(probe.known.identifier_field, probe.known.known, None, line="billing", call="c-1")
    if not isinstance(answer, answers.Found):
        raise Broken(f"found was due, {_word(answer)} came")
    return ""


def unknown_field(probe: Probe) -> str:
    """A field that the back end does not have is refused, not searched in vain."""
    probe.refused(probe.ask("identify", {"field": NO_SUCH_FIELD, "value": probe.known.known}), 422)
    return ""


def malformed_request(probe: Probe) -> str:
    """What is not in the contract is refused: no JSON, no object, a field missing."""
    for body in (b"{", b"[]", b'{"field": "ani"}', b'{"field": "ani", "value": 4}'):
        probe.refused(probe.send("identify", body), 400, 422)
    return ""


def post_only(probe: Probe) -> str:
    """Nothing is answered to GET: numbers do not belong into addresses."""
    probe.refused(probe.send("identify", b"", method="GET"), 405, 404)
    return ""


def details(probe: Probe) -> str:
    """A verified customer's details are told."""
    names = [name for name in (probe.known.public_detail, probe.known.private_detail) if name]
    if not names:
        raise NotTestable("needs public_detail or private_detail, names that the known customer has")
    answer = probe.details(probe.customer().ref, names, "verified")
    if not isinstance(answer, answers.Answered) or answer.refused or set(answer.values) != set(names):
        raise Broken("a verified customer was not told all of them, or more")
    return ", ".join(names)


def assurance(probe: Probe) -> str:
    """A private detail is refused, and listed, where the caller is only identified."""
    if not probe.known.private_detail:
        raise NotTestable("needs private_detail, a name for verified callers only")
    names = [name for name in (probe.known.private_detail, probe.known.public_detail) if name]
    answer = probe.details(probe.customer().ref, names, "identified")
    if not isinstance(answer, answers.Answered):
        raise Broken(f"answered was due, {_word(answer)} came")
    if probe.known.private_detail in answer.values:
        raise Broken("a private detail was told to a caller who was only identified")
    if {one.name: one.needs for one in answer.refused} != {probe.known.private_detail: "verified"}:
        raise Broken("the private detail must be listed in `refused`, with needs = verified, and nothing else")
    return ""


def unknown_detail(probe: Probe) -> str:
    """A detail that the back end does not have is refused."""
    body = {"ref": probe.customer().ref, "names": [NO_SUCH_FIELD], "assurance": "verified"}
    probe.refused(probe.ask("details", body), 422)
    return ""


def unknown_ref(probe: Probe) -> str:
    """Details of nobody are not found."""
    names = [probe.known.public_detail or probe.known.private_detail]
    if not names[0]:
        raise NotTestable("needs public_detail or private_detail")
    if not isinstance(probe.details("no-such-customer", names, "verified"), answers.NotFound):
        raise Broken("not_found was due")
    return ""


def _word(answer: answers.IdentifyAnswer | answers.DetailsAnswer) -> str:
    return str(answer.__struct_config__.tag)
