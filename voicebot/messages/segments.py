"""How many parts a short message is sent in. Source: 3GPP TS 23.038 (alphabets), TS 23.040 (parts)."""

from dataclasses import dataclass

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("\f^{}\\[~]|€")  # two places each
SEVEN_BITS, SIXTEEN_BITS = (160, 153), (70, 67)  # alone, and as one part of several


@dataclass(frozen=True)
class Length:
    """`places` used of `each`, in so many `parts`. `odd`: the characters that make it longer, each once."""

    places: int
    each: int
    parts: int
    odd: str = ""


def length(text: str) -> Length:
    """Of a text that is not empty. One character that the small alphabet lacks makes all of it 16 bits wide."""
    odd = "".join(dict.fromkeys(one for one in text if one not in BASIC and one not in EXTENDED))
    if odd:
        return _parts([2 if ord(one) > 0xFFFF else 1 for one in text], SIXTEEN_BITS, odd)
    return _parts([2 if one in EXTENDED else 1 for one in text], SEVEN_BITS, "")


def _parts(widths: list[int], sizes: tuple[int, int], odd: str) -> Length:
    """A character that takes two places is never cut in two."""
    alone, several = sizes
    places = sum(widths)
    if places <= alone:
        return Length(places, alone, 1, odd)
    parts, room = 1, several
    for width in widths:
        if width > room:
            parts, room = parts + 1, several
        room -= width
    return Length(places, several, parts, odd)
