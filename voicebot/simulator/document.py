"""Reads a TwiML document strictly: what the telephone company would only warn about is a flaw here. Performs nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from voicebot.simulator.vocabulary import SPEECH_MARKUP, UNPERFORMED, WORDS, Word

NOT_XML = 12100
WRONG_ROOT = 12102
SCHEMA = 12200
UNPERFORMABLE = 12299
LONGEST_SAY = 4096
LONGEST_DOCUMENT = 65536
LONGEST_PARAMETER = 500
MOST_AT_ONCE = 40  # documents in a row that take no call time: a loop that only a twin would notice at once


@dataclass(frozen=True)
class Flaw:
    """Something wrong with a document: Twilio's error number and what it is about."""

    code: int
    what: str


@dataclass(frozen=True)
class Verb:
    """A verb or noun: only attributes that are known and good are in it."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    inside: tuple["Verb", ...] = ()

    def flag(self, name: str, otherwise: bool) -> bool:
        """A true/false attribute."""
        return self.attributes.get(name, "true" if otherwise else "false") == "true"

    def number(self, name: str, otherwise: int) -> int:
        """A whole-number attribute."""
        return int(self.attributes.get(name, otherwise))


@dataclass(frozen=True)
class Document:
    """What a leg is to do, and what is wrong with it. A document that is not TwiML at all has `unreadable` set."""

    verbs: tuple[Verb, ...] = ()
    flaws: tuple[Flaw, ...] = ()
    unreadable: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The verbs' names, with a noun where it tells more: `Dial/Conference`, `Start/Stream`, `Gather`."""
        told = ("Dial", "Start", "Stop", "Connect")
        return tuple("/".join((verb.name, *(noun.name for noun in verb.inside if verb.name in told))) for verb in self.verbs)


@dataclass
class AtOnce:
    """How many documents a leg has been given while it did not wait for anything. `waits` counts how often it has."""

    count: int = 0
    waits: int = 0

    def endless(self, waits: int) -> bool:
        """One document more: whether that is too many."""
        self.count, self.waits = (self.count + 1, waits) if waits == self.waits else (1, waits)
        return self.count > MOST_AT_ONCE


def read_document(text: bytes, content_type: str = "text/xml") -> Document:
    """Read an answer's body. Raises nothing: whatever is wrong is in the result."""
    kind = content_type.partition(";")[0].strip().lower()
    if len(text) > LONGEST_DOCUMENT:
        too_long = Flaw(11750, f"a document of {len(text)} bytes; the limit is {LONGEST_DOCUMENT}")
        return Document(flaws=(too_long,), unreadable=True)
    if kind not in ("text/xml", "application/xml", "text/html", "text/plain"):
        return Document(flaws=(Flaw(12300, f"content type {kind or '(none)'} is not TwiML's"),), unreadable=True)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(text, parser)
    except (etree.XMLSyntaxError, ValueError) as wrong:
        return Document(flaws=(Flaw(NOT_XML, f"not XML: {wrong}"),), unreadable=True)
    if root.tag != "Response":
        return Document(flaws=(Flaw(WRONG_ROOT, f"the root is <{root.tag}>, not <Response>"),), unreadable=True)
    flaws: list[Flaw] = []
    if kind in ("text/html", "text/plain"):
        flaws.append(Flaw(12300, f"TwiML was sent as {kind}; an error page would be read aloud"))
    flaws += [Flaw(SCHEMA, f"<Response> has no attribute {name}") for name in root.attrib]
    if _own_text(root).strip():
        flaws.append(Flaw(SCHEMA, "there is text outside of any verb"))
    verbs = tuple(_read(child, "Response", flaws) for child in _elements(root, flaws))
    return Document(tuple(verb for verb in verbs if verb is not None), tuple(flaws))


def _elements(element: etree._Element, flaws: list[Flaw]) -> Iterator[etree._Element]:
    for child in element:
        if isinstance(child.tag, str):
            yield child
        elif not isinstance(child, etree._Comment):  # noqa: SLF001  lxml has no other name for it
            flaws.append(Flaw(SCHEMA, f"<{element.tag}> holds something that is neither a verb nor a comment"))


def _own_text(element: etree._Element) -> str:
    return (element.text or "") + "".join(child.tail or "" for child in element)


def _read(element: etree._Element, parent: str, flaws: list[Flaw]) -> Verb | None:
    name = str(element.tag)
    word = WORDS.get(name)
    if word is None:
        flaws.append(Flaw(SCHEMA, f"there is no <{name}> in TwiML"))
        return None
    if parent not in word.within:
        flaws.append(Flaw(SCHEMA, f"<{name}> cannot stand in <{parent}>"))
        return None
    if name in UNPERFORMED:
        flaws.append(Flaw(UNPERFORMABLE, f"the twin cannot perform <{name}>"))
    attributes = _attributes(element, name, word, flaws)
    if word.any_text:
        _check_markup(element, flaws)
        text = " ".join("".join(str(part) for part in element.itertext()).split())
        inside: tuple[Verb, ...] = ()
    else:
        text = _own_text(element).strip()
        inside = tuple(verb for child in _elements(element, flaws) if (verb := _read(child, name, flaws)) is not None)
        if text and not word.text:
            flaws.append(Flaw(SCHEMA, f"<{name}> takes no text"))
    verb = Verb(name, attributes, text, inside)
    flaws.extend(_own_rules(verb, parent))
    return verb


def _attributes(element: etree._Element, name: str, word: Word, flaws: list[Flaw]) -> dict[str, str]:
    good: dict[str, str] = {}
    for key, value in element.attrib.items():
        known = word.attributes.get(str(key))
        if known is None:
            flaws.append(Flaw(SCHEMA, f"<{name}> has no attribute {key}"))
        elif not known.fits(str(value)):
            flaws.append(Flaw(SCHEMA, f"<{name} {key}> must be {known.expects}"))
        else:
            good[str(key)] = str(value)
    flaws.extend(Flaw(SCHEMA, f"<{name}> needs the attribute {key}") for key in word.needs if key not in element.attrib)
    return good


def _check_markup(element: etree._Element, flaws: list[Flaw]) -> None:
    for child in _elements(element, flaws):
        known = SPEECH_MARKUP.get(str(child.tag))
        if known is None:
            flaws.append(Flaw(SCHEMA, f"<{child.tag}> cannot stand in <Say>"))
            continue
        for key, value in child.attrib.items():
            if str(key) not in known or not known[str(key)].fits(str(value)):
                flaws.append(Flaw(SCHEMA, f"<{child.tag} {key}> is not known, or not so"))
        _check_markup(child, flaws)


def _own_rules(verb: Verb, parent: str) -> Iterator[Flaw]:
    """What a table cannot say: rules between attributes, text and place."""
    match verb.name:
        case "Say" if not verb.text:
            yield Flaw(13520, "<Say> has nothing to say")
        case "Say" if len(verb.text) > LONGEST_SAY:
            yield Flaw(13520, f"<Say> takes {LONGEST_SAY} characters, not {len(verb.text)}")
        case "Play" if not verb.text and "digits" not in verb.attributes:
            yield Flaw(13420, "<Play> has nothing to play")
        case "Gather" if "speech" in verb.attributes.get("input", "dtmf"):
            yield Flaw(UNPERFORMABLE, "the twin cannot recognise speech in <Gather>")
        case "Redirect" if not verb.text:
            yield Flaw(11100, "<Redirect> without a URL")
        case "Dial" if not verb.text and not verb.inside:
            yield Flaw(13201, "<Dial> has nobody to dial")
        case "Conference" if not 1 <= len(verb.text) <= 128:
            yield Flaw(13212, "a <Conference> has a name of 1 to 128 characters")
        case "Number" if not verb.text.lstrip("+").isdecimal():
            yield Flaw(13223, "<Number> holds no telephone number")
        case "Connect" if [noun.name for noun in verb.inside] != ["Stream"]:
            yield Flaw(UNPERFORMABLE, "the twin connects a call to exactly one <Stream>")
        case "Stream" if parent == "Stop" and "name" not in verb.attributes:
            yield Flaw(SCHEMA, "<Stop><Stream> needs the attribute name")
        case "Stream" if parent != "Stop" and "url" not in verb.attributes:
            yield Flaw(31923, "<Stream> has no usable url")
        case "Stream" if "?" in verb.attributes.get("url", ""):
            yield Flaw(31920, "a <Stream> URL takes no query string; use <Parameter>")
        case "Parameter" if len(verb.attributes.get("name", "") + verb.attributes.get("value", "")) >= LONGEST_PARAMETER:
            yield Flaw(SCHEMA, f"a <Parameter>'s name and value together must be under {LONGEST_PARAMETER} characters")
