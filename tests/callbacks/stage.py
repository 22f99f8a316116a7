"""The API on a real database, with a clock moved by hand, two agents at work, and a client that sends what other systems send."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.switchboard.house import LINE, OMAR, RUTH, HandClock, House, open_house
from voicebot.callbacks.admission import Admission
from voicebot.callbacks.api import PATH, ApiHouse, Deed
from voicebot.callbacks.counter import Counter
from voicebot.callbacks.door import Door
from voicebot.callbacks.invited import InvitedHouse
from voicebot.callbacks.links import INVITED, OWN, Links
from voicebot.callbacks.page import PATH as PAGE
from voicebot.callbacks.page import PageHouse
from voicebot.callbacks.room import CallbackHouse, create_rooms
from voicebot.callbacks.words import load_words
from voicebot.config.booking import ApiPlan, PagePlan
from voicebot.dialogue.forms import LinePlan, QueuePlan
from voicebot.dialogue.outbound import CallbackRules
from voicebot.pages.gate import Site
from voicebot.ports.api_keys import Scope
from voicebot.records.api_keys import SqlApiKeys
from voicebot.records.rates import SqlRates
from voicebot.switchboard.booking_desk import BookingsPlan
from voicebot.switchboard.bookings import Bookings
from voicebot.switchboard.invitations import Invitations
from voicebot.switchboard.inviting import InvitingPlan
from voicebot.switchboard.wanted import Subject

NUMBER, OTHER = "+12025550123", "+12025550124"
URL = "https://voice.example.com"
DELIVERY = QueuePlan("delivery")
GENEROUS = ApiPlan(100_000, 100_000, 1000)
PATIENT = PagePlan(1000)


@dataclass
class Stage:
    """A house in which callbacks are booked. `unwanted`: numbers that want no messages; `recorded`: what the audit would say."""

    house: House
    bookings: Bookings
    app: Flask
    keys: SqlApiKeys
    links: Links
    invitations: Invitations
    invited: Links
    unwanted: set[str]
    recorded: list[tuple[str, Deed, Mapping[str, str]]] = field(default_factory=list)
    requests: int = 0

    @property
    def clock(self) -> HandClock:
        """Call time and real time in one."""
        return self.house.clock

    def key(self, *scopes: Scope, name: str = "crm") -> str:
        """A key for another system, that may do everything unless it is said."""
        return self.keys.make(name, scopes or tuple(Scope), "test", self.clock.now())

    def client(self, key: str = "", **environ: str) -> "Client":
        """Another system."""
        return Client(self, key or self.key(), environ)

    def visitor(self, address: str = "203.0.113.5") -> "Visitor":
        """A customer's browser."""
        return Visitor(self, self.app.test_client(), {"REMOTE_ADDR": address})

    def close(self) -> None:
        """Let go."""
        self.house.switchboard.close()
        self.house.store.close()


@dataclass
class Client:
    """Sends requests, each POST with a key of its own unless it is said."""

    stage: Stage
    key: str
    environ: dict[str, str]

    def send(self, method: str, path: str = "", body: Any = None, **headers: str) -> TestResponse:
        """One request. `body`: bytes as they are, anything else as JSON."""
        self.stage.requests += 1
        own = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": f"request-{self.stage.requests:016d}"}
        sent = {name: value for name, value in (own | {n.replace("_", "-"): v for n, v in headers.items()}).items() if value}
        how: dict[str, Any] = {"data": body} if isinstance(body, bytes) else {"json": body} if body is not None else {}
        return self.stage.app.test_client().open(
            f"{PATH}{path}", method=method, headers=sent, environ_overrides=self.environ, **how
        )

    def book(self, number: str = NUMBER, **fields: Any) -> TestResponse:
        """A callback about an invoice, as soon as possible."""
        return self.send("POST", "", {"subject": "invoice", "number": number, "verified": True, **fields})


@dataclass
class Visitor:
    """A customer's browser: sends forms with what the last page had in its hidden fields."""

    stage: Stage
    client: FlaskClient
    environ: dict[str, str]
    token: str = ""

    def get(self, path: str = PAGE, **headers: str) -> TestResponse:
        """Open a page."""
        return self._seen(self.client.get(path, base_url=URL, headers=headers, environ_overrides=self.environ))

    def post(self, path: str = PAGE, *, origin: str = URL, **fields: str) -> TestResponse:
        """Send a form, without going where it leads."""
        form = {"token": self.token, **fields}
        headers = {"Origin": origin} if origin else {}
        return self._seen(self.client.post(path, base_url=URL, data=form, headers=headers, environ_overrides=self.environ))

    def books(self, number: str = NUMBER, **fields: str) -> TestResponse:
        """Open the form and send it."""
        self.get()
        return self.post(**{"subject": "invoice", "number": number, **fields})

    def own(self, answer: TestResponse) -> str:
        """The address that a booking led to, without what follows the link."""
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"].partition("?")[0]

    def _seen(self, answer: TestResponse) -> TestResponse:
        if found := re.search(r'name="token" value="([^"]+)"', answer.text):
            self.token = found[1]
        return answer


def open_stage(
    directory: Path, plan: ApiPlan = GENEROUS, rules: CallbackRules | None = None, *, closed: bool = False,
    page: PagePlan = PATIENT, url: str = URL,
) -> Stage:
    """A stage on its own database. Somebody is there from 8 to 17 in New York, unless it is `closed`."""
    house = open_house(directory, agents=(RUTH, replace(OMAR, queues=("billing", "delivery"))))
    line: LinePlan = replace(LINE, callbacks=rules or CallbackRules(a_number_a_day=50, an_hour_an_agent=100))

    def is_open(_line: str, _queue: str, at: datetime) -> bool:
        return not closed and 13 <= at.hour < 22

    subjects = {
        "invoice": Subject("invoice", {"en": "My invoice", "fr": "Ma facture"}, line, line.queue),
        "parcel": Subject("parcel", {"en": "My parcel"}, line, DELIVERY),
    }
    bookings = Bookings(
        BookingsPlan(
            house.store, house.keyring, house.clock, subjects, ("phone", "video"), "America/New_York", is_open, lambda: "1",
            house.switchboard.callbacks.call_off, lambda _: None,
        )
    )  # fmt: skip
    keys, rates = SqlApiKeys(house.store), SqlRates(house.store)
    recorded: list[tuple[str, Deed, Mapping[str, str]]] = []
    admission = Admission(plan, keys, rates, house.keyring, (), house.clock.now)
    app = Flask("stage", static_folder=None)
    links, invited = (Links(url, house.keyring, 14, house.clock.now, path) for path in (OWN, INVITED))
    door = Door(Site(url), house.keyring, house.keyring, rates, page.an_address_an_hour, house.clock.now)
    words = load_words(["en", "fr"], "America/New_York")
    counter = Counter("Larkfield Energy", bookings, door, words)
    unwanted = set[str]()
    invitations = Invitations(InvitingPlan(bookings.plan, ("en", "fr"), 7, 1, unwanted.__contains__))
    api = ApiHouse(bookings, admission, house.keyring.blind, lambda *told: recorded.append(told), invitations)
    pages = CallbackHouse(api, PageHouse(counter, links), InvitedHouse(counter, invitations, invited, links))
    for room in create_rooms(pages):
        app.register_blueprint(room)
    return Stage(house, bookings, app, keys, links, invitations, invited, unwanted, recorded)
