"""`twilio setup|show|undo` over the twin: what is changed, what is not, and that it can be taken back exactly."""

import json
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.twin_stage import standing_twin
from voicebot.cli import cli
from voicebot.simulator.numbers import WELCOME, AccountNumber
from voicebot.simulator.resources import ApiError
from voicebot.simulator.twin import Twin
from voicebot.telephony.undo import FILE

LINE, OTHER = "+12025550110", "+12025550120"
SENDER = "+12025550100"  # no line of the shipped company
BASE = "https://voice.example.com"
PATIENCE = "#ct=1500&rt=4000&rc=2&rp=ct,rt,5xx"
BIN = "https://handler.twilio.com/twiml/EH" + "0" * 32
THEIRS = {
    "voice_url": "https://ada:canary@ivr.example.org/in?key=canary",
    "voice_method": "GET",
    "voice_fallback_url": "https://ivr.example.org/sorry",
    "voice_fallback_method": "GET",
    "status_callback": "https://ivr.example.org/end",
    "status_callback_method": "GET",
}
Command = Callable[..., Result]


@pytest.fixture(scope="module")
def standing() -> Iterator[Twin]:
    with standing_twin() as twin:
        yield twin


@pytest.fixture
def twin(standing: Twin) -> Twin:
    standing.numbers.numbers = [AccountNumber(LINE), AccountNumber("+12025550999")]
    standing.numbers.refuse_next = None
    standing.failures.clear()
    return standing


@pytest.fixture
def twilio(twin: Twin, tmp_path: Path) -> Command:
    """The command, with this twin's account; its data in `tmp_path/data`. Named variables come on top."""

    def run(*arguments: str, typed: str | None = None, **env: str) -> Result:
        ours = {
            "PUBLIC_BASE_URL": BASE,
            "TWILIO_ACCOUNT_SID": twin.settings.account_sid,
            "TWILIO_AUTH_TOKEN": twin.settings.auth_token,
            "TWILIO_AUTH_TOKEN_NEXT": "",
            "TWILIO_API_BASE_URL": twin.api_url,
            "VOICEBOT_DATA": str(tmp_path / "data"),
        }
        return CliRunner().invoke(cli, ["twilio", *arguments], env=ours | env, input=typed)

    return run


def number(twin: Twin, phone: str = LINE) -> AccountNumber:
    found = twin.numbers.of(phone)
    assert found is not None
    return found


def test_a_number_that_was_just_bought_is_set_up(twilio: Command, twin: Twin) -> None:
    done = twilio("setup", LINE, "--fallback-url", BIN, "--yes")
    assert done.exit_code == 0, done.output
    assert f"A call comes in: {WELCOME} -> {BASE}/voice/incoming{PATIENCE}" in done.output
    now = number(twin)
    assert now.get("voice_url") == f"{BASE}/voice/incoming{PATIENCE}"
    assert now.get("status_callback") == f"{BASE}/voice/status{PATIENCE}"
    assert (now.get("voice_fallback_url"), now.get("voice_fallback_method")) == (BIN, "POST")
    assert number(twin, "+12025550999").changes == 0
    assert twin.failures == []


def test_numbers_that_messages_go_out_from_have_their_answers_sent_here(
    twilio: Command, twin: Twin, project: Path, tmp_path: Path
) -> None:
    company = tmp_path / "voicebot.toml"
    company.write_text((project / "voicebot.toml").read_text() + "\n[messages]\non = true\n")
    twin.numbers.numbers.append(AccountNumber(SENDER, speaks=False))
    own = {"VOICEBOT_CONFIG": str(company), "TWILIO_CALLER_ID": SENDER}
    lacking = twilio("show", **own)
    assert f"{SENDER} (messages): A message comes in: (not set)" in lacking.output
    assert twilio("setup", SENDER, "--yes", **own).exit_code == 0
    assert number(twin, SENDER).get("sms_url") == f"{BASE}/voice/message{PATIENCE}"
    assert number(twin, SENDER).get("voice_url") == WELCOME
    assert f"{SENDER} (messages) sends its answers to this server" in twilio("show", **own).output
    assert twilio("undo", SENDER, "--yes", **own).exit_code == 0
    assert number(twin, SENDER).get("sms_url") == ""
    both = twilio("setup", LINE, "--yes", **own | {"TWILIO_CALLER_ID": LINE})
    assert "/voice/message" in both.output
    assert number(twin).get("voice_url").startswith(BASE)
    assert twin.failures == []


def test_setting_up_twice_changes_nothing_the_second_time(twilio: Command, twin: Twin) -> None:
    twilio("setup", LINE, "--yes")
    again = twilio("setup", LINE)
    assert again.exit_code == 0
    assert "is as it should be" in again.output
    assert number(twin).changes == 1


def test_it_asks_and_no_means_no(twilio: Command, twin: Twin, tmp_path: Path) -> None:
    asked = twilio("setup", LINE, typed="n\n")
    assert "Change this at Twilio?" in asked.output
    assert asked.exit_code == 1
    assert twilio("setup", LINE, typed="").exit_code == 1  # nobody there to answer
    assert number(twin).changes == 0
    assert not (tmp_path / "data").exists()
    assert twilio("setup", LINE, typed="y\n").exit_code == 0
    assert number(twin).changes == 1


def test_a_dry_run_shows_and_changes_nothing(twilio: Command, twin: Twin, tmp_path: Path) -> None:
    shown = twilio("setup", LINE, "--dry-run", "--yes")
    assert shown.exit_code == 1
    assert "/voice/incoming" in shown.output
    assert "Nothing was changed" in shown.output
    assert number(twin).changes == 0
    assert not (tmp_path / "data").exists()


def test_a_missing_fallback_is_remarked_on(twilio: Command) -> None:
    assert "has no fallback" in twilio("setup", LINE, "--yes").stderr
    assert "has no fallback" not in twilio("setup", LINE, "--yes", "--fallback-url", BIN).stderr


def test_a_number_that_no_line_has_is_refused(twilio: Command, twin: Twin) -> None:
    refused = twilio("setup", LINE, "+12025550999", "--yes")
    assert refused.exit_code == 2
    assert "no line of voicebot.toml has +12025550999" in refused.output
    assert [one.changes for one in twin.numbers.numbers] == [0, 0]
    assert twilio("setup", "--yes").exit_code == 2


def test_a_line_whose_number_is_not_in_the_account_is_said_to_be(twilio: Command) -> None:
    missing = twilio("setup", OTHER, "--yes")
    assert missing.exit_code == 1
    assert f"{OTHER} is not in this account" in missing.stderr


def test_all_means_every_line_and_says_which_are_not_there(twilio: Command, twin: Twin) -> None:
    twin.numbers.numbers.append(AccountNumber(OTHER))
    done = twilio("setup", "--all", "--yes")
    assert done.exit_code == 1  # three more lines have numbers that the account has not
    assert number(twin).changes == number(twin, OTHER).changes == 1
    assert done.stderr.count("is not in this account") == 3


def test_somebody_elses_number_is_left_alone_without_force(twilio: Command, twin: Twin) -> None:
    number(twin).set = dict(THEIRS)
    refused = twilio("setup", LINE, "--yes")
    assert refused.exit_code == 1
    assert "configured for something else" in refused.stderr
    assert "canary" not in refused.output
    assert number(twin).set == THEIRS
    taken = twilio("setup", LINE, "--yes", "--force", "--fallback-url", BIN)
    assert taken.exit_code == 0, taken.output
    assert "canary" not in taken.output
    assert number(twin).get("voice_url").startswith(BASE)


def test_undo_puts_back_exactly_what_was_there(twilio: Command, twin: Twin) -> None:
    number(twin).set = dict(THEIRS)
    twilio("setup", LINE, "--yes", "--force", "--fallback-url", BIN)
    undone = twilio("undo", LINE, "--yes")
    assert undone.exit_code == 0, undone.output
    assert "canary" not in undone.output
    assert {name: number(twin).get(name) for name in THEIRS} == THEIRS
    assert twilio("undo", LINE, "--yes").exit_code == 2  # there is nothing more to put back


@pytest.mark.parametrize(("name", "sid"), [("trunk_sid", "TK" + "1" * 32), ("voice_application_sid", "AP" + "1" * 32)])
def test_a_trunk_or_an_application_is_taken_off_and_put_back(twilio: Command, twin: Twin, name: str, sid: str) -> None:
    number(twin).set = {name: sid}
    assert "takes its calls" in twilio("setup", LINE, "--yes").stderr
    assert twilio("setup", LINE, "--yes", "--force").exit_code == 0
    assert number(twin).get(name) == ""
    assert twilio("undo", LINE, "--yes").exit_code == 0
    assert number(twin).get(name) == sid
    assert number(twin).get("voice_url") == ""


def test_undo_after_several_setups_goes_back_to_before_the_first(twilio: Command, twin: Twin) -> None:
    twilio("setup", LINE, "--yes")
    twilio("setup", LINE, "--yes", "--fallback-url", BIN)
    twilio("setup", LINE, "--yes", "--fallback-url", BIN + "1")
    assert number(twin).changes == 3
    assert twilio("undo", "--all", "--yes").exit_code == 0
    assert number(twin).get("voice_url") == WELCOME
    assert number(twin).get("voice_fallback_url") == ""
    assert "Nothing was set up from here" in twilio("undo", "--all", "--yes").output


def test_what_somebody_changed_since_is_not_undone_without_force(twilio: Command, twin: Twin) -> None:
    twilio("setup", LINE, "--yes")
    number(twin).set["voice_url"] = "https://ivr.example.org/in"
    refused = twilio("undo", LINE, "--yes")
    assert refused.exit_code == 1
    assert "changed by somebody else since" in refused.stderr
    assert number(twin).get("voice_url") == "https://ivr.example.org/in"
    assert twilio("undo", LINE, "--yes", "--force").exit_code == 0
    assert number(twin).get("voice_url") == WELCOME


def test_undo_too_shows_asks_and_can_be_tried_dry(twilio: Command, twin: Twin) -> None:
    twilio("setup", LINE, "--yes")
    assert f"-> {WELCOME}" in twilio("undo", LINE, "--dry-run").output
    assert twilio("undo", LINE, typed="n\n").exit_code == 1
    assert number(twin).changes == 1
    assert twilio("undo", LINE, typed="y\n").exit_code == 0
    assert twilio("undo").exit_code == 2


def test_a_number_that_left_the_account_can_be_forgotten(twilio: Command, twin: Twin) -> None:
    twilio("setup", LINE, "--yes")
    twin.numbers.numbers.clear()
    gone = twilio("undo", LINE, "--yes")
    assert gone.exit_code == 1
    assert "20404" in gone.output
    assert "forgotten" in twilio("undo", LINE, "--yes", "--force").output
    assert twilio("undo", LINE, "--yes").exit_code == 2


def test_what_was_there_is_kept_from_others(twilio: Command, twin: Twin, tmp_path: Path) -> None:
    number(twin).set = dict(THEIRS)
    twilio("setup", LINE, "--yes", "--force")
    kept = tmp_path / "data" / FILE
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert json.loads(kept.read_text())["changes"][0]["before"]["voice_url"] == THEIRS["voice_url"]


def test_a_refused_change_is_not_written_down_and_an_unknown_one_is(twilio: Command, twin: Twin) -> None:
    twin.numbers.refuse_next = ApiError(429, 20429, "Too Many Requests")
    refused = twilio("setup", LINE, "--yes")
    assert refused.exit_code == 1
    assert "try again in a minute" in refused.output
    assert twilio("undo", LINE, "--yes").exit_code == 2
    twin.numbers.refuse_next = ApiError(500, 20500, "Internal Server Error")
    unknown = twilio("setup", LINE, "--yes")
    assert unknown.exit_code == 1
    assert "Twilio itself failed" in unknown.output
    assert "already what it was before" in twilio("undo", LINE, "--yes").output


def test_show_says_how_every_line_stands(twilio: Command, twin: Twin) -> None:
    twilio("setup", LINE, "--yes", "--fallback-url", BIN)
    shown = twilio("show")
    assert shown.exit_code == 1
    assert f"ok       {LINE} (billing) is wired to this server" in shown.output
    assert f"twilio undo {LINE}" in shown.output
    assert f"NOT YET  {OTHER} (support) is not in this account" in shown.output
    assert number(twin).changes == 1


def test_show_is_content_when_all_lines_are_wired(twilio: Command, twin: Twin) -> None:
    twin.numbers.numbers = [AccountNumber(f"+120255501{last}0") for last in range(1, 6)]
    assert twilio("setup", "--all", "--yes", "--fallback-url", BIN).exit_code == 0
    shown = twilio("show")
    assert shown.exit_code == 0
    assert "NOT YET" not in shown.output


@pytest.mark.parametrize(
    ("url", "said"),
    [("handler.twilio.com/twiml/EH0", "whole address"), (f"{BASE}/sorry.xml", "this very host"), ("https://x y/z", "whole")],
)
def test_a_fallback_url_that_could_not_help_is_refused(twilio: Command, twin: Twin, url: str, said: str) -> None:
    refused = twilio("setup", LINE, "--yes", "--fallback-url", url)
    assert refused.exit_code == 2
    assert said in " ".join(refused.output.split())
    assert number(twin).changes == 0


def test_what_is_missing_is_named_and_an_address_that_twilio_cannot_reach_is_refused(twilio: Command) -> None:
    missing = twilio("show", TWILIO_AUTH_TOKEN="", PUBLIC_BASE_URL="")
    assert missing.exit_code == 2
    assert "PUBLIC_BASE_URL, TWILIO_AUTH_TOKEN" in missing.output
    assert "not https" in twilio("show", PUBLIC_BASE_URL="http://127.0.0.1:8080").output


def test_a_wrong_token_and_a_carrier_that_is_not_there_are_explained(twilio: Command) -> None:
    wrong = twilio("setup", LINE, "--yes", TWILIO_AUTH_TOKEN="canary-token-000000000000")
    assert wrong.exit_code == 1
    assert "compare both with the Console" in wrong.output
    assert "canary" not in wrong.output
    away = twilio("show", TWILIO_API_BASE_URL="http://127.0.0.1:1")
    assert away.exit_code == 1
    assert "could not be reached" in away.output
