"""The demo's picture of a call while it happens: caller, line, agent, and what the server makes of it. Shows no secret.

On a terminal it is redrawn in place; elsewhere each event is a line. Timings are real seconds since the call began.
"""

from dataclasses import dataclass, field
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from voicebot.ports.store import JournalEntry
from voicebot.retelling import CallStory
from voicebot.simulator.record import Happening, What

SHOWN = 9  # newest lines of each column
CALLER, LINE, AGENT = "Caller", "Line", "Agent"

_WORDS: dict[What, tuple[str, str]] = {
    What.RINGING: (CALLER, "dials {detail}"),
    What.ANSWERED: (LINE, "answers"),
    What.DOCUMENT: (LINE, "document {detail}"),
    What.HEARD: (LINE, "“{detail}”"),
    What.KEYS: (CALLER, "keys {detail}"),
    What.SPEAKING: (CALLER, "speaks ({detail})"),
    What.SPOKEN: (CALLER, "has spoken"),
    What.STREAM_OPENED: (LINE, "listens"),
    What.STREAM_CLOSED: (LINE, "listens no more"),
    What.PUSHED: (LINE, "pushes a new document"),
    What.AGENT_RINGING: (AGENT, "phone rings"),
    What.AGENT_ANSWERED: (AGENT, "picks up"),
    What.AGENT_KEY: (AGENT, "presses a key"),
    What.JOINED: (LINE, "{leg} is in the room"),
    What.TOGETHER: (LINE, "both are connected"),
    What.HUNG_UP: (LINE, "{leg} hung up"),
    What.FAILED: (LINE, "! {detail}"),
}


@dataclass
class LiveView:
    """Collects what happens and draws it. `agent_legs` are the legs that rang for agents."""

    console: Console
    columns: dict[str, list[str]] = field(default_factory=lambda: {CALLER: [], LINE: [], AGENT: []})
    told: list[str] = field(default_factory=list)
    assurance: str = "none"
    agent_legs: set[str] = field(default_factory=set)
    live: Live | None = None

    def __enter__(self) -> Self:
        if self.console.is_terminal:
            self.live = Live(self._picture(), console=self.console, refresh_per_second=12, transient=True)
            self.live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.live is not None:
            self.live.stop()

    def happened(self, event: Happening) -> None:
        """One live event of the simulator."""
        if event.what in (What.AGENT_RINGING, What.AGENT_ANSWERED):
            self.agent_legs.add(event.leg)
        column, words = _WORDS[event.what]
        is_agents = event.leg in self.agent_legs
        if is_agents and event.what in (What.HEARD, What.KEYS, What.DOCUMENT, What.HUNG_UP, What.PUSHED):
            column = AGENT
        who = "agent" if is_agents else "caller"
        self._add(column, event.at, words.format(detail=event.detail, leg=who))

    def server_says(self, story: CallStory | None) -> None:
        """What the server has noted so far."""
        if story is None:
            return
        self.assurance = story.assurance
        for entry, sentence in list(zip(story.journal, story.sentences, strict=True))[len(self.told) :]:
            self.told.append(sentence)
            if self.live is None and _is_news(entry):
                self.console.print(f"        server: {sentence}", markup=False, highlight=False)
        self._redraw()

    def _add(self, column: str, at: float, words: str) -> None:
        line = f"{at:6.2f} s  {words}"
        self.columns[column].append(line)
        if self.live is None:
            self.console.print(f"{at:6.2f} s  {column.lower():<7}{words}", markup=False, highlight=False)
        self._redraw()

    def _redraw(self) -> None:
        if self.live is not None:
            self.live.update(self._picture())

    def _picture(self) -> Group:
        table = Table.grid(expand=True, padding=(0, 1))
        for _ in self.columns:
            table.add_column(ratio=1)
        table.add_row(*(self._panel(name) for name in self.columns))
        title = f"Server · assurance: {self.assurance}"
        server = Panel(Text("\n".join(self.told[-SHOWN:])), title=title, border_style=self._colour())
        return Group(table, server)

    def _panel(self, name: str) -> Panel:
        return Panel(Text("\n".join(self.columns[name][-SHOWN:]), overflow="fold"), title=name, height=SHOWN + 6)

    def _colour(self) -> str:
        return {"verified": "green", "identified": "yellow"}.get(self.assurance, "white")


def _is_news(entry: JournalEntry) -> bool:
    return entry.what not in ("asked", "queued")


def final_words(console: Console, story: CallStory, whisper: str) -> None:
    """The journal in people's words, and how each answer was timed."""
    console.print("\nWhat the journal says", style="bold")
    begun = story.journal[0].at
    for entry, sentence in zip(story.journal, story.sentences, strict=True):
        console.print(f"  {(entry.at - begun).total_seconds():6.2f} s  {sentence}", markup=False, highlight=False)
    timed = [turn for turn in story.turns if turn.seconds is not None]
    for turn in timed:
        console.print(f"\nHeard {turn.value or '–'} {turn.seconds:.2f} s after the caller stopped speaking.", highlight=False)
    console.print(f"\nThe agent was told: “{whisper}”", markup=False, highlight=False)
