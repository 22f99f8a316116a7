"""A mail server on this machine, with the bad days that one says. Certificates are made for the run."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from threading import Thread
from typing import Any

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from voicebot.config.mail import MailServer, Security

NAME, PASSWORD = "voicebot", "canary-password"
SENDER = "reports@larkfield.example"


@dataclass
class PostOffice:
    """`answers` say what it says to a command, `lost` when it hangs up instead, `silent` when it says nothing at all."""

    answers: dict[str, str] = field(default_factory=dict)
    lost: str = ""
    silent: str = ""
    taken: list[tuple[str, list[str], EmailMessage]] = field(default_factory=list)
    tried: int = 0

    async def handle_MAIL(  # noqa: N802 - the library's name
        self, server: SMTP, _: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        return await self._say("MAIL", server) or self._from(envelope, address, options)

    async def handle_RCPT(self, server: SMTP, _: Session, envelope: Envelope, address: str, __: list[str]) -> str:  # noqa: N802 - the library's name
        said = await self._say("RCPT", server)
        if not said:
            envelope.rcpt_tos.append(address)
        return said or "250 OK"

    async def handle_DATA(self, server: SMTP, _: Session, envelope: Envelope) -> str:  # noqa: N802 - the library's name
        self.tried += 1
        content = envelope.original_content
        assert content is not None
        letter: Any = message_from_bytes(content, policy=policy.SMTP)
        if "DATA" not in self.answers:
            self.taken.append((str(envelope.mail_from), list(envelope.rcpt_tos), letter))
        return await self._say("DATA", server) or "250 OK"

    async def _say(self, command: str, server: SMTP) -> str:
        if self.lost == command:
            assert server.transport is not None
            server.transport.abort()
        if self.silent == command:
            await asyncio.sleep(60)
        return self.answers.get(command, "")

    @staticmethod
    def _from(envelope: Envelope, address: str, options: list[str]) -> str:
        envelope.mail_from, envelope.mail_options = address, options
        return "250 OK"


def _lets_in(*arguments: Any) -> AuthResult:
    given = arguments[-1]
    known = isinstance(given, LoginPassword) and (given.login, given.password) == (NAME.encode(), PASSWORD.encode())
    return AuthResult(success=known, handled=False)


@dataclass(frozen=True)
class Papers:
    """Whom to trust, and what a server shows."""

    ca: Path
    shown: ssl.SSLContext


def papers(folder: Path, host: str = "localhost") -> Papers:
    """Certificates for this host by an authority of its own."""
    authority, shown = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host).configure_cert(shown)
    authority.cert_pem.write_to_path(folder / "ca.pem")
    return Papers(folder / "ca.pem", shown)


@contextmanager
def open_office(
    office: PostOffice, security: Security = Security.NONE, paper: Papers | None = None, *, login: bool = False, **how: Any
) -> Iterator[MailServer]:
    """It stands, and this is how it is reached."""
    if login:
        # It knows only one kind of protection, so on a line that is protected from the start it is not to insist.
        how |= {
            "authenticator": _lets_in,
            "auth_required": security is not Security.TLS,
            "auth_require_tls": security is not Security.TLS,
        }
    if paper is not None and security is Security.STARTTLS:
        how |= {"tls_context": paper.shown, "require_starttls": True}
    loop, paper_of_line = asyncio.new_event_loop(), paper.shown if paper and security is Security.TLS else None
    thread = Thread(target=loop.run_forever, name="post office", daemon=True)
    thread.start()

    async def opened() -> asyncio.Server:
        return await loop.create_server(lambda: SMTP(office, loop=loop, **how), "127.0.0.1", 0, ssl=paper_of_line)

    async def closed(server: asyncio.Server) -> None:
        server.close()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    server = asyncio.run_coroutine_threadsafe(opened(), loop).result(30)
    try:
        who = (NAME, PASSWORD) if login else ("", "")
        port = server.sockets[0].getsockname()[1]
        yield MailServer("localhost", port, security, SENDER, *who, ca=paper.ca if paper else None)
    finally:
        asyncio.run_coroutine_threadsafe(closed(server), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
