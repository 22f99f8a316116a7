"""A letter reaches the mail server whole, protected and once; whatever goes wrong is told, and never to whom it was."""

import socket
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.mail.post_office import PostOffice, open_office, papers
from voicebot.config.mail import MailServer, Security
from voicebot.errors import DeliveryFailed
from voicebot.mail.smtp import SmtpMail
from voicebot.ports.mail import Attachment, Letter

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
TO = "ada@example.com"
LETTER = Letter(
    "report-1", TO, "Larkfield: réports", "Guten Tag, 안녕\n.\n..one dot\n",
    [Attachment("queues.csv", "text/csv; charset=utf-8", b"Queue,Offered\r\nbilling,1\r\n")],
)  # fmt: skip


def mail(server: MailServer, seconds: float = 10.0) -> SmtpMail:
    return SmtpMail(server, lambda: NOON, seconds, seconds)


def refused(server: MailServer, letter: Letter = LETTER, seconds: float = 10.0) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as caught:
        mail(server, seconds).send(letter)
    assert TO not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return caught.value


def test_a_letter_arrives_as_it_was_written() -> None:
    office = PostOffice()
    with open_office(office) as server:
        mail(server).send(LETTER)
        mail(server).send(LETTER)
    (sender, to, letter), (_, _, again) = office.taken
    assert (sender, to) == ("reports@larkfield.example", [TO])
    assert (letter["From"], letter["To"], letter["Subject"]) == (sender, TO, "Larkfield: réports")
    assert letter["Message-ID"] == again["Message-ID"] == "<report-1@larkfield.example>"
    assert (letter["Date"], letter["Auto-Submitted"]) == ("Mon, 02 Mar 2026 12:00:00 +0000", "auto-generated")
    body = letter.get_body()
    assert body is not None
    assert body.get_content().replace("\r", "") == LETTER.text
    file = next(iter(letter.iter_attachments()))
    assert (file.get_filename(), file.get_content_type()) == ("queues.csv", "text/csv")
    assert file.get_payload(decode=True) == LETTER.files[0].content


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_the_connection_is_protected_and_logged_in(tmp_path: Path, security: Security) -> None:
    office, paper = PostOffice(), papers(tmp_path)
    with open_office(office, security, paper, login=True) as server:
        assert mail(server).check() == ""
        mail(server).send(LETTER)
        wrong = replace(server, password="another")
        assert "refused the log-in (535)" in str(refused(wrong))
        assert "another" not in mail(wrong).check()
    assert len(office.taken) == 1


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_a_certificate_of_another_host_or_authority_is_not_trusted(tmp_path: Path, security: Security) -> None:
    office = PostOffice()
    with open_office(office, security, papers(tmp_path, "mail.example.org"), login=True) as server:
        assert "certificate is not trusted" in str(refused(server))
        (tmp_path / "other").mkdir()
        other = papers(tmp_path / "other")
        assert "certificate is not trusted" in mail(replace(server, ca=other.ca)).check()
        assert "certificate is not trusted" in mail(replace(server, ca=None)).check()
    assert office.taken == []


def test_a_server_that_offers_no_protection_gets_neither_name_nor_letter() -> None:
    office = PostOffice()
    with open_office(office, login=False) as server:
        assert "does not offer" in str(refused(replace(server, security=Security.STARTTLS)))
    assert office.taken == []


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(
    ("answer", "for_good"), [("451 4.7.1 ada@example.com comes later", False), ("550 5.1.1 no ada@example.com", True)]
)
def test_what_the_server_refuses_did_not_go_out(command: str, answer: str, for_good: bool) -> None:
    office = PostOffice({command: answer})
    with open_office(office) as server:
        failed = refused(server)
    assert (failed.for_good, failed.unknown) == (for_good, False)
    assert answer[:9] in str(failed)


@pytest.mark.parametrize("command", ["MAIL", "RCPT"])
def test_a_connection_that_is_lost_before_the_letter_lost_none(command: str) -> None:
    office = PostOffice(lost=command)
    with open_office(office) as server:
        failed = refused(server)
    assert (failed.for_good, failed.unknown, office.tried) == (False, False, 0)


@pytest.mark.parametrize("how", ["lost", "silent"])
def test_nobody_knows_what_became_of_a_letter_whose_answer_is_lost(how: str) -> None:
    office = PostOffice(lost="DATA") if how == "lost" else PostOffice(silent="DATA")
    with open_office(office) as server:
        failed = refused(server, seconds=10.0 if how == "lost" else 1.0)
    assert (failed.for_good, failed.unknown, office.tried) == (False, True, 1)


def test_a_server_that_says_nothing_is_given_up() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as mute:
        server = MailServer("127.0.0.1", mute.getsockname()[1], Security.NONE, "a@example.com")
        assert "did not answer in time" in str(refused(server, seconds=0.2))
    assert "could not be reached" in mail(server).check()


def test_a_letter_that_the_server_would_not_take_is_not_begun() -> None:
    office = PostOffice()
    with open_office(office, data_size_limit=500) as server:
        failed = refused(server)
    assert (failed.for_good, office.tried) == (True, 0)
    assert "the mail server takes 500" in str(failed)


@pytest.mark.parametrize(
    "letter",
    [
        replace(LETTER, subject="Hello\r\nBcc: eve@example.com"),
        replace(LETTER, subject="Hello\u2028Bcc: eve@example.com"),
        replace(LETTER, subject="x" * 300),
        replace(LETTER, to="ada@example.com\r\nRCPT TO:<eve@example.com>"),
        replace(LETTER, to="ada@example.com, eve@example.com"),
        replace(LETTER, to="Ada <ada@example.com>"),
        replace(LETTER, to="ada@localhost"),
        replace(LETTER, name="a>\r\nBcc: eve@example.com"),
        replace(LETTER, name=""),
        replace(LETTER, files=[Attachment("a\r\nb.csv", "text/csv", b"")]),
    ],
)
def test_nothing_that_could_be_a_header_of_its_own_is_sent(letter: Letter) -> None:
    office = PostOffice()
    with open_office(office) as server, pytest.raises(DeliveryFailed) as caught:
        mail(server).send(letter)
    assert caught.value.for_good
    assert (office.taken, office.tried) == ([], 0)


def test_neither_address_nor_text_nor_password_is_in_a_repr() -> None:
    shown = repr(LETTER) + repr(mail(MailServer("mail", 25, Security.NONE, "a@example.com", "canary-name", "canary-password")))
    assert not any(one in shown for one in (TO, "réports", "Guten", "billing", "canary"))
