"""Whoever is not the carrier, or says what the carrier would not, is refused, and no row of any table has changed."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trials
from hypothesis import strategies as st

from tests.hostile.stage import LEG, Besieged, action, corpus, events, logged
from tests.switchboard.house import ADA, LINE
from tests.telephony.stage import ACCOUNT, BASE, TOKEN, sign
from voicebot.bodies import LONGEST_BODY
from voicebot.telephony.gate import MOST_PARAMETERS

PIN = "493817"
LEAST = [("CallSid", LEG), ("AccountSid", ACCOUNT)]


@pytest.fixture(scope="module")
def besieged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Besieged]:
    """Nothing that these tests do may change it, so they share it."""
    opened = Besieged(tmp_path_factory.mktemp("besieged"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def addresses(besieged: Besieged) -> list[str]:
    return besieged.every_address()


@pytest.fixture(autouse=True)
def nothing_is_written(besieged: Besieged, addresses: list[str]) -> Iterator[None]:
    """Around every test of this file."""
    del addresses
    before = besieged.written()
    yield
    assert besieged.written() == before


def refused(ask: Callable[[], Any], status: int, why: str | None) -> None:
    """It is, with this status, and one line of log says why and nothing else."""
    with logged() as text:
        answer = ask()
    assert answer.status_code == status, why
    assert b"Response" not in answer.data
    told = [{name: value for name, value in event.items() if name != "timestamp"} for event in events(text)]
    line = {"event": "request refused", "level": "warning", "status": status, "why": why}
    assert told == ([] if why is None else [line])


def test_the_siege_is_a_real_one(besieged: Besieged, addresses: list[str]) -> None:
    """What is refused below would be taken if it were right: otherwise everything might be refused for another reason."""
    assert len(addresses) > 15
    for target in addresses:
        assert besieged.client.post(target).status_code in (403, 411), target  # there is such an address
    assert any('INSERT INTO "calls"' in row for row in besieged.written())
    assert besieged.post(f"/voice/check/{'0' * 32}/a").status_code == 200


# ---- forged --------------------------------------------------------------------------------------------------------


def test_no_address_takes_a_request_that_nobody_signed(besieged: Besieged, addresses: list[str]) -> None:
    for target in addresses:
        body = urlencode(besieged.said({"Digits": PIN}))
        refused(lambda target=target, body=body: besieged.post_body(target, body, signature=""), 403, "signature")
        refused(lambda target=target, body=body: besieged.client.post(target, data=dict(parse_qsl(body))), 403, "signature")


def mutations(form: list[tuple[str, str]]) -> dict[str, list[tuple[str, str]]]:
    """Every form that differs from this one in one thing."""
    found: dict[str, list[tuple[str, str]]] = {}
    for place, (name, value) in enumerate(form):
        before, after = form[:place], form[place + 1 :]
        found |= {
            f"{name} left out": before + after,
            f"{name} longer": [*before, (name, value + "0"), *after],
            f"{name} shorter": [*before, (name, value[:-1]), *after],
            f"{name} in another case": [*before, (name.swapcase(), value), *after],
            f"{name} under another name": [*before, (f"{name}x", value), *after],
            f"{name} empty": [*before, (name, ""), *after],
            f"{name} a second time, first": [(name, "other"), *form],
            f"{name} a second time, last": [*form, (name, "other")],
            f"{name} with a space": [*before, (name, f" {value}"), *after],
        }
        if value.swapcase() != value:
            found[f"{name}'s value in another case"] = [*before, (name, value.swapcase()), *after]
    found["one more"] = [*form, ("RecordingUrl", "http://127.0.0.1/")]
    found["none at all"] = []
    return found


def test_every_single_change_of_a_signed_form_is_refused(besieged: Besieged, addresses: list[str]) -> None:
    for target in addresses:
        form = besieged.said({"Digits": PIN, "FinishedOnKey": "#"})
        right = sign(TOKEN, BASE + target, form)
        for changed in mutations(form).values():
            answer = besieged.post_body(target, urlencode(changed), signature=right)
            assert answer.status_code == 403


def test_every_single_change_of_the_address_is_refused(besieged: Besieged, addresses: list[str]) -> None:
    form = besieged.said({"Digits": PIN})
    for target in addresses:
        right = sign(TOKEN, BASE + target, form)
        for changed in (f"{target}?x=1", f"{target}0", f"{target}/", f"/{target}", target.replace("/voice/", "/voice//", 1)):
            answer = besieged.post_body(changed, urlencode(form), signature=right)
            assert answer.status_code in (403, 404, 308), changed  # unsigned, no address of ours, sent on to be asked again


@pytest.mark.parametrize(
    "signature",
    [
        "", " ", "=", "A" * 28, "A" * 100_000, "\xff" * 28, "null", "sha256=abc", "0" * 40, "Basic eDp5",
    ],
)  # fmt: skip
def test_no_other_signature_fits(besieged: Besieged, signature: str) -> None:
    refused(lambda: besieged.post_body("/voice/incoming", urlencode(LEAST), signature=signature), 403, "signature")


def test_a_signature_is_right_to_the_last_character(besieged: Besieged) -> None:
    right = sign(TOKEN, BASE + "/voice/incoming", LEAST)
    for place, character in enumerate(right):
        wrong = right[:place] + ("A" if character != "A" else "B") + right[place + 1 :]
        refused(lambda wrong=wrong: besieged.post_body("/voice/incoming", urlencode(LEAST), signature=wrong), 403, "signature")
    for wrong in (right[:-1], right + "=", right.lower(), right.rstrip("="), f" {right}x"):
        refused(lambda wrong=wrong: besieged.post_body("/voice/incoming", urlencode(LEAST), signature=wrong), 403, "signature")


@pytest.mark.parametrize(
    "signed",
    [
        "http://voice.example.com/voice/incoming", "https://voice.example.com/voice/status",
        "https://evil.example/voice/incoming",
        "https://voice.example.com.evil.example/voice/incoming", "https://voice.example.com:444/voice/incoming",
        "/voice/incoming",
        "https://VOICE.example.com/voice/incoming", "https://voice.example.com/voice/incoming/",
    ],
)  # fmt: skip
def test_a_signature_over_another_address_does_not_fit(besieged: Besieged, signed: str) -> None:
    body, right = urlencode(LEAST), sign(TOKEN, signed, LEAST)
    host = signed.partition("//")[2].partition("/")[0] or "voice.example.com"
    claims = {"Host": host, "X-Forwarded-Host": host, "X-Forwarded-Proto": signed.partition(":")[0], "Forwarded": f"host={host}"}
    claims |= {"X-Original-URL": signed, "X-Forwarded-Prefix": "/voice"}
    refused(lambda: besieged.post_body("/voice/incoming", body, signature=right, headers=claims), 403, "signature")


@pytest.mark.parametrize("token", ["", "the-primary-token ", "The-Primary-Token", ACCOUNT, "the-primary-toke"])
def test_no_other_token_signs(besieged: Besieged, token: str) -> None:
    signature = sign(token, BASE + "/voice/incoming", LEAST)
    refused(lambda: besieged.post_body("/voice/incoming", urlencode(LEAST), signature=signature), 403, "signature")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND"])
def test_no_other_method_is_taken(besieged: Besieged, addresses: list[str], method: str) -> None:
    for target in addresses:
        if "/voice/check/" in target:
            continue  # it shows an operator what arrived, and touches nothing
        form = besieged.said({"Digits": PIN})
        with logged() as text:
            answer = besieged.post_body(target, urlencode(form), signature=sign(TOKEN, BASE + target, form), method=method)
        assert (answer.status_code, text.getvalue()) == (405, "")


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"])
def test_a_get_is_not_taken_for_a_post(besieged: Besieged, header: str) -> None:
    assert besieged.client.get("/voice/incoming", headers={header: "POST"}).status_code == 405


@pytest.mark.parametrize("account", ["AC" + "9" * 32, "", ACCOUNT + "\0", ACCOUNT.lower()])
def test_a_request_of_somebody_elses_account_is_refused(besieged: Besieged, account: str) -> None:
    refused(lambda: besieged.post("/voice/incoming", {"AccountSid": account}), 403, "account")


# ---- addresses that we did not make --------------------------------------------------------------------------------


def test_every_changed_character_of_a_token_of_ours_is_refused(besieged: Besieged, addresses: list[str]) -> None:
    for target in addresses:
        path, _, token = target.rpartition("/")
        if "." not in token:
            continue  # one of the three that are the same for everybody
        for place, character in enumerate(token):
            wrong = token[:place] + ("A" if character != "A" else "B") + token[place + 1 :]
            assert besieged.post(f"{path}/{wrong}", {"Digits": PIN}).status_code == 403
        none = ("%00", "1." + "A" * 32, "%ED%A0%80")
        for wrong in (token[:-1], token + "A", f"2{token[1:]}", f"01{token[1:]}", token.upper(), *none):
            assert besieged.post(f"{path}/{wrong}", {"Digits": PIN}).status_code == 403


@pytest.mark.parametrize(
    "target",
    [
        "/voice/entry/{call}/2-0/{token}", "/voice/entry/{call}/1-1/{token}", "/voice/entry/other/1-0/{token}",
        "/voice/waiting/{call}/1-0/{token}", "/voice/entry/{call}%00/1-0/{token}", "/voice/entry/%ED%A0%80/1-0/{token}",
    ],
)  # fmt: skip
def test_a_token_is_good_for_one_turn_of_one_call_only(besieged: Besieged, target: str) -> None:
    call = besieged.house.switchboard.call_of_leg(LEG)
    assert call is not None
    made = target.format(call=call, token=besieged.house.keyring.token("voice.entry", call, "1", "0"))
    refused(lambda: besieged.post(made, {"Digits": PIN}), 403, "token")


@pytest.mark.parametrize("turn", ["-1-0", "1--1", "1-0-0", "٣-0", "1e3-0", "0x1-0", "1.0-0", "9" * 400 + "-0", " 1-0", "+1-0"])
def test_a_turn_that_is_no_number_is_no_address(besieged: Besieged, turn: str) -> None:
    assert besieged.post(f"/voice/entry/call/{turn}/1.{'A' * 32}", {"Digits": PIN}).status_code in (403, 404)


# ---- whose leg -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "leg",
    [
        "", "CA", "CA" + "1" * 31, "CA" + "1" * 33, "CA" + "g" * 32, "ca" + "1" * 32, "MZ" + "1" * 32, "CA" + "1" * 32 + "\n",
        "CA" + "1" * 31 + "\0", "CA" + "١" * 32, "../Accounts/AC" + "0" * 32, "CA" + "1" * 32 + "/Recordings", "\ud800" * 34,
        "CA" + "1" * 32 + "CallStatusringing",
    ],
)  # fmt: skip
def test_what_is_no_leg_of_the_carriers_is_refused_everywhere(besieged: Besieged, addresses: list[str], leg: str) -> None:
    """Such an id would get into rows, and into addresses of the carrier's API."""
    for target in addresses:
        refused(lambda target=target: besieged.post(target, {"CallSid": leg, "Digits": PIN}), 400, "leg")


def test_a_call_of_no_leg_does_not_come_in(besieged: Besieged) -> None:
    body = urlencode([("AccountSid", ACCOUNT), ("From", "+12025550225"), ("To", LINE.dnis)])
    refused(lambda: besieged.post_body("/voice/incoming", body), 400, "leg")


def test_a_captured_request_cut_anew_is_not_another_call(besieged: Besieged) -> None:
    """Names and values are signed in one string, so where one ends and the next begins is not signed at all."""
    form = [("AccountSid", ACCOUNT), ("CallSid", LEG), ("CallStatus", "ringing"), ("Called", LINE.dnis), ("From", "+12025550225")]
    cut = [("AccountSid", ACCOUNT), ("CallSid", f"{LEG}CallStatusringing"), ("Called", LINE.dnis), ("From", "+12025550225")]
    captured = sign(TOKEN, BASE + "/voice/incoming", form)
    assert captured == sign(TOKEN, BASE + "/voice/incoming", cut)
    refused(lambda: besieged.post_body("/voice/incoming", urlencode(cut), signature=captured), 400, "leg")


# ---- oversized, malformed ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", corpus("bodies"), ids=lambda case: str(case["what"]))
def test_a_body_that_is_no_small_form_is_refused(besieged: Besieged, case: dict[str, Any]) -> None:
    body = case["body"] * case.get("times", 1)
    kind = case.get("kind", "application/x-www-form-urlencoded")
    refused(lambda: besieged.post_body("/voice/incoming", body, content_type=kind), case["status"], case["why"])


def test_the_largest_form_is_taken_and_one_byte_more_is_not(besieged: Besieged) -> None:
    target, least = f"/voice/check/{'0' * 32}/a", urlencode(LEAST)
    filled = f"{least}&Padding={'x' * (LONGEST_BODY - len(least) - len('&Padding='))}"
    assert len(filled) == LONGEST_BODY
    assert besieged.post_body(target, filled).status_code == 200
    refused(lambda: besieged.post_body(target, filled + "x"), 413, "size")


def test_so_many_parameters_are_taken_and_one_more_is_not(besieged: Besieged) -> None:
    target, least = f"/voice/check/{'0' * 32}/a", urlencode(LEAST)
    filled = least + "".join(f"&p{number}=" for number in range(MOST_PARAMETERS - len(LEAST)))
    assert besieged.post_body(target, filled).status_code == 200
    refused(lambda: besieged.post_body(target, filled + "&one=more"), 413, "parameters")


@given(st.binary(max_size=300))
@trials(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_at_all_get_past_without_the_carriers_signature(besieged: Besieged, body: bytes) -> None:
    signature = sign("another token", BASE + "/voice/incoming")
    answer = besieged.post_body("/voice/incoming", body.decode("latin-1"), signature=signature)
    assert answer.status_code in (403, 413)


def test_a_pin_in_a_refused_request_is_in_no_log_and_no_row(besieged: Besieged, addresses: list[str]) -> None:
    with logged() as text:
        for target in addresses:
            besieged.post_body(target, urlencode(besieged.said({"Digits": "83620571"})), signature="x")
            besieged.post(target, {"CallSid": "83620571", "Digits": "83620571"})
    assert len(events(text)) == 2 * len(addresses)
    for secret in ("83620571", ADA.identifier, TOKEN, LEG, "+12025550225"):
        assert secret not in text.getvalue()
    assert not [row for row in besieged.written() if "83620571" in row]


def test_the_door_to_the_next_turn_is_not_shown_to_whoever_is_refused(besieged: Besieged, addresses: list[str]) -> None:
    asked = action(besieged.rings())  # of the same leg again: nothing new
    answer = besieged.post_body(addresses[0], urlencode(besieged.said()), signature="x")
    assert asked.encode() not in answer.data
    assert b"voice" not in answer.data
