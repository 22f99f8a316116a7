"""Cells that a spreadsheet would take for a formula: guarded with an apostrophe on the way out, freed of it on the way in."""

import re

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


def guarded(cell: str) -> str:
    """A cell that every spreadsheet shows and none computes."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """The cell as it was before `guarded`, so that an exported file can be imported again."""
    return cell[1:] if _GUARDED.match(cell) else cell
