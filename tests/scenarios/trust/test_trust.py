"""Whole calls at a company that trusts otherwise: one verdict, telephone numbers, check digits, hand-over."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from tests.scenarios.stage import Stage
from voicebot.rehearsal import RehearsalPlan
from voicebot.simulator.scenario import load_scenario

HERE = Path(__file__).parent
SCENARIOS = sorted(path for path in HERE.glob("*.toml") if path.name != "voicebot.toml")
SECRET = "a-secret-that-both-sides-have-0123456789"


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    overlay = {"VOICEBOT_HAND_OVER_SECRET": SECRET}
    opened = Stage(RehearsalPlan(HERE / "voicebot.toml", HERE / "customers.csv", fast=True, overlay=overlay))
    opened.open()
    yield opened
    opened.close()


@pytest.mark.parametrize("path", SCENARIOS, ids=[path.stem for path in SCENARIOS])
def test_scenario(stage: Stage, path: Path) -> None:
    stage.runs(path)


@pytest.mark.parametrize(
    ("name", "parameter", "audience"),
    [
        ("web-takes", "context", "https://flows.example.com/voice"),
        ("peer-takes", "X-Voicebot-Context", "sip:service@pbx.example.com"),
    ],
)
def test_what_goes_along_is_signed_and_tells_what_the_journal_tells(
    stage: Stage, name: str, parameter: str, audience: str
) -> None:
    record, story = stage.place(load_scenario(HERE / f"{name}.toml"))
    assert story is not None
    query = parse_qs(urlsplit(record.caller.handed_over).query)
    claims = jwt.decode(query[parameter][0], OctKey.import_key(SECRET), algorithms=["HS256"]).claims
    assert (claims["aud"], claims["call"], claims["sub"]) == (audience, story.call_id, "C-1001")
    assert (claims["assurance"], [one["proof"] for one in claims["evidence"]]) == ("verified", ["ani", "secret"])
    assert claims.get("identifier") == ("40719238" if name == "peer-takes" else None)
    assert "493817" not in str(claims)
    assert "+1" not in str(claims)
