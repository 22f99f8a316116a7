"""Settings about who is believed how much: check digits, telephone numbers, telling apart, one verdict, handing over."""

# ruff: noqa: E501 - a wrong line and what is said of it read best side by side
from collections.abc import Callable
from pathlib import Path

import pytest

from voicebot.config.settings import load_company, load_settings
from voicebot.dialogue.forms import CheckDigit, Detail, DialTarget, Door, NextStep, Verification
from voicebot.dialogue.values import Shape
from voicebot.errors import ConfigError

GOOD = """
[company]
name = "Example"
default_line = "billing"

[fields.account_number]
shape = "digits:8"
check = "luhn"

[fields.account_ending]
shape = "digits:4"
ending_of = "account_number"

[fields.postal_code]
shape = "digits:5"

[fields.phone_number]
shape = "phone"

[fields.pin]
shape = "digits:6"
secret = true

[queues.billing]

[agents.ada]
name = "Ada"
phone = "+12025550171"
queues = ["billing"]

[lines.billing]
dnis = "+12025550110"
queue = "billing"
identifiers = ["account_number", "phone_number"]
secrets = ["pin"]
separators = ["postal_code", "account_ending"]
next_step = "queue"

[lines.joint]
dnis = "+12025550120"
queue = "billing"
ani_identification = false
identifiers = ["account_number"]
secrets = ["pin"]
verification = "joint"

[lines.web]
dnis = "+12025550130"
queue = "billing"
identifiers = ["account_number"]
secrets = ["pin"]
next_step = "url"
hand_over = "https://flows.example.com/voice"
hand_over_identifier = true

[lines.peer]
dnis = "+12025550140"
queue = "billing"
identifiers = ["account_number"]
secrets = ["pin"]
next_step = "sip"
hand_over = "sip:service@pbx.example.com;transport=tls"
"""
SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    def write(*changes: tuple[str, str]) -> Path:
        text = GOOD
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        path = tmp_path / "voicebot.toml"
        path.write_text(text, "utf-8")
        return path

    return write


def test_a_line_has_what_was_said(written: Callable[..., Path]) -> None:
    plans = {name: line.plan for name, line in load_company(written()).lines.items()}
    account, phone = plans["billing"].identifiers
    assert account.check is CheckDigit.LUHN
    assert phone.shape == Shape.parse("phone")
    assert [field.name for field in plans["billing"].separators] == ["postal_code", "account_ending"]
    assert plans["billing"].verification is Verification.STEPWISE
    assert plans["joint"].joint
    assert (plans["web"].next_step, plans["web"].hand_over) == (NextStep.URL, DialTarget("https://flows.example.com/voice"))
    assert (plans["web"].hand_over_identifier, plans["peer"].hand_over_identifier) == (True, False)
    assert plans["peer"].hand_over == DialTarget("sip:service@pbx.example.com;transport=tls")


def test_every_field_is_what_it_is_in_a_customers_row(written: Callable[..., Path]) -> None:
    fields = load_company(written()).fields
    assert fields.identifiers == {"account_number": Shape.parse("digits:8")}
    assert fields.secrets == {"pin": Shape.parse("digits:6")}
    assert fields.separators == {"postal_code": Shape.parse("digits:5")}
    assert fields.endings == {"account_ending": ("account_number", 4)}
    assert fields.phones == ("phone_number",)


def test_what_several_customers_may_share_is_imported_as_digits_and_is_no_key(written: Callable[..., Path]) -> None:
    plan = load_company(written()).import_plan()
    assert [name for name, _ in plan.identifiers] == ["account_number"]
    assert plan.details == (Detail("postal_code", "digits"),)


def test_dates_and_amounts_tell_customers_apart_and_are_imported_as_what_they_are(written: Callable[..., Path]) -> None:
    toml = written(
        ("[fields.pin]", '[fields.birthday]\nshape = "date:past"\n\n[fields.last_bill]\nshape = "amount"\ncurrency = "KRW"\n\n[fields.pin]'),
        ('["postal_code", "account_ending"]', '["birthday", "last_bill"]'),
    )
    company = load_company(toml)
    shapes = {"birthday": Shape.parse("date:past"), "last_bill": Shape.parse("amount:0")}
    assert {name: company.fields.separators[name] for name in shapes} == shapes
    plan = company.lines["billing"].plan
    assert [(one.name, one.shape, one.currency) for one in plan.separators] == [
        ("birthday", shapes["birthday"], ""), ("last_bill", shapes["last_bill"], "KRW"),
    ]  # fmt: skip
    kinds = {detail.name: detail.kind for detail in company.import_plan().details}
    assert (kinds["birthday"], kinds["last_bill"]) == ("day", "amount")


def test_what_a_line_asks_as_an_identifier_must_be_one_customers_even_if_it_separates_elsewhere(
    written: Callable[..., Path],
) -> None:
    both = written(('identifiers = ["account_number"]\nsecrets = ["pin"]\nver', 'identifiers = ["account_number", "postal_code"]\nsecrets = ["pin"]\nver'))
    fields = load_company(both).fields
    assert (set(fields.identifiers), fields.separators) == ({"account_number", "postal_code"}, {})


@pytest.mark.parametrize("word", ["app", "self_service"])
def test_the_self_service_has_two_names(written: Callable[..., Path], word: str) -> None:
    company = load_company(
        written(("[queues.billing]", "[details.news]\nprivate = false\n\n[queues.billing]"), ('next_step = "queue"', f'next_step = "{word}"\ndetails = ["news"]'))
    )
    assert company.lines["billing"].plan.next_step is NextStep.SELF_SERVICE


@pytest.mark.parametrize(
    "address",
    ["https://flows.example.com/voice?flow=7", "https://webhooks.twilio.com/v1/Accounts/AC1/Flows/FW1", "http://127.0.0.1:8080/x"],
)
def test_an_address_of_the_web_may_have_a_query(written: Callable[..., Path], address: str) -> None:
    plan = load_company(written(("https://flows.example.com/voice", address))).lines["web"].plan
    assert plan.hand_over == DialTarget(address)


WRONG = [
    ('next_step = "queue"', 'next_step = "queue"\nsecrets_door = "record"', 'lines.billing.secrets_door: must be one of gather, stream, not "record"'),
    ('next_step = "queue"', 'next_step = "queue"\ndoor = "record"\nlisten = false', "lines.billing.door: records what callers say, but listen = false"),
    ('next_step = "queue"', 'next_step = "queue"\nrecord_when_lost = true\nlisten = false', "lines.billing.record_when_lost: records what callers say"),
    ('next_step = "queue"', 'next_step = "queue"\nrecord_when_lost = "yes"', "lines.billing.record_when_lost: must be true or false"),
    ('check = "luhn"', 'check = "lun"', 'fields.account_number.check: names "lun", which is not there: did you mean luhn?'),
    ("secret = true", 'secret = true\nprefixes = ["4"]', "fields.pin.prefixes: is for identifiers of digits only, not for a secret"),
    ('shape = "phone"', 'shape = "phone"\nprefixes = ["4"]', "fields.phone_number.prefixes: is for identifiers of digits only, not for a t"),
    ('check = "luhn"', 'prefixes = ["4x"]', 'fields.account_number.prefixes: must be digits in quotes, like ["44", "45"]; "4x" is not'),
    ('check = "luhn"', "prefixes = [44]", "fields.account_number.prefixes: must be a list of texts"),
    ('check = "luhn"', 'prefixes = ["123456789"]', 'fields.account_number.prefixes: must have no more digits than the field, 8; "123456789" has'),
    ('check = "luhn"', 'prefixes = ["44", "4"]', 'fields.account_number.prefixes: needs each beginning once; "44" begins with another'),
    ('check = "luhn"', f"prefixes = {[str(one) for one in range(100, 201)]}", "fields.account_number.prefixes: must be 100 at most, not 101"),
    ('check = "luhn"', 'prefixes = ["44"]\ncustomers = 10', "fields.account_number.customers: is for a field without prefixes"),
    ('shape = "digits:8"', 'shape = "digits:8:44"', 'fields.account_number.shape: must be like "digits:8"'),
    ('ending_of = "account_number"', 'ending_of = "account_number"\nprefixes = ["4"]', "without check digit and prefixes"),
    ("secret = true", 'secret = true\ncheck = "luhn"', "fields.pin.check: is for identifiers of digits only, not for a secret"),
    ('shape = "phone"', 'shape = "phone"\ncheck = "luhn"', "fields.phone_number.check: is for identifiers of digits only, not for a tele"),
    ('check = "luhn"', "among_customers = true", "fields.account_number.among_customers: needs customers, the number of customers"),
    ("secret = true", "secret = true\ncustomers = 9", "fields.pin.customers: is for an identifier of digits of one length"),
    ('shape = "phone"', 'shape = "phone"\ncustomers = 9', "fields.phone_number.customers: is for an identifier of digits"),
    ('check = "luhn"', "customers = -1", "fields.account_number.customers: must be 0 to 1000000000, not -1"),
    ('shape = "phone"', 'shape = "phone"\nsecret = true', 'fields.phone_number.shape: must be digits of one length for a secret, like "digits:6", not "phone"'),
    ('shape = "phone"', 'shape = "commands"', 'fields.phone_number.shape: must be like "digits:8", "digits:6-10" (1 to 24), or "phone", "date"'),
    ('shape = "phone"', 'shape = "amount:2"\ncurrency = "USD"', 'fields.phone_number.currency: is for shape = "amount" only'),
    ('shape = "phone"', 'shape = "amount"', 'fields.phone_number.currency: is needed for an amount, like "USD"'),
    ('shape = "phone"', 'shape = "date:yesterday"', 'fields.phone_number.shape: must be like "digits:8"'),
    ('shape = "phone"', 'shape = "date"\ncheck = "luhn"', "fields.phone_number.check: is for identifiers of digits only, not for a date"),
    ('shape = "phone"', 'shape = "date"', "names phone_number, a date, which many customers share; it belongs into separators"),
    ('ending_of = "account_number"', 'ending_of = "account"', 'ending_of: names "account"; it must be another field of digits'),
    ('ending_of = "account_number"', 'ending_of = "pin"', 'ending_of: names "pin"; it must be another field of digits'),
    ('ending_of = "account_number"', 'ending_of = "phone_number"', 'names "phone_number"; it must be another field of digits'),
    ('ending_of = "account_number"', 'ending_of = "account_ending"', "it must be another field of digits that is no secret"),
    ('shape = "digits:4"\nending', 'shape = "digits:8"\nending', "account_ending.shape: must have fewer digits than account_number"),
    ('shape = "digits:4"\nending', 'shape = "digits:3-4"\nending', "fields.account_ending.ending_of: is for an identifier of one length"),
    ('"account_number", "phone_number"]', '"account_ending"]', "names account_ending, which is only the end of account_number; it belongs into separators"),
    ('"postal_code", "account_ending"]', '"pin"]', "lines.billing.separators: names pin, which is a secret"),
    ('verification = "joint"', 'verification = "both"', 'lines.joint.verification: must be one of stepwise, joint, not "both"'),
    ("ani_identification = false", "ani_identification = true", "lines.joint.ani_identification: must be false where verification is joint"),
    ('verification = "joint"', 'verification = "joint"\nseparators = ["postal_code"]', "lines.joint.separators: must be empty where"),
    ('secrets = ["pin"]\nverification', "verification", "lines.joint.verification: joint needs an identifier and exactly one secret"),
    ('hand_over = "https://flows.example.com/voice"\n', "", 'lines.web.hand_over: must be an address like "https://flows.example.com/voice"'),
    ("https://flows.example.com/voice", "http://flows.example.com/voice", "lines.web.hand_over: must be an address like"),
    ("https://flows.example.com/voice", "https://ada:pin@flows.example.com/", "lines.web.hand_over: must be an address like"),
    ("https://flows.example.com/voice", "https://flows.example.com/#x", "lines.web.hand_over: must be an address like"),
    ("https://flows.example.com/voice", "https://flows.example.com/a b", "lines.web.hand_over: must be an address like"),
    ("https://flows.example.com/voice", "https://[", "lines.web.hand_over: must be an address like"),
    ("https://flows.example.com/voice", "sip:a@b", "lines.web.hand_over: must be an address like"),
    ("sip:service@pbx.example.com;transport=tls", "https://pbx.example.com", 'lines.peer.hand_over: must be an address like "sip:'),
    ("sip:service@pbx.example.com;transport=tls", "sip:service@pbx.example.com?X-A=1", "lines.peer.hand_over: must be an address"),
    ("sip:service@pbx.example.com;transport=tls", "sip:" + "a" * 99 + "@" + "b" * 199, "lines.peer.hand_over: must be an address"),
    ('next_step = "queue"', 'hand_over = "sip:a@b"', 'lines.billing.hand_over: is for next_step = "url" or "sip" only'),
    ('next_step = "queue"', "hand_over_identifier = true", 'lines.billing.hand_over_identifier: is for next_step = "url" or "sip"'),
    ('next_step = "sip"', 'next_step = "sips"', "lines.peer.next_step: must be one of queue, app, self_service, url, sip"),
    ('identifiers = ["account_number"]\nsecrets = ["pin"]\nnext_step = "url"', 'ani_identification = false\nnext_step = "url"', "lines.web.identifiers: must name something to ask"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "said"), WRONG, ids=[said[:60] for *_, said in WRONG])
def test_what_would_tell_too_much_or_lead_nowhere_is_refused_in_words(
    written: Callable[..., Path], old: str, new: str, said: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        load_company(written((old, new)))
    assert said in str(refused.value)


def test_secrets_of_a_line_that_records_are_keyed(written: Callable[..., Path]) -> None:
    plan = load_company(written(('next_step = "queue"', 'next_step = "queue"\ndoor = "record"'))).lines["billing"].plan
    assert (plan.door, plan.secrets_door, plan.record_when_lost) == (Door.RECORD, Door.GATHER, False)


def test_handing_over_needs_a_key_to_sign_with(written: Callable[..., Path]) -> None:
    with pytest.raises(ConfigError, match=r"VOICEBOT_HAND_OVER_SECRET: is needed for lines\.web"):
        load_settings(written(), {})


def test_a_short_key_is_refused_and_not_shown(written: Callable[..., Path]) -> None:
    with pytest.raises(ConfigError, match="VOICEBOT_HAND_OVER_SECRET: must be 32 to 128 characters") as refused:
        load_settings(written(), {"VOICEBOT_HAND_OVER_SECRET": "hunter2hunter2"})
    assert "hunter2" not in str(refused.value)


def test_with_a_key_all_is_well_and_nothing_shows_it(written: Callable[..., Path]) -> None:
    settings = load_settings(
        written(('["postal_code", "account_ending"]', '["account_ending"]')), {"VOICEBOT_HAND_OVER_SECRET": SECRET}
    )
    assert settings.deployment.hand_over_secret == SECRET
    assert SECRET not in repr(settings)


@pytest.mark.parametrize(
    ("prompt_id", "change"), [("mistyped", ('check = "luhn"\n', "")), ("not_confirmed", ('verification = "joint"\n', ""))]
)
def test_the_words_for_it_are_needed_where_it_can_happen(
    written: Callable[..., Path], tmp_path: Path, project: Path, prompt_id: str, change: tuple[str, str]
) -> None:
    """Without them the settings are refused; a company that does not need them may leave them out."""
    (tmp_path / "prompts" / "en").mkdir(parents=True)
    for source in (project / "prompts" / "en").glob("*.toml"):
        text = source.read_text("utf-8").replace(f"\n{prompt_id} = [", f"\nnot_{prompt_id}_but_other = [")
        (tmp_path / "prompts" / "en" / source.name).write_text(text, "utf-8")
    usual = ('["postal_code", "account_ending"]', '["account_ending"]')
    with pytest.raises(ConfigError, match=rf"prompts/en: account_number\.{prompt_id}: is missing"):
        load_settings(written(usual), {"VOICEBOT_HAND_OVER_SECRET": SECRET})
    load_settings(written(usual, change), {"VOICEBOT_HAND_OVER_SECRET": SECRET})


def test_what_a_number_begins_with_is_part_of_its_shape(written: Callable[..., Path]) -> None:
    company = load_company(written(('check = "luhn"', 'check = "luhn"\nprefixes = ["045", "44"]')))
    assert company.lines["billing"].plan.identifiers[0].shape == Shape.parse("digits:8:44,045")
