"""In by a real OpenID provider (npm's oidc-provider), there and back; who is nobody here stays out."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.openid_provider import real_provider
from tests.pages.stage import Browser, Stage
from voicebot.config.sign_in import OpenIdPlan, SignInPlan
from voicebot.pages.identities import identity_key

SECRET = "s" * 20
BACK = "https://desk.example.com/sign-in/openid/back"


@dataclass
class Provider:
    """The provider that runs, and a person at its forms."""

    issuer: str

    def approve(self, address: str, name: str) -> str:
        """Go there, sign in as `name`, agree; gives the address that it sends the browser back to."""
        with httpx.Client(follow_redirects=False, timeout=20) as person:
            answer = person.get(address)
            for _ in range(12):
                if answer.is_redirect:
                    target = str(httpx.URL(str(answer.request.url)).join(answer.headers["Location"]))
                    if target.startswith(BACK):
                        return target
                    answer = person.get(target)
                    continue
                prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
                action = re.search(r'<form[^>]*action="([^"]+)"', answer.text)
                assert prompt, answer.text
                assert action, answer.text
                form = {"prompt": prompt[1], "login": name, "password": "any"}
                answer = person.post(str(httpx.URL(str(answer.request.url)).join(action[1])), data=form)
        raise AssertionError("the provider never sent anybody back")


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    log = tmp_path_factory.mktemp("provider") / "log"
    with real_provider(Path(__file__).with_name("provider.mjs"), log, BACK) as port:
        yield Provider(f"http://127.0.0.1:{port}")


Opens = Callable[..., Stage]


@pytest.fixture
def opens(make_stage: Callable[..., Stage], provider: Provider) -> Opens:
    """A stage that is a client of the provider."""

    def open_one(**changes: Any) -> Stage:
        plan = {"client_id": "voicebot", "emails": {"mira@example.com": "mira"}, **changes}
        return make_stage(plan=SignInPlan(open_id=OpenIdPlan(provider.issuer, **plan)), openid_secret=SECRET, real_time=True)

    return open_one


def there(browser: Browser, target: str = "/agent") -> str:
    answer = browser.get(f"/sign-in/openid?next={target}")
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def path_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def test_whoever_the_company_knows_by_a_verified_address_is_in(opens: Opens, provider: Provider) -> None:
    browser = opens().browser()
    assert "Sign in with your company account" in browser.get("/sign-in").text
    back = provider.approve(there(browser), "alice")
    answer = browser.get(path_of(back))
    assert (answer.status_code, answer.location) == (302, "/agent")
    assert browser.get("/agent").text == "for Mira Holt"
    assert "__Host-voicebot-openid" not in browser.cookies()


def test_what_is_asked_of_the_provider_is_bound_to_this_browser(opens: Opens) -> None:
    stage = opens()
    first, second = (parse_qs(urlsplit(there(stage.browser())).query) for _ in range(2))
    assert first["response_type"] == ["code"]
    assert first["code_challenge_method"] == ["S256"]
    assert first["redirect_uri"] == [BACK]
    assert all(first[name] != second[name] for name in ("state", "nonce", "code_challenge"))


def test_an_address_that_is_not_verified_is_nobodys(opens: Opens, provider: Provider) -> None:
    browser = opens().browser()
    answer = browser.get(path_of(provider.approve(there(browser), "bob")))
    assert answer.status_code == 403
    assert "nobody on the roster here is linked to you" in answer.text
    assert "<code>bob</code>" in answer.text
    assert browser.get("/agent").status_code == 302


def test_a_linked_identity_is_in_whatever_its_address(opens: Opens, provider: Provider) -> None:
    stage = opens()
    keyring = stage.keeper._keyring
    stage.accounts.link_identity(identity_key(keyring, provider.issuer, "carol"), "vera", "test", stage.clock.now())
    browser = stage.browser()
    browser.get(path_of(provider.approve(there(browser, "/supervisor"), "carol")))
    assert browser.get("/supervisor").text == "for Vera Lind"


def test_another_claim_names_the_agent_itself(opens: Opens, provider: Provider) -> None:
    browser = opens(claim="employee", emails={}).browser()
    browser.get(path_of(provider.approve(there(browser), "alice")))
    assert browser.get("/agent").text == "for Jonas Bell"


def test_a_code_is_good_for_one_browser_and_once(opens: Opens, provider: Provider) -> None:
    stage = opens()
    mine, other = stage.browser(), stage.browser()
    back = path_of(provider.approve(there(mine), "alice"))
    there(other)
    assert other.get(back).status_code == 400
    assert mine.get(back).status_code == 302
    assert mine.get(back).status_code == 400


def test_a_code_of_somebody_elses_sign_in_opens_nothing(opens: Opens, provider: Provider) -> None:
    stage = opens()
    mine, other = stage.browser(), stage.browser()
    theirs = parse_qs(urlsplit(provider.approve(there(other), "alice")).query)
    own = parse_qs(urlsplit(there(mine)).query)
    answer = mine.get(f"/sign-in/openid/back?code={theirs['code'][0]}&state={own['state'][0]}&iss={provider.issuer}")
    assert answer.status_code == 401
    assert mine.get("/agent").status_code == 302


def test_whoever_does_not_agree_over_there_is_not_in(opens: Opens, provider: Provider) -> None:
    browser = opens().browser()
    state = parse_qs(urlsplit(there(browser)).query)["state"][0]
    answer = browser.get(f"/sign-in/openid/back?error=access_denied&state={state}&iss={provider.issuer}")
    assert answer.status_code == 401
    assert "did not let you in" in answer.text


def test_a_wrong_secret_is_our_trouble_and_said_as_such(
    make_stage: Callable[..., Stage], provider: Provider
) -> None:
    plan = SignInPlan(open_id=OpenIdPlan(provider.issuer, "voicebot", emails={"mira@example.com": "mira"}))
    browser = make_stage(plan=plan, openid_secret="w" * 20, real_time=True).browser()
    answer = browser.get(path_of(provider.approve(there(browser), "alice")))
    assert answer.status_code == 503
    assert "cannot be used just now" in answer.text


def test_without_a_provider_there_is_no_such_door(stage: Stage) -> None:
    assert stage.browser().get("/sign-in/openid").status_code == 404
    assert stage.browser().get("/sign-in/openid/back?code=x").status_code == 404
