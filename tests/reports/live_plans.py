"""What the callers and agents of a small day are to do, and the company that they call."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parents[2]
AGENTS = 7
SKILLS = {4: "claims", 5: "claims", 6: "delivery"}  # of whoever is not there for billing
PEOPLE = (("40719238", "493817"), ("58260417", "270694"))
# Whoever wishes to be called back; each of them once, for who is promised that already hears of it instead.
WISHERS = (("69315042", "618305"), ("73940186", "905172"), ("81527360", "036481"), ("82640931", "742958"), ("97058214", "851326"))
TRACKING = {"40719238": "5502716384", "58260417": "5550147395"}
RECORDED = {"5502716384": "tracking-5502716384", "5550147395": "triple-5550147395"}
ASKED_WHOLE = "tracking-5502716384"  # heard so that no part of it is in doubt: after a no, all of it is asked for again
SOON = {"+12025556001": "reached", "+12025556002": "unreached"}  # called back as soon as possible, as another system wants
SPEECH = PROJECT / "tests" / "recordings"
PARCELS = "+12025550130"
SUPPORT, BALANCE, NIGHT, EMPTY = "+12025550120", "+12025550140", "+12025550150", "+12025550160"
NAMES = {SUPPORT: "support", BALANCE: "balance", NIGHT: "night", EMPTY: "empty", PARCELS: "parcels"}
QUEUES = {EMPTY: "delivery", PARCELS: "delivery"}  # whose agent is at home; the others wait for billing
ENDINGS = {"balance": "contained", "parcels": "contained", "night": "closed"}  # of lines without an agent
CODES = ("paid", "moved", "other")
IN_TIME, EARLY = 20.0, 5.0  # seconds, as in the shipped settings
WISH = ("keys:1@wait", "keys:1")  # to be called back; at the number that calls
CARD = ("4242424242424242", "1229", "123")
SETTINGS = """
[lines.empty]
dnis = "+12025550160"
region = "US"
identifiers = ["account_number"]
secrets = ["pin"]
queue = "delivery"

[callbacks]
choose_time = false
phrase = false
tries = 1
a_number_a_day = 100
unverified_a_day = 100
an_hour_an_agent = 100

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


class Question(NamedTuple):
    """What it came to, a name of the sums; `read_back`: yes or no, where it was."""

    step: str
    attempt: str
    how: str
    came: str
    read_back: str = ""

    @property
    def counts(self) -> dict[str, int]:
        """What it adds to the funnel."""
        spoken = int(self.how == "speech")
        understood = spoken * int(self.came != "not_understood")
        answers = {"confirmed": int(self.read_back == "yes"), "denied": int(self.read_back == "no")}
        return {"questions": 1, self.came: 1, "spoken": spoken, "understood": understood} | answers


@dataclass(frozen=True)
class Plan:
    """A call: what is keyed and said, and what each question came to."""

    line: str
    turns: tuple[str, ...]
    questions: tuple[Question, ...] = ()
    proven: int = -1  # the last key of how manieth keyed turn proves who it is; of who speaks, the last thing said
    identified: bool = False
    why: str = ""  # not proven
    leaves: bool = False  # in line
    score: int | None = None
    deeds: tuple[str, ...] = ()  # of whoever has the call, at the desk; the last one then ends it
    pays: str = ""  # what becomes of it
    wishes: str = ""  # to be called back; what becomes of it


def plans(account: str, pin: str, score: int) -> dict[str, Plan]:
    """Every kind of caller."""
    number, secret = (Question(step, "1", "keypad", "accepted") for step in ("account_number", "pin"))
    parcel = TRACKING.get(account, "")
    known = (f"keys:{account}", f"keys:{pin}")
    return {
        "verified": Plan(SUPPORT, (*known, f"keys:{score}#"), (number, secret), 1, identified=True, score=score),
        "wrong first": Plan(
            SUPPORT, (f"keys:{account}", "keys:111111", f"keys:{pin}"),
            (number, Question("pin", "1", "keypad", "refused"), Question("pin", "2", "keypad", "accepted")), 2, identified=True,
        ),
        "silent first": Plan(
            SUPPORT, ("silence", *known, f"keys:{score}#"),
            (Question("account_number", "1", "", "silent"), Question("account_number", "2", "keypad", "accepted"), secret), 1,
            identified=True, score=score,
        ),
        "no number": Plan(SUPPORT, ("keys:0",), (Question("account_number", "1", "keypad", "opted_out"),), why="asked_for_agent"),
        "no pin": Plan(
            SUPPORT, (f"keys:{account}", "keys:0#"), (number, Question("pin", "1", "keypad", "opted_out")), identified=True,
            why="asked_for_agent",
        ),
        "leaves at once": Plan(SUPPORT, ("hangup",), (Question("account_number", "1", "", "left"),)),
        "leaves the line": Plan(EMPTY, known, (number, secret), 1, identified=True, leaves=True),
        "is called back": Plan(EMPTY, (*known, *WISH), (number, secret), 1, identified=True, wishes="reached"),
        "is not there": Plan(EMPTY, (*known, *WISH), (number, secret), 1, identified=True, wishes="unreached"),
        "balance": Plan(BALANCE, known, (number, secret), 1, identified=True),
        "night": Plan(NIGHT, ()),
        "speaks": Plan(
            SUPPORT, (f"audio:account-{account}.wav", f"audio:pin-{pin}.wav"),
            (number._replace(how="speech"), secret._replace(how="speech")), 0, identified=True,
        ),
        "speaks and is read back": Plan(
            PARCELS, (f"audio:{RECORDED.get(parcel, '')}.wav", "keys:1"),
            (Question("tracking_number", "1", "speech", "accepted", "yes"),), identified=True,
        ),
        "says no to it": Plan(
            PARCELS, (f"audio:{ASKED_WHOLE}.wav", "keys:2", "keys:0"),
            (
                Question("tracking_number", "1", "speech", "not_understood", "no"),
                Question("tracking_number", "2", "keypad", "opted_out"),
            ), why="asked_for_agent", leaves=True,
        ),
        "wants help": Plan(
            SUPPORT, ("audio:help.wav", "audio:other-words.wav", "audio:dont-have-it.wav"),
            (
                Question("account_number", "1", "speech", "helped"), Question("account_number", "2", "speech", "not_understood"),
                Question("account_number", "3", "speech", "opted_out"),
            ), why="no_identifier",
        ),
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
    before = before.replace("[queues.delivery]", "[queues.delivery]\noffer_callback = true")
    path = place / "voicebot.toml"
    path.write_text(before + roster + after + SETTINGS, "utf-8")
    return path
