"""How many parts a short message is sent in."""

import pytest

from voicebot.messages.segments import Length, length


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello", Length(5, 160, 1)),
        ("x" * 160, Length(160, 160, 1)),
        ("x" * 161, Length(161, 153, 2)),
        ("x" * 306, Length(306, 153, 2)),
        ("x" * 307, Length(307, 153, 3)),
        ("10 €", Length(5, 160, 1)),  # two places
        ("x" * 159 + "€", Length(161, 153, 2)),
        ("x" * 152 + "€" + "x" * 152, Length(306, 153, 3)),  # never cut in two
        ("æøåÆØÅ é à ñ", Length(12, 160, 1)),
        ("ê", Length(1, 70, 1, "ê")),
        ("안녕" * 35, Length(70, 70, 1, "안녕")),
        ("안" * 71, Length(71, 67, 2, "안")),
        ("👍", Length(2, 70, 1, "👍")),
        ("👍" * 34, Length(68, 70, 1, "👍")),
        ("👍" * 67, Length(134, 67, 3, "👍")),  # 33 in each part
    ],
)
def test_parts_are_counted_as_telephones_do(text: str, expected: Length) -> None:
    assert length(text) == expected
