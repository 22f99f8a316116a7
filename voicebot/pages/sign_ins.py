"""Who is signed in, and until when: without a sign of life for so long, or in any case after so long, nobody is."""

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe

from voicebot.config.sign_in import SignInPlan
from voicebot.pages.people import Person, Roster
from voicebot.ports.accounts import Accounts, How, SignIn

TOKEN_BYTES = 32
NOTED_EVERY = timedelta(seconds=30)  # activity is written no more often


@dataclass(frozen=True)
class Present:
    """Somebody at a browser."""

    sign_in: SignIn
    person: Person


class SignIns:
    """Begins, finds and ends sign-ins. Methods may be called from any thread. `now` is real time."""

    def __init__(self, accounts: Accounts, people: Roster, plan: SignInPlan, now: Callable[[], datetime]) -> None:
        self._accounts, self._people, self._plan, self._now = accounts, people, plan, now

    def begin(self, agent: str, how: How) -> str:
        """Somebody has shown who they are; gives what their cookie is to hold."""
        token, at = token_urlsafe(TOKEN_BYTES), self._now()
        self._accounts.begin(SignIn(token_id(token), agent, how, at, at))
        return token

    def present(self, token: str) -> Present | None:
        """Who holds this; None where nobody does any more."""
        if not token:
            return None
        sign_in_id = token_id(token)
        return self.still_present([sign_in_id]).get(sign_in_id)

    def still_present(self, ids: Collection[str]) -> dict[str, Present]:
        """Those of these sign-ins that hold, by id."""
        found = self._accounts.find(ids) if ids else {}
        return {sign_in.id: there for sign_in in found.values() if (there := self._holds(sign_in)) is not None}

    def active(self, present: Present) -> None:
        """Their person did something just now."""
        at = self._now()
        if at - present.sign_in.active_at >= NOTED_EVERY:
            self._accounts.seen(present.sign_in.id, at)

    def end(self, present: Present) -> None:
        """Signed out."""
        self._accounts.end(present.sign_in.id)

    def tidy(self) -> int:
        """Remove what has ended by itself; gives how many rows."""
        at = self._now()
        return self._accounts.forget(began_before=at - self._plan.longest, active_before=at - self._plan.idle)

    def _holds(self, sign_in: SignIn) -> Present | None:
        person, at = self._people.get(sign_in.agent), self._now()
        in_time = at - sign_in.began_at < self._plan.longest and at - sign_in.active_at < self._plan.idle
        return Present(sign_in, person) if person is not None and in_time else None


def token_id(token: str) -> str:
    """What the database knows a token by. A plain hash will do: 256 random bits are not guessed."""
    return hashlib.sha256(token.encode()).hexdigest()
