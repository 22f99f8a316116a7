"""What a run of mutmut came to, as the table of docs/benchmarks/mutation.md: `python -m tests.mutation_score` after `mutmut run`.

Reads what mutmut leaves in `mutants/`. A mutant counts as noticed if a test failed or ran out of time.
"""

import json
import sys
from collections import Counter
from pathlib import Path

MUTANTS = Path(__file__).resolve().parents[1] / "mutants"
KINDS = {0: "survived", 1: "noticed", 3: "noticed", 33: "not run", None: "not tried"}  # exit statuses of pytest and of mutmut
LATE = "noticed"  # any other: the process was ended for its time


def main() -> int:
    """Print a line for each file, and for all."""
    found = {meta.relative_to(MUTANTS).with_suffix(""): tally(meta) for meta in sorted(MUTANTS.rglob("*.py.meta"))}
    found = {path: counts for path, counts in found.items() if counts}
    if not found:
        sys.stdout.write("There are no mutants: run `mutmut run` first (docs/benchmarks/mutation.md)\n")
        return 1
    lines = [line(f"`{path}`", counts) for path, counts in found.items()]
    lines.append(line("all", sum(found.values(), Counter())))
    sys.stdout.write("| | Mutants | Noticed | Survived | In processes of their own | Noticed, share |\n|-|-|-|-|-|-|\n")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def tally(meta: Path) -> Counter[str]:
    """How many mutants of a file came to what."""
    statuses = json.loads(meta.read_text("utf-8"))["exit_code_by_key"].values()
    return Counter(KINDS.get(status, LATE) for status in statuses)


def line(name: str, counts: Counter[str]) -> str:
    """A row of the table. What was not tried yet is in no share, and is said."""
    tried = sum(counts.values()) - counts["not tried"]
    share = f"{100 * counts['noticed'] / tried:.1f}%" if tried else "–"
    more = f" ({counts['not tried']} not tried)" if counts["not tried"] else ""
    return f"| {name} | {tried}{more} | {counts['noticed']} | {counts['survived']} | {counts['not run']} | {share} |"


if __name__ == "__main__":
    sys.exit(main())
