"""The desk shows each person what is their business, and does what they may."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from werkzeug.test import TestResponse

from tests.pages.stage import AGENTS, PAYLOAD, URL, Browser, Stage, open_stage
from tests.switchboard.house import ADA, LINE, House, open_house
from voicebot.config.desk import DeskPlan
from voicebot.config.prompt_files import load_catalogue
from voicebot.config.prompting import Prompting, PromptsPlan
from voicebot.config.prompts import Shelf
from voicebot.config.settings import load_company
from voicebot.desk.browser_phones import BrowserPhones
from voicebot.desk.room import DeskHouse, create_desk
from voicebot.dialogue.call import Call
from voicebot.dialogue.forms import QueuePlan
from voicebot.dialogue.journeys.room import room_of
from voicebot.dialogue.values import Ani, AniStanding, Assurance
from voicebot.errors import CarrierUnavailable
from voicebot.floor.values import AgentState
from voicebot.pages.room import PageRoom
from voicebot.ports.call_recordings import CallRecording, Sound
from voicebot.ports.callback_wishes import CallbackWish
from voicebot.ports.evaluations import Question
from voicebot.records.callback_wishes import SqlCallbackWishes
from voicebot.records.evaluations import SqlEvaluations
from voicebot.records.interactions import SqlInteractions
from voicebot.records.prompt_edits import SqlPromptEdits
from voicebot.records.schema import journal
from voicebot.switchboard.evaluating import Evaluating, EvaluatingPlan
from voicebot.switchboard.figures import Promise
from voicebot.switchboard.overview import Overview, OverviewPlan
from voicebot.switchboard.shown_details import ShownDetails
from voicebot.switchboard.tapes import TapeShelf
from voicebot.switchboard.views import Viewer

PLAN = DeskPlan(wrap_up={"refund": "Refund"}, declines={"away": "Away"}, breaks={"lunch": "Lunch"})
WITHHELD = Ani(AniStanding.WITHHELD)
NOT_UNDERSTOOD = "That could not be understood. Reload the page and try again."


@dataclass
class Company:
    """A switchboard and the desk on its database."""

    house: House
    stage: Stage
    room: PageRoom

    def signed_in(self, agent: str) -> Browser:
        browser = self.stage.browser()
        browser.get("/sign-in")
        browser.sign_in(agent)
        return browser

    def waits(self, leg: str = "CA1") -> str:
        """Somebody unknown in line."""
        turned = self.house.switchboard.arrive(leg, LINE.dnis, WITHHELD)
        self.house.enters(turned, "0")
        return turned.call_id

    def reservation(self, call: str) -> tuple[str, str]:
        """Which one rings for a call, and for whom."""
        with self.house.store.reading() as ledger:
            held = next(one for one in ledger.load_floor()[0].reservations if one.item == call)
        return held.id, held.agent

    def talks(self, leg: str = "CA1") -> tuple[str, str]:
        """A caller and an agent in a room; gives call and agent."""
        call = self.waits(leg)
        reservation, agent = self.reservation(call)
        board = self.house.switchboard
        board.agent_answered(reservation, f"leg-{reservation}")
        board.agent_keyed(reservation, "1")
        room = room_of(self.call(call))
        board.room_changed(call, room, joined=leg)
        board.room_changed(call, room, joined=f"leg-{reservation}")
        return call, agent

    def call(self, call_id: str) -> Call:
        with self.house.store.reading() as ledger:
            kept = ledger.load_call(call_id)
        assert kept is not None
        return kept.call


class _Tapes:
    """A carrier with one recording; another one it cannot give now."""

    def sound(self, sid: str) -> Sound:
        if sid != "RE" + "1" * 32:
            raise CarrierUnavailable("down")
        return Sound("audio/mpeg", iter([b"so", b"und"]))


def _evaluating(house: House) -> Evaluating:
    names = {agent.id: agent.name for agent in AGENTS}

    def had(call_id: str) -> tuple[str, ...]:
        with house.store.reading() as ledger:
            kept = ledger.load_call(call_id)
        return tuple(names[agent] for agent in kept.call.served_by) if kept is not None and kept.call.ending else ()

    questions = (Question("greeting", "Greeted?", 1), Question("proof", "Looked at the proof?", 2, critical=True))
    return Evaluating(EvaluatingPlan(SqlEvaluations(house.store), house.clock, questions, 100, lambda _: 0.5, had))


def _prompting(house: House, project: Path) -> Prompting:
    """The shipped prompts for the shipped company."""
    files = load_catalogue(project / "prompts")
    shelf = Shelf(files, lambda _: None)
    edits = SqlPromptEdits(house.store)
    return Prompting(PromptsPlan(files, load_company(project / "voicebot.toml"), edits, shelf, lambda _: None, house.clock.now))


@pytest.fixture
def company(tmp_path: Path, project: Path) -> Iterator[Company]:
    with open_company(tmp_path, project) as opened:
        yield opened


@contextmanager
def open_company(
    tmp_path: Path, project: Path, url: str = URL, browser_phones: BrowserPhones | None = None
) -> Iterator[Company]:
    """Everybody of the stage at work, with passwords, and pages at this address."""
    house = open_house(tmp_path, agents=AGENTS, queues={"billing": QueuePlan("billing"), "delivery": QueuePlan("delivery")})
    work = ThreadPoolExecutor(1)
    wishes = SqlCallbackWishes(house.store)
    overview = Overview(
        OverviewPlan(
            house.store, SqlInteractions(house.store), wishes, house.clock, ShownDetails(house.crm, (), work, lambda _: None),
            house.store.verify_chain, ("billing", "delivery"), Promise(20, 5),
        )
    )
    room = create_desk(
        DeskHouse(
            overview, house.switchboard.desk, house.switchboard.linking(frozenset({"account_number"})), PLAN,
            ("billing", "delivery"), ("billing",), {agent.id: agent.name for agent in AGENTS},
            {"account_number": "account number"}, "America/New_York",
            lambda call, agent: wishes.done(call, agent, house.clock.now()), lambda _: None,
            _evaluating(house), _prompting(house, project), TapeShelf(house.store, house.clock, _Tapes()).listen,
            browser_phones=browser_phones,
        )
    )
    stage = open_stage(tmp_path, [room], url=url)
    for agent in AGENTS:
        stage.set_password(agent.id)
    yield Company(house, stage, room)
    stage.close()
    house.switchboard.close()
    house.store.close()
    work.shutdown()


def does(browser: Browser, command: str, content: Any = None, **asked: str) -> TestResponse:
    headers = {"Origin": URL, "X-CSRF-Token": browser.csrf, "Accept": "application/json"}
    body = asked if content is None else content
    return browser.client.post(f"/desk/do/{command}", base_url=URL, json=body, headers=headers)


def error(answer: TestResponse) -> str:
    told: Any = answer.json
    return str(told["error"])


def shown(company: Company, view: str, agent: str, key: str = "") -> Any:
    """What this person is shown live."""
    live = next(one for one in company.room.views if one.name == view)
    person = next(one for one in AGENTS if one.id == agent)
    return live.show(live.look(key), key, Viewer(person.id, frozenset(person.roles)))


# ---- who may what ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("agent", "page", "status"),
    [
        ("mira", "/desk", 200), ("mira", "/desk/bar", 200), ("mira", "/wallboard", 403), ("mira", "/interactions", 403),
        ("mira", "/evaluations", 403), ("mira", "/my-evaluations", 200),
        ("vera", "/evaluations", 200), ("vera", "/my-evaluations", 403),
        ("mira", "/prompts", 403), ("mira", "/prompts/en/closed", 403), ("vera", "/prompts", 200),
        ("ada", "/prompts/en/closed", 200),
        ("jonas", "/desk", 200), ("jonas", "/wallboard", 200), ("jonas", "/interactions", 200),
        ("vera", "/desk", 403), ("vera", "/wallboard", 200), ("ada", "/wallboard", 200),
    ],
)  # fmt: skip
def test_each_page_is_for_its_role(company: Company, agent: str, page: str, status: int) -> None:
    assert company.signed_in(agent).get(page).status_code == status


def test_agents_do_not_supervise_and_supervisors_without_calls_have_no_place(company: Company) -> None:
    call, _ = company.talks()
    for command in ("listen", "whisper", "barge", "stop"):
        assert does(company.signed_in("mira"), command, call=call).status_code == 403
    assert does(company.signed_in("vera"), "hold", call=call).status_code == 403
    assert does(company.signed_in("vera"), "listen", call=call).status_code == 200


def test_a_command_without_our_token_is_refused(company: Company) -> None:
    browser = company.signed_in("mira")
    browser.csrf = "guessed"
    assert does(browser, "state", state="ready").status_code == 403


def test_a_call_of_others_is_not_shown_and_not_controlled(company: Company) -> None:
    call, agent = company.talks()
    other = "jonas" if agent == "mira" else "mira"
    answer = does(company.signed_in(other), "hold", call=call)
    assert (answer.status_code, error(answer)) == (409, "This call is not with you.")
    assert shown(company, "call", agent, call)["accepted"]
    assert shown(company, "call", "vera", call)["reservation"] == ""
    if other == "mira":  # the other agent supervises, too
        assert shown(company, "call", other, call) is None
    assert company.signed_in("vera").get("/interactions/nobody").status_code == 404


# ---- an agent's day ----------------------------------------------------------------------------------------------


def test_an_agent_says_whether_they_are_there(company: Company) -> None:
    browser = company.signed_in("mira")
    assert does(browser, "state", state="break", reason="lunch").status_code == 200
    place = shown(company, "place", "mira")
    assert (place["state"], place["reason"], place["offers"]) == ("break", "lunch", [])
    does(browser, "state", state="break", reason="<b>")
    assert shown(company, "place", "mira")["reason"] == ""
    does(browser, "state", state="ready")
    assert shown(company, "place", "mira")["state"] == AgentState.READY


def test_a_call_that_rings_can_be_declined_with_a_reason_and_goes_to_the_next(company: Company) -> None:
    call = company.waits()
    reservation, agent = company.reservation(call)
    assert shown(company, "place", agent)["offers"][0]["call"] == call
    follow = next(one for one in company.room.views if one.name == "place").follow
    assert follow(shown(company, "place", agent)) == (f"call:{call}",)
    assert follow(None) == ()
    browser = company.signed_in(agent)
    assert does(browser, "decline", reservation=reservation, reason="away").status_code == 200
    assert company.reservation(call)[1] != agent
    assert error(does(browser, "accept", reservation=reservation)) == "This call does not ring for you any more."


def test_an_agent_holds_mutes_notes_and_files_a_call(company: Company) -> None:
    call, agent = company.talks()
    browser = company.signed_in(agent)
    for command in ("hold", "resume", "mute", "unmute"):
        assert does(browser, command, call=call).status_code == 200, command
    assert does(browser, "note", call=call, text=PAYLOAD).status_code == 200
    assert does(browser, "end", call=call).status_code == 200
    assert does(browser, "wrap_up", call=call, code="nothing").status_code == 409
    assert does(browser, "wrap_up", call=call, code="refund").status_code == 200
    assert company.house.filed == [(call, "refund")]
    assert shown(company, "place", agent)["recent"] == [call]
    page = company.signed_in("vera").get(f"/interactions/{call}").text
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert PAYLOAD not in page
    assert "The journal of this call is whole" in page
    assert "<dt>Before pick-up</dt><dd>no</dd>" in page
    assert "0 min (an estimate: 45 s per verification by an agent)" in page


def test_passing_on_and_asking_go_to_a_queue_or_a_colleague(company: Company) -> None:
    call, agent = company.talks()
    browser = company.signed_in(agent)
    other = "jonas" if agent == "mira" else "mira"
    assert error(does(browser, "pass", call=call, to_queue="nowhere")) == "There is no such queue."
    assert does(browser, "consult", call=call, to_agent=agent).status_code == 409
    assert does(browser, "pass", call=call, to_agent=other, note="wants a refund").status_code == 200
    assert shown(company, "call", other, call)["card"]["passed_on"][0]["note"] == "wants a refund"


def test_an_agent_finds_out_who_is_calling(company: Company) -> None:
    call, agent = company.talks()
    browser = company.signed_in(agent)
    asked = {"call": call, "by": "account_number", "value": ADA.identifier}
    assert error(does(browser, "look_up", asked | {"value": "1"})) == "No customer has this."
    assert error(does(browser, "look_up", asked | {"by": "pin"})) == "Customers cannot be looked up by this."
    assert does(browser, "look_up", asked).json == {"name": "Ada Marsh", "identifier": "40719238"}
    assert company.call(call).assurance is Assurance.NONE
    assert does(browser, "link", asked).status_code == 200
    assert (company.call(call).assurance, company.call(call).customer) == (Assurance.IDENTIFIED, ADA)
    assert error(does(browser, "link", asked)) == "It is known already who this caller is."


def test_nobody_looks_customers_up_without_a_call_of_their_own(company: Company) -> None:
    call, agent = company.talks()
    other = company.signed_in("jonas" if agent == "mira" else "mira")
    asked = {"call": call, "by": "account_number", "value": ADA.identifier}
    assert error(does(other, "look_up", asked)) == "This call is not with you."
    assert does(other, "link", asked).status_code == 409
    for command in ("look_up", "link"):
        assert does(other, command, asked | {"call": "nobody"}).status_code == 404


def test_while_the_back_end_is_down_nobody_is_linked(company: Company) -> None:
    call, agent = company.talks()
    company.house.crm.down = True
    asked = {"call": call, "by": "account_number", "value": ADA.identifier}
    assert "does not answer" in error(does(company.signed_in(agent), "link", asked))


def test_a_wish_to_be_called_back_is_on_the_desk_until_somebody_has_done_so(company: Company) -> None:
    call = company.waits()
    now = company.house.clock.now()
    with company.house.store.transaction() as ledger:
        ledger.keep_wish(CallbackWish(call, "billing", "+12025550123", now, now, subject="an invoice", customer="ref-7"))
    [listed] = shown(company, "place", "mira")["wishes"]
    assert (listed["number"], listed["subject"], listed["customer"]) == ("+12025550123", "an invoice", "")
    assert shown(company, "wallboard", "vera")["wishes"] == 1
    assert does(company.signed_in("mira"), "called_back", call=call).status_code == 200
    assert error(does(company.signed_in("jonas"), "called_back", call=call)) == "Somebody has called back already."
    assert shown(company, "place", "mira")["wishes"] == []


def test_a_phrase_is_of_calls_that_we_made_only(company: Company) -> None:
    call, agent = company.talks()
    refused = does(company.signed_in(agent), "phrase", call=call)
    assert refused.status_code == 409
    assert error(refused) == "There is no phrase to be read out, or it has been shown already."


@pytest.mark.parametrize(
    ("command", "content"),
    [
        ("hold", {}), ("hold", {"call": 1}), ("hold", ["x"]), ("state", {"state": "busy"}),
        ("note", {"call": "c", "text": "x" * 2001}), ("look_up", {"call": "c"}), ("link", {"call": "c"}),
        ("called_back", {"x": "y"}),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_changes_nothing_and_says_so(company: Company, command: str, content: Any) -> None:
    answer = does(company.signed_in("mira"), command, content)
    assert (answer.status_code, error(answer)) == (400, NOT_UNDERSTOOD)


def test_a_call_that_is_not_there_is_not_there(company: Company) -> None:
    assert does(company.signed_in("mira"), "hold", call="nobody").status_code == 404


# ---- looking back ------------------------------------------------------------------------------------------------

FILTERS: list[tuple[bool, dict[str, str]]] = [
    (True, {}),
    (True, {"which": "live", "queue": "billing"}),
    (False, {"which": "past"}),
    (False, {"identifier": "40719238"}),
    (True, {"since": "2026-03-01", "until": "2026-03-02"}),
    (False, {"until": "2026-03-01"}),
    (True, {"assurance": "none"}),
    (False, {"ending": "served"}),
    (True, {"assurance": "bad", "which": "x"}),
]


def test_calls_are_found_by_what_is_known_of_them(company: Company) -> None:
    call = company.waits()
    browser = company.signed_in("vera")
    for found, form in FILTERS:
        assert (f"/interactions/{call}" in browser.post("/interactions", **form).text) is found, form
    assert "A date is written like" in browser.post("/interactions", since="yesterday").text
    assert browser.post("/interactions", older="rubbish").status_code == 302


def test_times_are_those_of_the_company(company: Company) -> None:
    company.waits()
    assert "2026-03-02 05:00:" in company.signed_in("vera").get("/interactions").text


def test_a_journal_that_was_changed_is_said_to_be(company: Company) -> None:
    call = company.waits()
    with company.house.store.writing() as books:
        books.write(update(journal).where(journal.c.call_id == call, journal.c.number == 2).values(hash=b"x"))
    assert "is not as it was written" in company.signed_in("vera").get(f"/interactions/{call}").text


# ---- recordings --------------------------------------------------------------------------------------------------


def taped(company: Company, sid: str, seconds: int | None = 61) -> str:
    call, _ = company.talks()
    at = company.house.clock.now()
    with company.house.store.transaction() as ledger:
        ledger.keep_recording(CallRecording(sid, call, at, at + timedelta(days=90), seconds))
    return call


def test_a_supervisor_listens_through_us_and_an_agent_does_not(company: Company) -> None:
    call = taped(company, "RE" + "1" * 32)
    page = company.signed_in("vera").get(f"/interactions/{call}")
    address = f"/recordings/RE{'1' * 32}"
    assert f'src="{address}"' in page.text
    assert "Whoever listens is noted in the journal." in page.text
    sound = company.signed_in("vera").get(address)
    assert (sound.status_code, sound.content_type, sound.data) == (200, "audio/mpeg", b"sound")
    assert sound.headers["Cache-Control"] == "no-store"
    assert company.signed_in("mira").get(address).status_code == 403
    assert "recording_heard" in [what for what, _ in company.house.journal(call)]


def test_the_agent_who_had_the_call_sees_no_recording_of_it(company: Company) -> None:
    call, agent = company.talks()
    at = company.house.clock.now()
    with company.house.store.transaction() as ledger:
        ledger.keep_recording(CallRecording("RE" + "1" * 32, call, at, at + timedelta(days=90), 61))
    page = company.signed_in(agent).get(f"/interactions/{call}")
    assert page.status_code == 200
    assert ("<audio" in page.text) is (agent == "jonas")  # who supervises, too


def test_a_recording_that_is_not_there_or_cannot_be_had_says_so(company: Company) -> None:
    taped(company, "RE" + "2" * 32)
    assert company.signed_in("vera").get(f"/recordings/RE{'2' * 32}").status_code == 503
    assert company.signed_in("vera").get(f"/recordings/RE{'3' * 32}").status_code == 404


def test_one_that_runs_or_was_deleted_is_shown_as_that(company: Company) -> None:
    call = taped(company, "RE" + "1" * 32, None)
    page = company.signed_in("vera").get(f"/interactions/{call}").text
    assert "is being recorded" in page
    assert "<audio" not in page
    with company.house.store.transaction() as ledger:
        ledger.recording_deleted("RE" + "1" * 32, company.house.clock.now())
    assert "deleted " in company.signed_in("vera").get(f"/interactions/{call}").text


# ---- evaluations -------------------------------------------------------------------------------------------------


def served(company: Company) -> tuple[str, str]:
    """A conversation of Mira's or of Jonas's that is over."""
    call, agent = company.talks()
    assert does(company.signed_in(agent), "end", call=call).status_code == 200
    return call, agent


def test_a_supervisor_judges_a_proposed_conversation_and_the_agent_reads_it(company: Company) -> None:
    call, agent = served(company)
    vera = company.signed_in("vera")
    assert f"/evaluations/{call}" in vera.get("/evaluations").text
    assert f"/evaluations/{call}" in vera.get(f"/interactions/{call}").text
    assert "Looked at the proof?" in vera.get(f"/evaluations/{call}").text
    judged = vera.post(f"/evaluations/{call}", answer_greeting="5", answer_proof="2", comment=PAYLOAD)
    assert judged.status_code == 303
    page = vera.get("/evaluations").text
    assert "60 %" in page  # (5 + 2 x 2) of (5 + 2 x 5)
    assert "Nothing of the last seven days." in page
    own = company.signed_in(agent)
    page = own.get("/my-evaluations").text
    assert "60 %" in page
    assert PAYLOAD not in page  # as text, not as markup
    assert own.post("/my-evaluations", call=call, number="1", reply="I will look").status_code == 303
    assert "You have read this" in own.get("/my-evaluations").text
    assert "I will look" in vera.get("/evaluations").text


def test_an_answer_that_is_missing_or_out_of_range_is_named_and_nothing_is_lost(company: Company) -> None:
    call, _ = served(company)
    vera = company.signed_in("vera")
    for answer in ("", "6", "x"):
        refused = vera.post(f"/evaluations/{call}", answer_greeting="4", answer_proof=answer, comment="so far")
        assert refused.status_code == 409
        assert "“Looked at the proof?” wants 0 to 5 points" in refused.text
        assert "so far" in refused.text
        assert 'name="answer_greeting" value="4" required checked' in refused.text
    assert "Nothing has been judged." in vera.get("/evaluations").text


def test_a_judgement_is_superseded_with_a_reason_and_never_changed(company: Company) -> None:
    call, agent = served(company)
    vera = company.signed_in("vera")
    vera.post(f"/evaluations/{call}", answer_greeting="1", answer_proof="1")
    refused = vera.post(f"/evaluations/{call}", answer_greeting="5", answer_proof="5")
    assert "Say why the earlier judgement is superseded." in refused.text
    assert vera.post(f"/evaluations/{call}", answer_greeting="5", answer_proof="-", why="Heard it again").status_code == 303
    page = vera.get(f"/evaluations/{call}").text
    assert "Superseded: 20 %" in page
    assert "Stands: 100 %" in page
    assert "Heard it again" in page
    assert "20 %" not in company.signed_in(agent).get("/my-evaluations").text


def test_nobody_judges_their_own_conversation_nor_one_that_goes_on(company: Company) -> None:
    call, agent = company.talks()
    vera = company.signed_in("vera")
    refused = vera.post(f"/evaluations/{call}", answer_greeting="5", answer_proof="5")
    assert "There is no such conversation to be judged." in refused.text
    assert vera.get("/evaluations/nobody").status_code == 404
    if agent == "mira":
        does(company.signed_in("mira"), "pass", call=call, to_agent="jonas")
        reservation, agent = company.reservation(call)
        company.house.switchboard.agent_answered(reservation, f"leg-{reservation}")
        company.house.switchboard.agent_keyed(reservation, "1")
        room = room_of(company.call(call))
        company.house.switchboard.room_changed(call, room, joined="CA1")
        company.house.switchboard.room_changed(call, room, joined=f"leg-{reservation}")
    jonas = company.signed_in("jonas")
    assert does(jonas, "end", call=call).status_code == 200
    answers = {"answer_greeting": "5", "answer_proof": "5"}
    assert "Nobody judges a conversation of their own." in jonas.post(f"/evaluations/{call}", **answers).text
    assert company.signed_in("mira").post(f"/evaluations/{call}", **answers).status_code == 403
