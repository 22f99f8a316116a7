"""The one loop between the world and the pure cores: take an event, step, save, do what was asked, take the outcome.

Holds no transaction across I/O, and decides nothing about what a caller hears or which agent gets a call.
"""

from voicebot.switchboard.loop import Switchboard
from voicebot.switchboard.plan import SwitchboardPlan, Turned

__all__ = ["Switchboard", "SwitchboardPlan", "Turned"]
