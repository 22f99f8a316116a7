"""In and out: who has the password comes in, whoever has not learns nothing, and nobody is kept out for good."""

from collections.abc import Callable

import pytest
from markupsafe import escape

from tests.pages.stage import PASSWORD, URL, Browser, Stage
from voicebot.config.sign_in import SignInPlan
from voicebot.pages.doors import NOT_IN
from voicebot.pages.sign_ins import token_id
from voicebot.pages.tries import OF_A_NAME, OF_AN_ADDRESS
from voicebot.records.audit import Deed, SqlAudit

HERE = "http://127.0.0.1:8080"
OTHER_PASSWORD = "seven quiet umbrellas"


# ---- by password ---------------------------------------------------------------------------------------------------


def test_whoever_has_the_password_is_in_and_goes_where_they_wanted(browser: Browser) -> None:
    asked = browser.get("/agent")
    assert (asked.status_code, asked.location) == (302, "/sign-in?next=%2Fagent")
    assert 'name="next" value="/agent"' in browser.get(asked.location).text
    assert browser.sign_in(next="/agent").location == "/agent"
    assert browser.get("/agent").text == "for Mira Holt"


def test_a_name_is_taken_in_any_case_and_with_spaces_around(browser: Browser) -> None:
    assert browser.sign_in(" Mira ").status_code == 302


def test_a_password_is_the_same_however_its_letters_are_composed(stage: Stage) -> None:
    stage.set_password("mira", "cafe\u0301 au lait sous la pluie")
    assert stage.browser().sign_in(password="caf\u00e9 au lait sous la pluie").status_code == 302


def test_every_failure_reads_the_same(stage: Stage) -> None:
    tried = (("mira", "wrong"), ("nobody", PASSWORD), ("jonas' --", PASSWORD), ("mira", "x" * 5000))
    answers = [stage.browser().sign_in(agent, password) for agent, password in tried]
    pages = {answer.text.replace(f'value="{escape(name)}"', "") for answer, (name, _) in zip(answers, tried, strict=True)}
    assert {answer.status_code for answer in answers} == {401}
    assert len(pages) == 1
    assert NOT_IN in pages.pop()
    failed = [one.who for one in SqlAudit(stage.store).newest() if one.deed is Deed.SIGN_IN_FAILED]
    assert failed == ["mira", "nobody", "nobody", "mira"]


def test_what_was_typed_as_a_name_comes_back_as_text_and_the_password_never(browser: Browser) -> None:
    answer = browser.sign_in('"><script>alert(1)</script>', "canary password 0420")
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert "canary" not in answer.text


def test_somebody_who_is_not_on_the_roster_any_more_is_not_let_in_and_not_kept_in(stage: Stage, browser: Browser) -> None:
    stage.set_password("gone")
    assert browser.sign_in("gone").status_code == 401


def test_a_name_is_shut_after_some_tries_and_opens_by_itself(stage: Stage, browser: Browser) -> None:
    for _ in range(OF_A_NAME):
        browser.sign_in(password="wrong")
    shut = browser.sign_in()
    assert shut.status_code == 401
    assert NOT_IN in shut.text
    assert stage.browser().sign_in("jonas").status_code == 302
    stage.clock.pass_time(minutes=16)
    assert stage.browser().sign_in().status_code == 302


def test_a_name_that_nobody_has_is_shut_just_the_same(browser: Browser) -> None:
    for _ in range(OF_A_NAME + 1):
        answer = browser.sign_in("nobody")
    assert answer.status_code == 401
    assert NOT_IN in answer.text


def test_whoever_guesses_elsewhere_does_not_keep_the_owner_out_of_a_browser_known_before(stage: Stage) -> None:
    known = stage.browser()
    known.sign_in()
    known.post("/sign-out")
    for _ in range(OF_A_NAME + 1):
        stage.browser().sign_in(password="wrong")
    assert stage.browser().sign_in().status_code == 401
    assert known.sign_in().status_code == 302


def test_a_browser_known_for_one_person_is_not_known_for_another(stage: Stage) -> None:
    known = stage.browser()
    known.sign_in("jonas")
    known.post("/sign-out")
    for _ in range(OF_A_NAME):
        stage.browser().sign_in(password="wrong")
    assert known.sign_in("mira").status_code == 401


def test_an_address_is_shut_for_all_names_and_a_right_try_there_is_given_back(stage: Stage) -> None:
    for number in range(OF_AN_ADDRESS - 1):
        stage.browser(REMOTE_ADDR="203.0.113.9").sign_in(f"guess{number}")
    assert stage.browser(REMOTE_ADDR="203.0.113.9").sign_in("jonas").status_code == 302
    assert stage.browser(REMOTE_ADDR="203.0.113.9").sign_in("vera").status_code == 302
    stage.browser(REMOTE_ADDR="203.0.113.9").sign_in("guess")
    assert stage.browser(REMOTE_ADDR="203.0.113.9").sign_in("jonas").status_code == 401
    assert stage.browser(REMOTE_ADDR="203.0.113.10").sign_in("jonas").status_code == 302


def test_an_outdated_hash_is_renewed_at_the_next_success(stage: Stage, browser: Browser) -> None:
    before = stage.accounts.password("mira")
    stage.keeper._keyring.rotate("pepper")
    browser.sign_in()
    assert stage.accounts.password("mira") not in (None, before)
    assert stage.browser().sign_in().status_code == 302


def test_where_passwords_are_switched_off_none_opens(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(plan=SignInPlan(passwords=False))
    stage.set_password("mira")
    assert stage.browser().sign_in().status_code == 404


# ---- where to go afterwards ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "", "evil", "/a\nb", "/\\/x"]
)
def test_nobody_is_led_to_another_site(browser: Browser, target: str) -> None:
    assert browser.sign_in(next=target).location == "/"


def test_home_is_the_first_page_that_somebody_may_open(stage: Stage) -> None:
    first = {}
    for agent in ("mira", "vera", "ada"):
        browser = stage.browser()
        browser.sign_in(agent)
        first[agent] = browser.get("/").location
    assert first == {"mira": "/agent", "vera": "/supervisor", "ada": "/supervisor"}


# ---- cookies -------------------------------------------------------------------------------------------------------


def test_the_cookie_is_ours_alone_and_the_database_does_not_hold_it(stage: Stage, browser: Browser) -> None:
    answer = browser.sign_in()
    given = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith("__Host-voicebot=")]
    assert len(given) == 1
    assert all(word in given[0] for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
    assert "Domain" not in given[0]
    token = browser.cookies()["__Host-voicebot"]
    assert list(stage.accounts.find([token, token_id(token)])) == [token_id(token)]


def test_without_tls_which_is_on_this_machine_only_the_cookie_has_a_name_of_its_own(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(url=HERE)
    stage.set_password("mira")
    browser = stage.browser(HERE)
    browser.post("/sign-in", origin=HERE, name="mira", password=PASSWORD)
    assert "voicebot-here" in browser.cookies()
    assert browser.get("/agent").status_code == 200


def test_signing_in_again_ends_the_earlier_sign_in_of_this_browser(stage: Stage, browser: Browser) -> None:
    browser.sign_in("mira")
    earlier = token_id(browser.cookies()["__Host-voicebot"])
    browser.sign_in("jonas")
    assert stage.accounts.find([earlier]) == {}
    assert browser.get("/agent").text == "for Jonas Bell"


# ---- how long ------------------------------------------------------------------------------------------------------


def test_nobody_stays_in_without_a_sign_of_life(stage: Stage, browser: Browser) -> None:
    browser.sign_in()
    for _ in range(4):
        stage.clock.pass_time(minutes=14)
        assert browser.get("/agent").status_code == 200
    stage.clock.pass_time(minutes=15)
    assert browser.get("/agent").location == "/sign-in?next=%2Fagent"


def test_being_asked_whether_one_is_there_is_no_sign_of_life_but_a_click_is(stage: Stage, browser: Browser) -> None:
    browser.sign_in()
    stage.clock.pass_time(minutes=10)
    assert browser.get("/present").status_code == 204
    stage.clock.pass_time(minutes=4)
    assert browser.post("/activity").status_code == 204
    stage.clock.pass_time(minutes=10)
    assert browser.get("/present").status_code == 204
    stage.clock.pass_time(minutes=5)
    assert browser.get("/present").status_code == 401


def test_nobody_stays_in_for_longer_than_a_day_of_work(stage: Stage, browser: Browser) -> None:
    browser.sign_in()
    for _ in range(71):
        stage.clock.pass_time(minutes=10)
        assert browser.get("/agent").status_code == 200
    stage.clock.pass_time(minutes=10)
    assert browser.get("/agent").status_code == 302


def test_what_has_ended_by_itself_is_tidied_away(stage: Stage, browser: Browser) -> None:
    browser.sign_in()
    stage.clock.pass_time(minutes=16)
    assert stage.shell.sign_ins.tidy() == 1
    assert stage.accounts.accounts()[0].sign_ins == 0


# ---- out -----------------------------------------------------------------------------------------------------------


def test_whoever_signs_out_is_out_in_this_browser_only(stage: Stage, browser: Browser) -> None:
    other = stage.browser()
    browser.sign_in()
    other.sign_in()
    kept = browser.cookies()["__Host-voicebot"]
    assert browser.post("/sign-out").location == "/sign-in"
    assert "__Host-voicebot" not in browser.cookies()
    assert stage.accounts.find([token_id(kept)]) == {}
    assert other.get("/agent").status_code == 200


# ---- a new password ------------------------------------------------------------------------------------------------


def test_a_new_password_signs_out_every_other_browser_and_is_recorded(stage: Stage, browser: Browser) -> None:
    other = stage.browser()
    browser.sign_in()
    other.sign_in()
    answer = browser.post("/password", present=PASSWORD, new=OTHER_PASSWORD, again=OTHER_PASSWORD)
    assert (answer.status_code, answer.location) == (302, "/")
    assert browser.get("/agent").status_code == 200
    assert other.get("/agent").status_code == 302
    assert stage.browser().sign_in().status_code == 401
    assert stage.browser().sign_in(password=OTHER_PASSWORD).status_code == 302
    failed, changed = SqlAudit(stage.store).newest(2)
    assert (failed.deed, failed.who) == (Deed.SIGN_IN_FAILED, "mira")
    assert (changed.deed, changed.who, changed.facts["agent"]) == (Deed.PASSWORD_SET, "mira (pages)", "mira")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"present": "wrong", "new": OTHER_PASSWORD, "again": OTHER_PASSWORD}, "The present password is another one"),
        ({"present": PASSWORD, "new": OTHER_PASSWORD, "again": OTHER_PASSWORD + "x"}, "The two are not the same"),
        ({"present": PASSWORD, "new": "short", "again": "short"}, "15 characters or more"),
        ({"present": PASSWORD, "new": "Mira Holt Mira Holt", "again": "Mira Holt Mira Holt"}, "easy to guess"),
    ],
)
def test_a_new_password_that_is_not_taken_changes_nothing(
    stage: Stage, browser: Browser, fields: dict[str, str], said: str
) -> None:
    browser.sign_in()
    before = stage.accounts.password("mira")
    answer = browser.post("/password", **fields)
    assert answer.status_code == 400
    assert said in answer.text
    assert stage.accounts.password("mira") == before
    assert fields["new"] not in answer.text.replace("15 characters", "")


# ---- by a link, on this machine ------------------------------------------------------------------------------------


@pytest.fixture
def here(make_stage: Callable[..., Stage]) -> Stage:
    return make_stage(url=HERE)


def offered(stage: Stage, token: str = "t0ken", agent: str = "mira") -> str:
    stage.accounts.offer_link(token_id(token), agent, stage.clock.now().replace(hour=23))
    return f"/sign-in/link/{token}"


def test_a_link_is_looked_at_as_often_as_one_likes_and_opens_once(here: Stage) -> None:
    path, browser = offered(here), here.browser(HERE)
    assert "Sign in as Mira Holt" in browser.get(path).text
    assert "Sign in as Mira Holt" in browser.get(path).text
    assert browser.post(path, origin=HERE).location == "/"
    assert browser.get("/agent").text == "for Mira Holt"
    assert here.browser(HERE).post(path, origin=HERE).status_code == 404


def test_a_link_opens_nothing_from_another_machine_or_under_a_public_address(here: Stage, stage: Stage) -> None:
    path = offered(here)
    assert here.browser(HERE, REMOTE_ADDR="203.0.113.9").get(path).status_code == 404
    assert here.browser(HERE, REMOTE_ADDR="203.0.113.9").post(path, origin=HERE).status_code == 404
    assert stage.browser(URL).get(offered(stage, "other")).status_code == 404


def test_a_link_of_somebody_who_is_not_on_the_roster_opens_nothing(here: Stage) -> None:
    assert here.browser(HERE).get(offered(here, agent="gone")).status_code == 404
