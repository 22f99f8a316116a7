"""The people of the roster as the pages know them: name and roles by id. Nothing about their phones."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from voicebot.floor.values import Agent, Role
from voicebot.switchboard.views import Viewer


@dataclass(frozen=True)
class Person:
    """Somebody who may sign in."""

    id: str
    name: str
    roles: frozenset[Role]

    @property
    def viewer(self) -> Viewer:
        """The same, as those who are asked for something to show know them."""
        return Viewer(self.id, self.roles)


Roster: TypeAlias = Mapping[str, Person]


def roster(agents: Iterable[Agent]) -> Roster:
    """By id."""
    return {agent.id: Person(agent.id, agent.name, frozenset(agent.roles)) for agent in agents}
