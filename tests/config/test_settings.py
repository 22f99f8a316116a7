"""Whole files: what the shipped one says, and what is said about wrong ones."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from voicebot.config.settings import load_company, load_settings
from voicebot.dialogue.forms import Limits, NextStep
from voicebot.dialogue.values import Shape
from voicebot.errors import ConfigError
from voicebot.floor.values import Role

GOOD = """
[company]
name = "Example"
time_zone = "Europe/Copenhagen"
default_line = "billing"

[fields.account_number]
shape = "digits:8"

[fields.pin]
shape = "digits:6"
secret = true

[details.balance]
kind = "amount"
currency = "EUR"

[details.news]
private = false

[queues.sales]
hours = "office"

[hours.office]
mon-fri = "09:00-17:00"

[agents.ada]
name = "Ada"
phone = "+4533124567"
queues = ["sales"]

[lines.billing]
dnis = "+4533124500"
region = "DK"
queue = "sales"
identifiers = ["account_number"]
secrets = ["pin"]

[lines.billing.limits]
max_attempts = 2

[lines.news]
dnis = "+4533124501"
queue = "sales"
identifiers = ["account_number"]
next_step = "self_service"
details = ["news"]
"""


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """Writes GOOD with some of its text replaced."""

    def write(*changes: tuple[str, str]) -> Path:
        text = GOOD
        for old, new in changes:
            assert old in text, f"{old!r} does not stand in the good file"
            text = text.replace(old, new, 1)
        path = tmp_path / "voicebot.toml"
        path.write_text(text, "utf-8")
        return path

    return write


def test_a_line_is_built_of_its_parts(written: Callable[..., Path]) -> None:
    company = load_company(written())
    line = company.line_for("+4533124500")
    assert line.plan.name == "billing"
    assert line.plan.identifiers[0].shape == Shape.parse("digits:8")
    assert line.plan.secrets[0].secret
    assert line.plan.limits == Limits(max_attempts=2)
    assert line.plan.queue.name == "sales"
    assert line.plan.grammar.language == "en"
    assert line.plan.grammar.digits


def test_a_number_that_no_line_has_is_answered_by_the_default_line(written: Callable[..., Path]) -> None:
    assert load_company(written()).line_for("+4599999999").plan.name == "billing"


def test_a_line_that_ends_in_a_queue_is_open_when_the_queue_is(written: Callable[..., Path]) -> None:
    company = load_company(written())
    sunday = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert not company.lines["billing"].is_open(sunday)
    assert company.lines["news"].is_open(sunday)
    assert company.lines["billing"].is_open(datetime(2026, 3, 2, 12, tzinfo=UTC))


def test_the_import_takes_its_columns_from_fields_and_details(written: Callable[..., Path]) -> None:
    plan = load_company(written()).import_plan()
    assert plan.identifiers == (("account_number", Shape.parse("digits:8")),)
    assert plan.secrets == (("pin", Shape.parse("digits:6")),)
    assert [detail.name for detail in plan.details] == ["balance", "news"]
    assert plan.phones == ("phone",)


def test_an_agent_has_other_phones_and_a_language_of_their_own(written: Callable[..., Path]) -> None:
    more = 'queues = ["sales"]\nlanguage = "fr"\nphones = {home = "sip:ada@pbx.example"}'
    company = load_company(written(('queues = ["sales"]', more)))
    assert company.agents[0].phones == (("home", "sip:ada@pbx.example"),)
    assert company.languages() == ("en", "fr")
    assert load_company(written()).agents[0].language == ""


def test_who_stands_on_the_roster_serves_callers_unless_more_is_said(written: Callable[..., Path]) -> None:
    assert load_company(written()).agents[0].roles == (Role.AGENT,)
    more = load_company(written(('queues = ["sales"]', 'queues = ["sales"]\nroles = ["agent", "supervisor"]')))
    assert more.agents[0].roles == (Role.AGENT, Role.SUPERVISOR)


WRONG = [
    ("secret = true", "secret = true\ntotp = 1", "fields.pin.totp: must be true or false, not 1"),
    ('shape = "digits:8"', 'shape = "digits:8"\ntotp = true', "fields.account_number.totp: is for a secret of six digits"),
    ('shape = "digits:6"\n', 'shape = "digits:7"\ntotp = true\n', "fields.pin.totp: is for a secret of six digits"),
    ("max_attempts = 2", "max_attempts = 0", "lines.billing.limits.max_attempts: must be 1 to 10, not 0"),
    ("max_attempts = 2", "max_attempts = 11", "lines.billing.limits.max_attempts: must be 1 to 10, not 11"),
    ("max_attempts = 2", 'max_attempts = "3"', 'lines.billing.limits.max_attempts: must be 1 to 10, not "3"'),
    ("max_attempts = 2", "max_attempts = true", "lines.billing.limits.max_attempts: must be 1 to 10, not true"),
    ("max_attempts = 2", "max_atempts = 2", "lines.billing.limits.max_atempts: is not known; did you mean max_attempts?"),
    ("[lines.billing.limits]", "[lines.billing.limit]", "lines.billing.limit: is not known; did you mean limits?"),
    ("[company]", "[compny]", "compny: is not known; did you mean company?"),
    ('name = "Example"', "name = 7", "company.name: must be text, not 7"),
    ('name = "Example"', 'name = ""', 'company.name: must be text, not ""'),
    ('name = "Example"\n', "", "company.name: is missing"),
    ("Europe/Copenhagen", "Europe/Copenhagn", "did you mean Europe/Copenhagen?"),
    ('default_line = "billing"', 'default_line = "biling"', "which is not there: did you mean billing?"),
    ('shape = "digits:8"', 'shape = "letters:8"', 'fields.account_number.shape: must be like "digits:8"'),
    ('shape = "digits:8"', 'shape = "yesno"', 'fields.account_number.shape: must be like "digits:8"'),
    ('shape = "digits:6"', 'shape = "digits:4-6"', "fields.pin.shape: must be digits of one length for a secret"),
    ("[fields.pin]", "[fields.queue]", "fields.queue: must be named otherwise"),
    ("secret = true", "secret = 1", "fields.pin.secret: must be true or false, not 1"),
    ("secret = true", "secret = true\nalways_read_back = true", "fields.pin.always_read_back: must be false for a secret"),
    ('kind = "amount"', 'kind = "amont"', 'details.balance.kind: names "amont", which is not there: did you mean amount?'),
    ('currency = "EUR"', "", "details.balance.currency: is needed for an amount"),
    ('currency = "EUR"', 'currency = "euro"', 'details.balance.currency: must be like USD, not "euro"'),
    ('hours = "office"', 'hours = "ofice"', "queues.sales.hours: names"),
    ('"09:00-17:00"', '"9-5"', 'hours.office.mon-fri: must be times like "08:00-17:30"'),
    ("mon-fri", "mon-frei", "hours.office.mon-frei: is not known; did you mean"),
    ('queues = ["sales"]', 'queues = ["sale"]', 'agents.ada.queues: names "sale", which is not there: did you mean sales?'),
    ('queues = ["sales"]', 'queues = "sales"', 'agents.ada.queues: must be a list of texts like ["a", "b"], not "sales"'),
    ("+4533124567", "33124567", "agents.ada.phone: must be a number like"),
    (
        "[lines.news]",
        '[agents.bob]\nname = "Ada"\nphone = "+4533124568"\nqueues = ["sales"]\n\n[lines.news]',
        "agents.bob.name: is agents.ada's already",
    ),
    (
        'queues = ["sales"]',
        'queues = ["sales"]\nphones = {home = "+4533124567"}',
        "agents.ada.phones.home: is agents.ada.phone's already",
    ),
    (
        'queues = ["sales"]',
        'queues = ["sales"]\nphones = {home = "33124567"}',
        "agents.ada.phones.home: must be a number like",
    ),
    ('queues = ["sales"]', 'queues = ["sales"]\nroles = ["boss"]', 'agents.ada.roles: names "boss", which is not there'),
    ("+4533124501", "+4533124500", "lines.news.dnis: +4533124500 is lines.billing's number already"),
    ("+4533124500", "4533124500", 'lines.billing.dnis: must be a number like "+12025550110", not "4533124500"'),
    ('region = "DK"', 'region = "Denmark"', 'lines.billing.region: must be a country like "US" or "DK", not "Denmark"'),
    ('queue = "sales"', 'queue = "support"', "lines.billing.queue: names"),
    ('secrets = ["pin"]', 'secrets = ["account_number"]', "account_number, which is no secret; it belongs into identifiers"),
    ('identifiers = ["account_number"]', 'identifiers = ["pin"]', "names pin, which is a secret; it belongs into secrets"),
    ('identifiers = ["account_number"]', 'identifiers = ["acount_number"]', "did you mean account_number?"),
    ('secrets = ["pin"]', "greet_by_name = true", "lines.billing.greet_by_name: needs secrets"),
    ('secrets = ["pin"]', 'recording = "after_verification"', "lines.billing.recording: needs secrets"),
    ('secrets = ["pin"]', 'secrets = ["pin"]\nrecording = "always"', "lines.billing.recording: must be one of off, after_"),
    ('details = ["news"]', 'details = ["balance"]', "lines.news.secrets: must not be empty: balance is said to verified"),
    ('details = ["news"]', "details = []", "lines.news.details: must name something to say"),
    ('next_step = "self_service"', 'next_step = "self-service"', "next_step: must be one of queue, app, self_service, url, sip"),
    ('next_step = "self_service"\n', "", "lines.news.details: are for next_step = self_service only"),
    ('queue = "sales"\nidentifiers', 'language = "xx"\nqueue = "sales"\nidentifiers', "grammars/xx.toml is missing"),
    ("[lines.news]", "[lines.News]", "lines.News: a name here is a word"),
    ("[company]", "[company", "is not TOML"),
]


@pytest.mark.parametrize(("old", "new", "said"), WRONG, ids=[said[:60] for *_, said in WRONG])
def test_a_wrong_file_is_refused_in_words(written: Callable[..., Path], old: str, new: str, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load_company(written((old, new)))
    assert said in str(refused.value)
    assert str(refused.value).startswith("voicebot.toml: ")


def test_everything_that_is_wrong_is_said_at_once(written: Callable[..., Path]) -> None:
    path = written(("max_attempts = 2", "max_attempts = 0"), ("+4533124567", "x"), ("secret = true", 'secret = "yes"'))
    with pytest.raises(ConfigError) as refused:
        load_company(path)
    keys = {line.split(": ")[1] for line in str(refused.value).splitlines()}
    assert keys >= {"lines.billing.limits.max_attempts", "agents.ada.phone", "fields.pin.secret"}


def test_a_wrong_environment_and_a_wrong_file_are_said_together(written: Callable[..., Path]) -> None:
    with pytest.raises(ConfigError) as refused:
        load_settings(written(("max_attempts = 2", "max_attempts = 0")), {"PORT": "no"})
    assert "PORT" in str(refused.value)
    assert "max_attempts" in str(refused.value)


def test_a_missing_prompt_is_refused_with_who_needs_it(written: Callable[..., Path]) -> None:
    with pytest.raises(ConfigError, match=re.escape("prompts/en: self_service.news: is missing (lines.news needs it)")):
        load_settings(written(), {})


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"voicebot\.toml: this file is missing"):
        load_settings(tmp_path / "voicebot.toml", {})


# ---- the shipped example company ----------------------------------------------------------------------------------------


def test_the_shipped_company_has_a_line_of_every_kind(project: Path) -> None:
    company = load_settings(project / "voicebot.toml", {}).company
    plans = {name: line.plan for name, line in company.lines.items()}
    at = datetime(2026, 3, 1, 3, tzinfo=UTC)
    assert plans["billing"].ani_identification
    assert plans["billing"].greet_by_name
    assert not plans["support"].ani_identification
    assert plans["parcels"].secrets == ()
    assert plans["parcels"].identifiers[0].always_read_back
    assert plans["balance"].next_step is NextStep.SELF_SERVICE
    assert all(detail.private for detail in plans["balance"].details)
    assert not company.lines["night"].is_open(at)
    assert all(line.is_open(at) for name, line in company.lines.items() if name != "night")
    assert {queue for agent in company.agents for queue in agent.queues} == {"billing", "delivery"}


def test_the_shipped_company_is_worth_one_note(project: Path) -> None:
    notes = load_settings(project / "voicebot.toml", {}).notes
    assert notes == ("lines.parcels: has no secret, so a spoken identifier is always read back for a yes or no",)


def test_the_shipped_customers_fit_the_shipped_columns(project: Path) -> None:
    plan = load_company(project / "voicebot.toml").import_plan()
    header, *rows = (project / "examples" / "customers.csv").read_text("utf-8").splitlines()
    columns = header.split(",")
    wanted = {plan.customer_id, plan.name, *plan.phones, *dict(plan.identifiers), *dict(plan.secrets)}
    assert set(columns) == wanted | {detail.name for detail in plan.details}
    people = [dict(zip(columns, row.split(","), strict=True)) for row in rows]
    assert all(shape.fits(person[name]) for name, shape in plan.identifiers for person in people)
    assert sorted(shape.fits(person[name]) for name, shape in plan.secrets for person in people) == [False] + [True] * 7
    ada = next(person for person in people if person["account_number"] == "40719238")
    assert (ada["name"], ada["pin"]) == ("Ada Marsh", "493817")
    phones = [person["phone"] for person in people]
    assert len(phones) - len(set(phones)) == 1
