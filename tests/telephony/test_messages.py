"""Messages at Twilio, as the simulator plays it: what is asked, what may have gone out, what is let in of their fate."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.telephony.stage import ACCOUNT, BASE, KEYS, NOW, TOKEN, Line, settings, sign
from tests.twin_stage import standing_twin
from voicebot.errors import DeliveryFailed
from voicebot.ports.correspondence import Reply
from voicebot.ports.outgoing import Channel, Courier, MessageState, OutMessage
from voicebot.simulator.mishaps import RestFate
from voicebot.simulator.twin import Twin
from voicebot.telephony.carrier_http import PatientHttp
from voicebot.telephony.messages import TwilioMessages

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
TO, FROM = "+12025550123", "+12025550100"
SMS = OutMessage("m1", Channel.SMS, TO, FROM, "Hello", NOON, NOON)
SID = "SM" + "1" * 32


@pytest.fixture(scope="module")
def twin() -> Iterator[Twin]:
    with standing_twin() as twin:
        yield twin


@pytest.fixture
def carrier(twin: Twin) -> Iterator[TwilioMessages]:
    at = twin.settings
    line = settings(account_sid=at.account_sid, auth_tokens=(at.auth_token,), api_base_url=twin.api_url, public_base_url=BASE)
    carrier = TwilioMessages(line, PatientHttp(answer=2.0), KEYS)
    twin.texts.clear()
    twin.failures.clear()
    yield carrier
    carrier.close()
    assert [one.what for one in twin.failures if "callback failed" not in one.what] == []


def failure(ask: Callable[[], object]) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as caught:
        ask()
    assert TO not in str(caught.value)
    return caught.value


def test_a_message_goes_out_with_an_address_for_its_fate(twin: Twin, carrier: TwilioMessages) -> None:
    known: Courier = carrier
    sid = known.post(SMS)
    assert [(one.sid, one.to, one.from_, one.body) for one in twin.texts] == [(sid, TO, FROM, "Hello")]


def test_a_template_and_a_page_have_their_own_forms(twin: Twin, carrier: TwilioMessages) -> None:
    template = "HX" + "a" * 32
    carrier.post(replace(SMS, channel=Channel.WHATSAPP, text="", template=template, variables={"1": "nøon"}))
    carrier.post(replace(SMS, channel=Channel.MESSENGER, to="4711", sender="99"))
    whatsapp, messenger = twin.texts
    assert (whatsapp.to, whatsapp.from_, whatsapp.template) == (f"whatsapp:{TO}", f"whatsapp:{FROM}", template)
    assert (whatsapp.variables, whatsapp.body) == ('{"1": "nøon"}', "")
    assert (messenger.to, messenger.from_, messenger.body) == ("messenger:4711", "messenger:99", "Hello")


@pytest.mark.parametrize(
    ("fate", "kept", "failed"),
    [
        (RestFate.BUSY, 0, (False, False)), (RestFate.FAILED, 0, (False, True)), (RestFate.UNANSWERED, 1, (False, True)),
    ],
)  # fmt: skip
def test_what_may_have_gone_out_is_told_from_what_has_not(
    twin: Twin, carrier: TwilioMessages, fate: RestFate, kept: int, failed: tuple[bool, bool]
) -> None:
    twin.text_world.mishaps.append(fate)
    trouble = failure(lambda: carrier.post(SMS))
    assert ((trouble.for_good, trouble.unknown), len(twin.texts)) == (failed, kept)
    assert carrier.find(SMS, []) == (twin.texts[0].sid if kept else "")


def test_it_is_found_among_others_and_no_other_is_taken_for_it(carrier: TwilioMessages) -> None:
    first = carrier.post(SMS)
    carrier.post(replace(SMS, text="Other"))
    carrier.post(replace(SMS, to="+12025550124"))
    assert carrier.find(SMS, []) == first
    assert carrier.find(SMS, [first]) == ""
    assert carrier.find(replace(SMS, text="Third"), []) == ""


def test_what_is_refused_is_refused_for_good_and_who_wants_none_is_named(twin: Twin, carrier: TwilioMessages) -> None:
    wrong = failure(lambda: carrier.post(replace(SMS, sender="nobody")))
    assert (wrong.for_good, wrong.unknown, wrong.unwanted) == (True, False, False)
    assert "21212" in str(wrong)
    twin.text_world.opted_out.add((TO, FROM))
    unwanted = failure(lambda: carrier.post(SMS))
    twin.text_world.opted_out.clear()
    assert (unwanted.for_good, unwanted.unwanted) == (True, True)


def test_a_carrier_that_is_not_there_has_sent_nothing() -> None:
    nowhere = TwilioMessages(settings(api_base_url="http://127.0.0.1:9"), PatientHttp(connect=0.5), KEYS)
    trouble = failure(lambda: nowhere.post(SMS))
    assert (trouble.for_good, trouble.unknown) == (False, False)
    nowhere.close()


# ---- its fate ----------------------------------------------------------------------------------------------------------


class Fates:
    """A line, and what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, MessageState, str, str]] = []
        self.line = Line(learned=self._learned)

    def _learned(self, name: str, state: MessageState, sid: str, reason: str) -> bool:
        self.told.append((name, state, sid, reason))
        return name == "m1"

    def post(self, name: str = "m1", *, token: str = TOKEN, path: str = "", **form: str) -> int:
        target = f"/voice/message/{name}/{path or KEYS.token('voice.message', name)}"
        said = {"MessageSid": SID, "MessageStatus": "delivered", "AccountSid": ACCOUNT, "To": TO, "From": FROM} | form
        return self.line.post_raw(target, list(said.items()), sign(token, BASE + target, list(said.items()))).status_code


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({}, ("m1", MessageState.DELIVERED, SID, "")),
        ({"MessageStatus": "sent"}, ("m1", MessageState.SENT, SID, "")),
        ({"MessageStatus": "read"}, ("m1", MessageState.READ, SID, "")),
        ({"MessageStatus": "undelivered", "ErrorCode": "30003"}, ("m1", MessageState.UNDELIVERED, SID, "carrier 30003")),
        ({"MessageStatus": "failed", "ErrorCode": "x" * 50}, ("m1", MessageState.FAILED, SID, "")),
        ({"MessageStatus": "received"}, None), ({"MessageStatus": ""}, None), ({"MessageSid": "SM1"}, None),
    ],
)  # fmt: skip
def test_a_signed_fate_is_passed_on(form: dict[str, str], told: tuple[str, MessageState, str, str] | None) -> None:
    fates = Fates()
    assert fates.post(**form) == 204
    assert fates.told == ([told] if told else [])


def test_a_fate_of_a_message_that_is_gone_is_no_error() -> None:
    assert Fates().post("gone") == 204


@pytest.mark.parametrize("forged", [{"token": "another-token"}, {"path": "x"}, {"AccountSid": "AC" + "9" * 32}])
def test_a_forged_one_is_turned_away(forged: dict[str, str]) -> None:
    fates = Fates()
    assert fates.post(**forged) == 403
    assert fates.told == []


# ---- what people write -------------------------------------------------------------------------------------------------


def arrives(*, token: str = TOKEN, **form: str) -> tuple[int, str, list[tuple[Reply, str]]]:
    got: list[tuple[Reply, str]] = []
    line = Line(arrived=lambda reply, word: got.append((reply, word)))
    said = {"MessageSid": SID, "AccountSid": ACCOUNT, "From": TO, "To": FROM, "Body": "Hello", "NumMedia": "0"} | form
    url = f"{BASE}/voice/message"
    answer = line.post_raw("/voice/message", list(said.items()), sign(token, url, list(said.items())))
    return answer.status_code, answer.text, got


@pytest.mark.parametrize(
    ("form", "reply", "word"),
    [
        ({}, Reply(SID, Channel.SMS, TO, FROM, "Hello", NOW), ""),
        ({"OptOutType": "STOP", "Body": "stop"}, Reply(SID, Channel.SMS, TO, FROM, "stop", NOW), "STOP"),
        ({"OptOutType": "NONSENSE"}, Reply(SID, Channel.SMS, TO, FROM, "Hello", NOW), ""),
        (
            {"From": f"whatsapp:{TO}", "To": f"whatsapp:{FROM}", "NumMedia": "2", "Body": ""},
            Reply(SID, Channel.WHATSAPP, TO, FROM, "[2 attached]", NOW), "",
        ),
        ({"From": "messenger:4711", "To": "messenger:99"}, Reply(SID, Channel.MESSENGER, "4711", "99", "Hello", NOW), ""),
        ({"Body": "x" * 5000}, Reply(SID, Channel.SMS, TO, FROM, "x" * 4096, NOW), ""),
    ],
)  # fmt: skip
def test_what_somebody_writes_is_passed_on_and_answered_with_nothing(form: dict[str, str], reply: Reply, word: str) -> None:
    status, answer, got = arrives(**form)
    assert (status, got) == (200, [(reply, word)])
    assert answer.endswith("<Response/>")


@pytest.mark.parametrize(
    "form",
    [{"MessageSid": "SM1"}, {"From": "anonymous"}, {"From": f"whatsapp:{TO}"}, {"From": "messenger:a b", "To": "messenger:9"}],
)
def test_what_cannot_be_read_is_not_asked_for_again(form: dict[str, str]) -> None:
    status, _, got = arrives(**form)
    assert (status, got) == (200, [])


def test_a_forged_message_is_turned_away() -> None:
    assert arrives(token="another-token")[0] == 403
    assert arrives(AccountSid="AC" + "9" * 32)[::2] == (403, [])
