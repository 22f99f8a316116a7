"""What stands commented in the shipped voicebot.toml, and what docs show of it, is right as soon as it is turned on."""

import re
import tomllib
from pathlib import Path

import pytest

from voicebot.config.settings import load_settings

COMMENTED = re.compile(r"^# (\[[a-z_.]+\]|[a-z_]+ = .*)", re.MULTILINE)
NEEDED = {
    "VOICEBOT_SMTP_HOST": "mail.example.com", "VOICEBOT_SMTP_FROM": "voice@example.com",
    "VOICEBOT_NOTICES_SECRET": "a-secret-of-the-company-for-notices", "TWILIO_CALLER_ID": "+12025550100",
}  # fmt: skip


def test_everything_that_is_commented_can_be_turned_on_at_once(project: Path, tmp_path: Path) -> None:
    shipped = (project / "voicebot.toml").read_text("utf-8")
    turned_on = COMMENTED.sub(r"\1", shipped)
    (tmp_path / "voicebot.toml").write_text(turned_on, "utf-8")
    company = load_settings(tmp_path / "voicebot.toml", NEEDED).company
    assert company.queues["billing"].plan.offer_callback
    assert company.booking.page is not None
    assert company.booking.api is not None
    assert company.booking.inviting is not None
    assert company.notices.sms
    assert company.notices.mail
    assert company.messages.on
    assert [one.name for one in company.messages.templates] == ["reminder"]
    assert not COMMENTED.search(turned_on)


@pytest.mark.parametrize("page", ["callbacks.md", "messages.md"])
def test_what_the_guides_show_is_right_on_top_of_the_shipped_file(project: Path, tmp_path: Path, page: str) -> None:
    shown = re.findall(r"```toml\n(.*?)```", (project / "docs" / page).read_text("utf-8"), re.DOTALL)
    assert shown
    example = "\n".join(shown).replace("HX…", "HX" + "0" * 32)
    details = "".join(f'[details.{name}]\nkind = "words"\n' for name in ("phone", "email"))
    whole = (project / "voicebot.toml").read_text("utf-8") + details + example
    assert tomllib.loads(whole)
    (tmp_path / "voicebot.toml").write_text(whole, "utf-8")
    load_settings(tmp_path / "voicebot.toml", NEEDED)
