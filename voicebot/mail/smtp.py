"""Gives letters to the company's mail server over SMTP (RFC 5321), protected and logged in, one connection for each.

What matters is to know when a letter may have gone out: only between its last dot and the server's answer. Before that a
failure means that it did not, so it can be tried again; in there nobody knows, and it is not repeated here.
"""

import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from voicebot.config.mail import MailServer, Security
from voicebot.errors import DeliveryFailed
from voicebot.mail.letters import written
from voicebot.ports.mail import Letter

SECONDS = 15.0  # for each step
LAST_ANSWER = (
    90.0  # for the answer after the last dot: servers look for viruses then, and giving up early makes doubles (RFC 1047)
)
READY, TAKEN, GO_ON = 220, 250, 354
PERMANENT = 500
DOTS = re.compile(rb"^\.", re.MULTILINE)
ENHANCED = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}")


@dataclass(frozen=True)
class SmtpMail:
    """Implements `ports.mail.Mail`. Each letter has its own connection: nobody waits for another's."""

    server: MailServer
    now: Callable[[], datetime]
    seconds: float = SECONDS
    last_answer: float = LAST_ANSWER

    def send(self, letter: Letter) -> None:
        """One letter to its one recipient."""
        content = written(letter, self.server.sender, self.now())
        with self._logged_in() as smtp:
            self._announce(smtp, letter.to, len(content))
            _expect(GO_ON, *smtp.docmd("DATA"), "the letter")
            smtp.send(DOTS.sub(b"..", content))
            self._end(smtp)

    def check(self) -> str:
        """Connect, protect, log in, and send nothing; gives what is wrong in words, empty if nothing is."""
        try:
            with self._logged_in() as smtp:
                _expect(TAKEN, *smtp.noop(), "us")
        except DeliveryFailed as failed:
            return str(failed)
        return ""

    def _announce(self, smtp: smtplib.SMTP, to: str, size: int) -> None:
        """Who it is from and to, and how large it is."""
        most = smtp.esmtp_features.get("size", "")
        if most.isdecimal() and 0 < int(most) < size:
            raise DeliveryFailed(f"the letter has {size} bytes and the mail server takes {most}", for_good=True)
        options = [f"SIZE={size}"] if "size" in smtp.esmtp_features else []
        _expect(TAKEN, *smtp.mail(self.server.sender, options), "the sender")
        _expect(TAKEN, *smtp.rcpt(to), "the recipient")

    def _end(self, smtp: smtplib.SMTP) -> None:
        """The last dot, and what the server says to it."""
        assert smtp.sock is not None  # whoever has sent the letter is connected  # noqa: S101
        smtp.sock.settimeout(self.last_answer)
        try:
            smtp.send(b".\r\n")
            code, said = smtp.getreply()
        except (OSError, smtplib.SMTPException):
            text = "the mail server was given the letter and its answer was lost: it may have gone out"
            raise DeliveryFailed(text, unknown=True) from None
        _expect(TAKEN, code, said, "the letter")

    @contextmanager
    def _logged_in(self) -> Iterator[smtplib.SMTP]:
        """A connection that is over when one is done with it. What happens on it is told without addresses and secrets."""
        smtp = None
        try:
            smtp = self._connected()
            if self.server.name:
                smtp.login(self.server.name, self.server.password)
            yield smtp
        except DeliveryFailed:
            raise
        except (OSError, smtplib.SMTPException, ValueError) as trouble:
            _failed(trouble)
        finally:
            if smtp is not None:
                with suppress(OSError, smtplib.SMTPException):
                    smtp.quit()
                smtp.close()

    def _connected(self) -> smtplib.SMTP:
        """Protected as it is configured, never less than that."""
        server = self.server
        domain = server.sender.partition("@")[2]  # our own name would have to be looked up first
        if server.security is Security.TLS:
            trust = self._trust()
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, domain, timeout=self.seconds, context=trust)
        else:
            smtp = smtplib.SMTP(server.host, server.port, domain, timeout=self.seconds)
        try:
            smtp.ehlo_or_helo_if_needed()
            if server.security is Security.STARTTLS:
                smtp.starttls(context=self._trust())  # raises where it is not offered
                smtp.ehlo_or_helo_if_needed()
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _trust(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.server.ca)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context


def _expect(wanted: int, code: int, said: bytes, whom: str) -> None:
    """Of what the server says only its numbers are passed on: its words often hold the address."""
    if code == wanted or (wanted == TAKEN and code == TAKEN + 1):  # 251: taken, and passed on
        return
    enhanced = ENHANCED.match(said)
    number = f"{code} {enhanced[0].decode()}" if enhanced else f"{code}"
    raise DeliveryFailed(f"the mail server refused {whom} ({number})", for_good=code >= PERMANENT)


def _failed(trouble: Exception) -> NoReturn:
    """Nothing has gone out."""
    late = isinstance(trouble, TimeoutError) or isinstance(trouble.__context__, TimeoutError)  # smtplib wraps it
    match trouble:
        case _ if late:
            text = "the mail server did not answer in time"
        case ssl.SSLCertVerificationError():
            text = f"the mail server's certificate is not trusted ({trouble.verify_message})"
        case ssl.SSLError():
            text = "the connection to the mail server could not be protected"
        case smtplib.SMTPNotSupportedError():
            text = "the mail server does not offer what is needed: STARTTLS, or a way to log in"
        case smtplib.SMTPAuthenticationError():
            text = f"the mail server refused the log-in ({trouble.smtp_code})"
        case smtplib.SMTPResponseException():
            text = f"the mail server refused us ({trouble.smtp_code})"
        case _:
            text = f"the mail server could not be reached ({type(trouble).__name__})"
    raise DeliveryFailed(text) from None
