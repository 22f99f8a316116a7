"""What a prompt's text may be, wherever it was written. Decides nothing about which prompts there must be."""

import re

PLACE = re.compile(r"\{([a-z_]+)\}")
LONGEST_TEXT = 1000
MOST_VARIANTS = 10


def fault_of_text(text: str) -> str:
    """What is wrong with one wording, in words; empty if nothing is."""
    if len(text) > LONGEST_TEXT:
        return f"is longer than {LONGEST_TEXT} characters"
    if set("{}") & set(PLACE.sub("", text)):
        return "has a brace that is no place; a place is written {name}"
    if any(sign < " " or sign == "\x7f" for sign in text):
        return "has a sign in it that cannot be spoken, like the end of a line"
    return ""
