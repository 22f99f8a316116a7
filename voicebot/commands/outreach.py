"""What `doctor` finds over the network: does our public address lead here, and does the account fit? Changes nothing there."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from voicebot.back_end import approval_client
from voicebot.commands.probing import EACH, Probe, Probing
from voicebot.config.mail import MailServer, Security
from voicebot.errors import CarrierError, ConfigError, KeyringError
from voicebot.keyring import Keyring
from voicebot.mail.smtp import SmtpMail
from voicebot.telephony.account import COUNTRIES, NUMBERS, AccountCheck, account_findings, by_country, next_token
from voicebot.telephony.address_check import ADDRESS, certificate, resolves
from voicebot.telephony.findings import Finding, note, ok, skipped, wrong
from voicebot.telephony.numbers import TwilioAccount, TwilioNumbers
from voicebot.telephony.selfcall import SIGNATURE, SOCKET, SelfCall

if TYPE_CHECKING:
    from voicebot.config.deployment import Deployment
    from voicebot.config.settings import Settings

ACCOUNT, APPROVALS, MAIL = "Twilio account", "Approvals", "Mail"
TOKENS = ("TWILIO_AUTH_TOKEN", "TWILIO_AUTH_TOKEN_NEXT")


class Outreach:
    """Two rounds of checks: what the second one asks makes no sense where the first has failed."""

    def __init__(self, settings: "Settings", probing: Probing, now: Callable[[], float] = time.time) -> None:
        deployment = settings.deployment
        self._settings = settings
        self._deployment = deployment
        self._probing = probing
        self._now = now
        self._call = self_call(deployment)
        self._accounts = [
            TwilioNumbers(TwilioAccount(deployment.account_sid, token, deployment.api_base_url))
            for token in (deployment.auth_token, deployment.auth_token_next)
            if token and deployment.account_sid
        ]
        self._arrived = self._opened = False

    def findings(self) -> list[Finding]:
        """Everything that was found. Each part that cannot be looked at says why."""
        found = self._probing.run(
            [*self._address_probes(), *self._account_probes(), *self._approval_probes(), *self._mail_probes()]
        )
        found += self._unasked()
        found += self._probing.run([*self._signature_probes(), *self._number_probes()])
        return found

    def close(self) -> None:
        """Let go of the connections."""
        for account in self._accounts:
            account.close()

    # ---- the first round ----------------------------------------------------------------------------------------------

    def _address_probes(self) -> list[Probe]:
        base = self._deployment.public_base_url
        if not base:
            return []
        return [
            Probe(ADDRESS, "the name's address", lambda: resolves(base)),
            Probe(ADDRESS, "the certificate", lambda: certificate(base)),
            Probe(ADDRESS, "the way to this server", self._reach),
        ]

    def _account_probes(self) -> list[Probe]:
        if not self._accounts:
            return []
        probes = [Probe(ACCOUNT, "the account", self._open)]
        if len(self._accounts) > 1:
            probes.append(Probe(ACCOUNT, "the next token", lambda: next_token(self._accounts[1], self._now)))
        return probes

    def _approval_probes(self) -> list[Probe]:
        if self._settings.company.approvals is None:
            return []
        return [Probe(APPROVALS, "the provider of approvals", self._provider)]

    def _provider(self) -> list[Finding]:
        """Only its description is read: nobody's app is asked."""
        try:
            provider = approval_client(self._settings)
        except ConfigError as error:
            return [wrong(APPROVALS, str(error))]
        issuer = self._deployment.approvals_issuer or self._settings.company.approvals.issuer  # type: ignore[union-attr]
        try:
            why = provider.unusable()
        finally:
            provider.close()
        mend = "see [approvals] in voicebot.toml"
        return [wrong(APPROVALS, f"{issuer} cannot be used: {why}", mend) if why else ok(APPROVALS, f"{issuer} takes requests")]

    def _mail_probes(self) -> list[Probe]:
        server = self._deployment.mail
        return [] if server is None else [Probe(MAIL, "the mail server", lambda: mail_server(server))]

    def _reach(self) -> list[Finding]:
        if self._call is None:
            return []
        found = self._call.reaches()
        self._arrived = not any(one.bad for one in found)
        return found

    def _open(self) -> list[Finding]:
        try:
            seen = self._accounts[0].account(self._now)
        except CarrierError as error:
            return [wrong(ACCOUNT, str(error))]
        self._opened = True
        return account_findings(seen)

    # ---- the second ---------------------------------------------------------------------------------------------------

    def _unasked(self) -> list[Finding]:
        """What is left out, and why."""
        deployment = self._deployment
        left_out = []
        if self._call is None:
            why = "the keys are made at the first start" if deployment.public_base_url else "PUBLIC_BASE_URL is not set"
            left_out.append(skipped(ADDRESS, f"not asked: {why}"))
        elif not self._arrived:
            left_out.append(skipped(SIGNATURE, "not tried, since the public address does not lead here"))
        elif not self._call.tokens:
            left_out.append(skipped(SIGNATURE, "not tried: TWILIO_AUTH_TOKEN is not set"))
        if not self._accounts:
            left_out.append(skipped(ACCOUNT, "not asked: TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN are not both set"))
        elif not self._opened:
            left_out.append(skipped(NUMBERS, "numbers and countries were not looked at: see the account"))
        return left_out

    def _signature_probes(self) -> list[Probe]:
        if self._call is None or not self._arrived or not self._call.tokens:
            return []
        return [Probe(SIGNATURE, "the signature", self._call.signature), Probe(SOCKET, "the audio socket", self._call.socket)]

    def _number_probes(self) -> list[Probe]:
        if not self._opened:
            return []
        deployment, company, senders = self._deployment, self._settings.company, self._settings.sms_senders
        lines = {name: line.plan.dnis for name, line in company.lines.items()}
        check = AccountCheck(deployment.public_base_url, lines, deployment.caller_id, self._accounts[0], senders)
        phones = {"the emergency number": deployment.emergency_number} | company.phones_of_agents()
        countries, nowhere = by_country(phones)

        def odd() -> list[Finding]:
            says = "is in no country that permissions are given for"
            return [note(COUNTRIES, f"the number of {who} {says}", "see that it can be rung") for who in nowhere]

        def one(country: str, whose: str) -> Probe:
            return Probe(COUNTRIES, f"country {country}", lambda: check.country(country, whose))

        wired = [Probe(NUMBERS, "the numbers", check.wired)] if deployment.public_base_url else []
        return [*wired, *(one(country, whose) for country, whose in countries.items()), Probe(COUNTRIES, "other numbers", odd)]


def mail_server(server: MailServer) -> list[Finding]:
    """Whether it lets us in. No letter is sent."""
    why = SmtpMail(server, lambda: datetime.now(UTC), seconds=EACH).check()
    where = f"{server.host}:{server.port}"
    if why:
        return [wrong(MAIL, f"{where}: {why}", "see VOICEBOT_SMTP_… in .env")]
    how = "unprotected, on this machine" if server.security is Security.NONE else f"protected ({server.security})"
    return [ok(MAIL, f"{where} takes letters: {how}{', logged in' if server.name else ''}")]


def self_call(deployment: "Deployment") -> SelfCall | None:
    """Who asks our own address; None without an address, or without keys that a running server would have."""
    directory = deployment.keys
    if not deployment.public_base_url or not directory.is_dir() or not any(directory.glob("token-*.key")):
        return None
    try:
        keys = Keyring.open(directory)
    except KeyringError:
        return None  # said where the keys are looked at
    named = zip(TOKENS, (deployment.auth_token, deployment.auth_token_next), strict=True)
    tokens = {name: token for name, token in named if token}
    return SelfCall(deployment.public_base_url, deployment.account_sid, tokens, keys)
