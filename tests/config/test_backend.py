"""`[back_end]` and its keys: where customers are looked up, and what is refused."""

from pathlib import Path

import pytest

from voicebot.config.backend import AccessKind, BackEnd, BackEndKeys, BackEndKind, missing_keys, read_back_end, unfit_address
from voicebot.config.deployment import read_deployment
from voicebot.config.settings import load_company, load_settings
from voicebot.config.tables import Complaints, Table
from voicebot.errors import ConfigError

REST = {"kind": "rest", "url": "https://crm.example.com/voicebot/"}
SECRET = "0123456789abcdef0123456789abcdef"


def read(plain: dict[str, object], named: str = "") -> tuple[BackEnd, list[str]]:
    complaints = Complaints("voicebot.toml")
    return read_back_end(Table(plain, "back_end.", complaints), named), complaints.found


def test_without_a_word_the_table_of_this_installation_is_meant() -> None:
    assert read({}) == (BackEnd(), [])
    assert read({}, "embedded") == (BackEnd(), [])


def test_a_back_end_of_the_companys_own_needs_an_address_only() -> None:
    back_end, wrong = read(REST)
    assert wrong == []
    assert back_end == BackEnd(BackEndKind.REST, "https://crm.example.com/voicebot", AccessKind.HMAC, "voicebot-1")
    assert (back_end.connect, back_end.read, back_end.step, back_end.in_flight) == (0.5, 1.5, 3.0, 16)


def test_all_of_it_can_be_said() -> None:
    more = {"access": "oauth", "key_id": "k.2", "scope": "idv", "ca_file": "ca.pem"}
    back_end, wrong = read({**REST, **more, "connect_ms": 100, "read_ms": 200, "step_ms": 400, "in_flight": 4})
    assert wrong == []
    assert back_end == BackEnd(
        BackEndKind.REST, "https://crm.example.com/voicebot", AccessKind.OAUTH, "k.2", "idv", "ca.pem", 0.1, 0.2, 0.4, 4
    )


def test_the_company_may_name_the_kind_alone_but_not_another() -> None:
    assert read({"url": REST["url"]}, "rest")[0].kind is BackEndKind.REST
    assert read(REST, "rest")[1] == []
    assert "company.back_end says" in read(REST, "embedded")[1][0]


@pytest.mark.parametrize(
    ("plain", "key"),
    [
        ({"kind": "rest"}, "url"),
        ({"kind": "soap"}, "kind"),
        ({**REST, "url": "http://crm.example.com"}, "url"),
        ({**REST, "url": "https://user:pass@crm.example.com"}, "url"),
        ({**REST, "url": "https://crm.example.com/?a=b"}, "url"),
        ({**REST, "url": "https://crm.example.com:port"}, "url"),
        ({**REST, "url": "crm.example.com"}, "url"),
        ({**REST, "access": "basic"}, "access"),
        ({**REST, "key_id": "a b"}, "key_id"),
        ({**REST, "connect_ms": 5000}, "connect_ms"),
        ({**REST, "read_ms": 30000}, "read_ms"),
        ({**REST, "step_ms": 3001}, "step_ms"),
        ({**REST, "in_flight": 17}, "in_flight"),
        ({**REST, "in_flght": 7}, "in_flght"),
    ],
)
def test_what_is_wrong_is_named(plain: dict[str, object], key: str) -> None:
    _, wrong = read(plain)
    assert len(wrong) == 1
    assert wrong[0].startswith(f"voicebot.toml: back_end.{key}: ")
    assert "pass@" not in wrong[0]


@pytest.mark.parametrize("url", ["http://127.0.0.1:8099", "http://localhost:8099/a", "http://[::1]:8099", "https://10.0.0.1/x"])
def test_plain_http_is_for_this_machine_only(url: str) -> None:
    assert unfit_address(url) == ""


def test_keys_that_are_missing_are_named_by_what_needs_them() -> None:
    hmac, oauth = BackEnd(BackEndKind.REST), BackEnd(BackEndKind.REST, access=AccessKind.OAUTH)
    assert missing_keys(BackEnd(), BackEndKeys()) == []
    assert [line.split(": ")[1] for line in missing_keys(hmac, BackEndKeys(client_id="a"))] == ["VOICEBOT_BACKEND_SECRET"]
    assert missing_keys(hmac, BackEndKeys(secret=SECRET)) == []
    assert len(missing_keys(oauth, BackEndKeys(secret=SECRET))) == 3
    assert missing_keys(oauth, BackEndKeys("", "a", "b", "https://login.example.com")) == []


def test_keys_come_from_the_environment_and_are_shown_nowhere(tmp_path: Path) -> None:
    env = {
        "VOICEBOT_BACKEND_SECRET": SECRET,
        "VOICEBOT_BACKEND_CLIENT_ID": "our-client",
        "VOICEBOT_BACKEND_CLIENT_SECRET": SECRET[::-1],
        "VOICEBOT_BACKEND_TOKEN_URL": "https://login.example.com/token",
    }
    deployment = read_deployment(env, tmp_path)
    assert deployment.back_end == BackEndKeys(SECRET, "our-client", SECRET[::-1], "https://login.example.com/token")
    assert not any(text in repr(deployment) + repr(deployment.back_end) for text in (SECRET, SECRET[::-1], "our-client"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VOICEBOT_BACKEND_SECRET", SECRET[:-1]),
        ("VOICEBOT_BACKEND_SECRET", f"{SECRET} {SECRET}"),
        ("VOICEBOT_BACKEND_CLIENT_SECRET", "short"),
        ("VOICEBOT_BACKEND_TOKEN_URL", "http://login.example.com"),
        ("VOICEBOT_BACKEND_SECRETS", SECRET),
    ],
)
def test_wrong_keys_are_named_and_secrets_not_repeated(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read_deployment({name: value}, tmp_path)
    assert name in str(refused.value)
    assert "SECRET" not in name or value not in str(refused.value)


def test_the_shipped_company_has_its_own_table(project: Path) -> None:
    assert load_company(project / "voicebot.toml").back_end == BackEnd()


def test_a_company_with_a_back_end_of_its_own_does_not_start_without_its_key(project: Path, tmp_path: Path) -> None:
    text = (project / "voicebot.toml").read_text("utf-8").replace('back_end = "embedded"', 'back_end = "rest"', 1)
    toml = tmp_path / "voicebot.toml"
    toml.write_text(f'{text}\n[back_end]\nurl = "https://crm.example.com"\n', "utf-8")
    with pytest.raises(ConfigError, match="VOICEBOT_BACKEND_SECRET: is needed"):
        load_settings(toml, {})
    settings = load_settings(toml, {"VOICEBOT_BACKEND_SECRET": SECRET})
    assert settings.company.back_end.url == "https://crm.example.com"
    assert settings.deployment.back_end.secret == SECRET


def test_all_numbers_of_customers_are_known_only_where_they_are_kept(project: Path, tmp_path: Path) -> None:
    shape = 'shape = "digits:8"'
    text = (project / "voicebot.toml").read_text("utf-8").replace(shape, f"{shape}\ncustomers = 900\namong_customers = true", 1)
    toml = tmp_path / "voicebot.toml"
    toml.write_text(text, "utf-8")
    (plan,) = {line.plan.identifiers[0] for line in load_company(toml).lines.values() if line.plan.identifiers[0].customers}
    assert plan.among_customers
    rest = text.replace('back_end = "embedded"', 'back_end = "rest"', 1)
    toml.write_text(f'{rest}\n[back_end]\nurl = "{REST["url"]}"\n', "utf-8")
    with pytest.raises(ConfigError, match=r"fields\..*\.among_customers: is for customers who are kept here"):
        load_company(toml)


def test_codes_of_an_app_are_for_customers_who_are_kept_here(project: Path, tmp_path: Path) -> None:
    text = (project / "voicebot.toml").read_text("utf-8").replace("secret = true", "secret = true\ntotp = true", 1)
    toml = tmp_path / "voicebot.toml"
    toml.write_text(text, "utf-8")
    company = load_company(toml)
    assert company.fields.codes == ("pin",)
    assert "pin" not in company.secrets
    rest = text.replace('back_end = "embedded"', 'back_end = "rest"', 1)
    toml.write_text(f'{rest}\n[back_end]\nurl = "{REST["url"]}"\n', "utf-8")
    with pytest.raises(ConfigError, match=r"fields\.pin\.totp: is for customers who are kept here"):
        load_company(toml)
