"""By which ways an invitation goes out, with what in it, and that nobody is left out for want of an address."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.commands.test_campaign import ON
from voicebot.booking_front import invitation_links
from voicebot.config.settings import Settings, load_settings
from voicebot.errors import ConfigError
from voicebot.invitation_sending import ADDRESS_WITHIN, InvitationSending
from voicebot.keyring import Keyring
from voicebot.ports.invitations import Invitation
from voicebot.ports.outgoing import Channel, OutMessage
from voicebot.records.outgoing import SqlOutgoing
from voicebot.records.store import open_store

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)  # in New York
CONTENT = "HX" + "a" * 32
ASKED = Invitation(
    "i1", "invoice", "billing", "+12025550123", "Your contract", "en", "agent:mira", NOON, NOON, NOON + timedelta(days=7),
    customer="C-1",
)  # fmt: skip
WAYS = f"""by = ["mail", "whatsapp"]
content = "{CONTENT}"
[details.email]
kind = "words"
[notices]
address = "email"
[messages]
whatsapp = "+12025550108"
"""
MAIL = {"VOICEBOT_SMTP_HOST": "mail.example.com", "VOICEBOT_SMTP_FROM": "voice@example.com"}


def settings(project: Path, place: Path, more: str = WAYS, **env: str) -> Settings:
    shipped = (project / "voicebot.toml").read_text("utf-8")
    (place / "voicebot.toml").write_text(shipped + ON.replace("LINE", "billing") + more, "utf-8")
    usual = {"PUBLIC_BASE_URL": "https://voice.example.com", "TWILIO_CALLER_ID": "+12025550100", "VOICEBOT_DATA": str(place)}
    return load_settings(place / "voicebot.toml", usual | MAIL | env)


@pytest.mark.parametrize(
    ("address", "channels"),
    [
        ("ada@example.com", [Channel.MAIL, Channel.WHATSAPP]), ("", [Channel.WHATSAPP]), ("no address", [Channel.WHATSAPP]),
    ],
)  # fmt: skip
def test_it_goes_out_by_each_way_that_reaches_them_once(
    project: Path, tmp_path: Path, address: str, channels: list[Channel]
) -> None:
    plan, keyring = settings(project, tmp_path), Keyring.open(tmp_path / "keys")
    store = open_store(f"sqlite:///{tmp_path}/voicebot.db", keyring)
    sending = InvitationSending(plan, SqlOutgoing(store), invitation_links(plan, keyring), lambda _: address)
    assert sending.send(ASKED, NOON)
    assert sending.send(ASKED, NOON)
    sent = {one.channel: one for one in SqlOutgoing(store).lease("test", NOON, NOON + timedelta(minutes=1))}
    assert sorted(sent) == sorted(channels)
    template = sent[Channel.WHATSAPP]
    assert (template.to, template.sender, template.template) == ("+12025550123", "+12025550108", CONTENT)
    assert template.variables["reason"] == "Your contract"
    assert template.variables["link"].startswith("https://voice.example.com/callback/invited/")
    if Channel.MAIL in sent:
        letter = sent[Channel.MAIL]
        assert (letter.to, letter.sender, letter.subject) == (address, "voice@example.com", "May we call you?")
        assert template.variables["link"] in letter.text
    store.close()


class Outbox:
    """Only what is put into it."""

    def __init__(self) -> None:
        self.messages: list[OutMessage] = []

    def put(self, message: OutMessage) -> bool:
        self.messages.append(message)
        return True


def test_whom_no_letter_reaches_gets_a_short_message_and_a_back_end_that_is_down_is_waited_for(
    project: Path, tmp_path: Path
) -> None:
    mail_alone = WAYS.replace(', "whatsapp"]', "]").replace(f'content = "{CONTENT}"\n', "")
    plan, outbox = settings(project, tmp_path, mail_alone), Outbox()
    links = invitation_links(plan, Keyring.open(tmp_path / "keys"))
    down = InvitationSending(plan, outbox, links, lambda _: None)  # type: ignore[arg-type]  # no more than `put`
    assert not down.send(ASKED, NOON)
    assert outbox.messages == []
    assert down.send(ASKED, NOON + ADDRESS_WITHIN)
    assert down.send(replace(ASKED, customer=""), NOON)
    assert [(one.channel, one.to) for one in outbox.messages] == [(Channel.SMS, "+12025550123")] * 2


def test_ways_that_lead_nowhere_are_refused(project: Path, tmp_path: Path) -> None:
    lacking = WAYS.replace('address = "email"', "").replace('whatsapp = "+12025550108"', "")
    with pytest.raises(ConfigError) as refused:
        settings(project, tmp_path, lacking, VOICEBOT_SMTP_HOST="", VOICEBOT_SMTP_FROM="")
    told = str(refused.value)
    for what in ("notices.address", "VOICEBOT_SMTP_HOST", "messages.whatsapp"):
        assert f"{what}: is needed for callbacks.invitations.by" in told
    with pytest.raises(ConfigError, match=r"callbacks\.invitations\.content: is needed for WhatsApp"):
        settings(project, tmp_path, WAYS.replace(f'content = "{CONTENT}"', ""))
