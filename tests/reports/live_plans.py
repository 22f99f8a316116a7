"""What the callers and agents of a small day are to do, and the company that they call."""

from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
AGENTS = 7
SKILLS = {4: "claims", 5: "claims", 6: "delivery"}  # of whoever is not there for billing
PEOPLE = (("40719238", "493817"), ("58260417", "270694"))
SUPPORT, BALANCE, NIGHT, EMPTY = "+12025550120", "+12025550140", "+12025550150", "+12025550160"
NAMES = {SUPPORT: "support", BALANCE: "balance", NIGHT: "night", EMPTY: "empty"}
QUEUES = {EMPTY: "delivery"}  # whose agent is at home; the others wait for billing
CODES = ("paid", "moved", "other")
IN_TIME, EARLY = 20.0, 5.0  # seconds, as in the shipped settings
CARD = ("4242424242424242", "1229", "123")
SETTINGS = """
[lines.empty]
dnis = "+12025550160"
identifiers = ["account_number"]
secrets = ["pin"]
queue = "delivery"

[queues.claims]
max_wait = 600
agent_language = "en"
hours = "always"

[payments]
currency = "USD"
at_most = "500.00"

[callbacks.subjects.invoice]
line = "support"
en = "My invoice"

[callbacks.api]
on = true
"""


@dataclass(frozen=True)
class Plan:
    """A call: what is keyed, and what each question came to (step, attempt, how answered, sum)."""

    line: str
    turns: tuple[str, ...]
    questions: tuple[tuple[str, str, str, str], ...] = ()
    proven: int = -1  # the last key of how manieth keyed turn proves who it is
    identified: bool = False
    why: str = ""  # not proven
    leaves: bool = False  # in line
    score: int | None = None
    deeds: tuple[str, ...] = ()  # of whoever has the call, at the desk; the last one then ends it
    pays: str = ""  # what becomes of it


def plans(account: str, pin: str, score: int) -> dict[str, Plan]:
    """Every kind of caller."""
    number, secret = ("account_number", "1", "keypad", "accepted"), ("pin", "1", "keypad", "accepted")
    known = (f"keys:{account}", f"keys:{pin}")
    return {
        "verified": Plan(SUPPORT, (*known, f"keys:{score}#"), (number, secret), 1, identified=True, score=score),
        "wrong first": Plan(
            SUPPORT, (f"keys:{account}", "keys:111111", f"keys:{pin}"),
            (number, ("pin", "1", "keypad", "refused"), ("pin", "2", "keypad", "accepted")), 2, identified=True,
        ),
        "silent first": Plan(
            SUPPORT, ("silence", *known, f"keys:{score}#"),
            (("account_number", "1", "", "silent"), ("account_number", "2", "keypad", "accepted"), secret), 1,
            identified=True, score=score,
        ),
        "no number": Plan(SUPPORT, ("keys:0",), (("account_number", "1", "keypad", "opted_out"),), why="asked_for_agent"),
        "no pin": Plan(
            SUPPORT, (f"keys:{account}", "keys:0#"), (number, ("pin", "1", "keypad", "opted_out")), identified=True,
            why="asked_for_agent",
        ),
        "leaves at once": Plan(SUPPORT, ("hangup",), (("account_number", "1", "", "left"),)),
        "leaves the line": Plan(EMPTY, known, (number, secret), 1, identified=True, leaves=True),
        "balance": Plan(BALANCE, known, (number, secret), 1, identified=True),
        "night": Plan(NIGHT, ()),
        "is held": Plan(SUPPORT, known, (number, secret), 1, identified=True, deeds=("talk:5", "hold:30", "talk:5", "hold:20")),
        "is passed on": Plan(
            SUPPORT, known, (number, secret), 1, identified=True, deeds=("talk:15", "pass:claims", "talk:10", "hold:25"),
        ),
        "pays": Plan(SUPPORT, known, (number, secret), 1, identified=True, deeds=("talk:5", "pay:charge"), pays="charged"),
        "has no money": Plan(SUPPORT, known, (number, secret), 1, identified=True, deeds=("pay:charge",), pays="declined"),
        "does not pay": Plan(SUPPORT, known, (number, secret), 1, identified=True, deeds=("pay:pay_cancel",), pays="not_charged"),
    }  # fmt: skip


def company(place: Path) -> Path:
    """The shipped company with some agents who take everything, a survey, and callbacks over the API."""
    for name in ("prompts", "grammars", "models", "examples"):
        (place / name).symlink_to(PROJECT / name)
    before, _, rest = (PROJECT / "voicebot.toml").read_text("utf-8").partition("[agents.mira]")
    after = rest[rest.index("# ---- the desk") :]
    roster = "".join(
        f'[agents.a{n}]\nname = "Agent {n}"\nphone = "+1202555{2000 + n}"\nqueues = ["{SKILLS.get(n, "billing")}"]\n'
        + ('roles = ["agent", "supervisor", "admin"]\n\n' if n == 0 else "\n")
        for n in range(AGENTS)
    )
    after = after.replace("[lines.support]", "[lines.support]\nsurvey = true")
    path = place / "voicebot.toml"
    path.write_text(before + roster + after + SETTINGS, "utf-8")
    return path
