"""What people write to our senders: STOP and START are noted, the rest waits for an agent. Must not look anybody up."""

from collections.abc import Callable
from dataclasses import dataclass

from voicebot.messages.rules import wish_of
from voicebot.ports.correspondence import Correspondence, Reply, ReplyState
from voicebot.ports.outgoing import Outgoing


@dataclass(frozen=True)
class Inbox:
    """`told` is called when an agent is to see something new."""

    outgoing: Outgoing
    correspondence: Correspondence
    told: Callable[[], None] = lambda: None

    def arrived(self, reply: Reply, carrier_says: str = "") -> None:
        """`carrier_says`: STOP, START or HELP, where the carrier has understood it so itself. The same message twice is one."""
        stopped = self.outgoing.opted_out(reply.person, reply.sender)
        wish = carrier_says.lower() or wish_of(reply.text, opted_out=stopped)
        stops = wish == "stop" if wish in ("stop", "start") else None
        if self.correspondence.arrived(reply, ReplyState.NOTED if wish else ReplyState.NEW, stops):
            self.told()
