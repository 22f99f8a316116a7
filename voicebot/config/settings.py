"""All settings, read once at start: the deployment, the company, and what is said. Wrong ones are refused together, in words.

Must not be read again by anybody while calls are running: a call keeps what it began with.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TypeVar

from voicebot.config.approvals import missing_approval_keys
from voicebot.config.backend import missing_keys
from voicebot.config.booking import missing_for_inviting
from voicebot.config.company import Company
from voicebot.config.deployment import Deployment, environment, read_deployment
from voicebot.config.grammars import load_grammar
from voicebot.config.lint import check_prompts
from voicebot.config.messages import Way, missing_for_posts
from voicebot.config.notices import NoticeTexts, load_notice_texts, missing_for_notices
from voicebot.config.payments import missing_payment_secret
from voicebot.config.phrase_words import load_phrase_words, missing_phrase_words
from voicebot.config.prompt_files import load_catalogue
from voicebot.config.prompts import Catalogue
from voicebot.config.reading import notes_on, read_company
from voicebot.config.schedules import missing_mail_server, missing_reports_secret
from voicebot.config.sign_in import missing_sign_in_secret
from voicebot.config.tables import Complaints, Table
from voicebot.dialogue.forms import Grammar
from voicebot.errors import ConfigError

PROJECT = Path(__file__).resolve().parents[2]
Part = TypeVar("Part")


@dataclass(frozen=True)
class Settings:
    """Everything that was configured. `notes` are right but worth knowing; `root` is where `voicebot.toml` lies."""

    deployment: Deployment
    company: Company
    prompts: Catalogue = field(repr=False)
    root: Path
    notes: tuple[str, ...] = ()
    phrase_words: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    notice_texts: Mapping[str, NoticeTexts] = field(default_factory=dict, repr=False)

    @property
    def sms_senders(self) -> frozenset[str]:
        """Numbers that short messages go out from, whose answers are to come here."""
        company, caller_id = self.company, self.deployment.caller_id
        goes_out = company.notices.sms or company.booking.inviting is not None
        agents = company.messages.senders.get(Way.SMS, caller_id) if company.messages.on else ""
        return frozenset({caller_id if goes_out else "", agents} - {""})


def load_settings(toml: Path, env: Mapping[str, str]) -> Settings:
    """Read `voicebot.toml`, the grammars and prompts beside it, and the environment (`.env` beside it comes under `env`).

    Raises ConfigError with everything that is wrong, one a line: file, key, what is allowed.
    """
    root = toml.absolute().parent
    wrong: list[str] = []
    deployment = _or_complain(lambda: read_deployment(environment(root, env), root), wrong)
    company = _or_complain(lambda: load_company(toml), wrong)
    prompts = _or_complain(lambda: load_catalogue(beside(root, "prompts")), wrong)
    phrase_words, unfit = load_phrase_words(dict.fromkeys((beside(root, "prompts"), PROJECT / "prompts")))
    wrong += unfit
    texts = _or_complain(lambda: _notice_texts(company, root), wrong) if company else None
    if company and prompts:
        wrong += check_prompts(company, prompts)
        wrong += missing_phrase_words(_with_phrases(company), phrase_words)
    if company and deployment:
        wrong += missing_keys(company.back_end, deployment.back_end)
        wrong += missing_hand_over_key(company, deployment.hand_over_secret)
        wrong += missing_payment_secret(company.payments, deployment.proofs_secrets)
        wrong += missing_sign_in_secret(company.sign_in, deployment.sign_in_secret)
        wrong += missing_reports_secret(company.schedules, deployment.reports_secret)
        wrong += missing_for_notices(company.notices, deployment.mail, deployment.notices_secret)
        whatsapp = company.messages.senders.get(Way.WHATSAPP, "")
        address, inviting = company.notices.address, company.booking.inviting
        wrong += missing_for_inviting(inviting, address, deployment.mail is not None, whatsapp)
        wrong += missing_for_posts(company.messages, deployment.notices_secret)
        wrong += missing_mail_server(company.schedules, deployment.mail)
        wrong += missing_approval_keys(company.approvals, deployment.approvals_secret, deployment.approvals_key)
    if wrong or deployment is None or company is None or prompts is None:
        raise ConfigError("\n".join(wrong))
    return Settings(deployment, company, prompts, root, tuple(notes_on(company)), phrase_words, texts or {})


def _with_phrases(company: Company) -> dict[str, str]:
    """Lines that offer phrases, and their languages."""
    plans = {name: line.plan for name, line in company.lines.items()}
    return {name: plan.language for name, plan in plans.items() if plan.queue.offer_callback and plan.callbacks.phrase}


def _notice_texts(company: Company, root: Path) -> dict[str, NoticeTexts]:
    """Of all languages that a line speaks, where customers are told anything."""
    if not (company.notices.sms or company.notices.mail):
        return {}
    return load_notice_texts(beside(root, "notices"), {line.plan.language for line in company.lines.values()})


def missing_hand_over_key(company: Company, secret: str) -> list[str]:
    """What the environment lacks for lines that hand calls over, as complaints; empty if nothing."""
    handing = [name for name, line in company.lines.items() if line.plan.hand_over is not None]
    if secret or not handing:
        return []
    why = f"is needed for lines.{handing[0]}: it signs what the next system is told"
    return [f".env or environment: VOICEBOT_HAND_OVER_SECRET: {why}"]


def load_company(toml: Path) -> Company:
    """The company alone. Raises ConfigError as `load_settings` does."""
    complaints = Complaints(toml.name)
    grammars = beside(toml.absolute().parent, "grammars")

    @cache
    def grammar_of(language: str) -> Grammar | None:
        path = grammars / f"{language}.toml"
        if not path.is_file():
            return None
        try:
            return load_grammar(path)
        except ConfigError as error:
            complaints.found.append(str(error))
            return Grammar(language)

    company = read_company(Table.of_file(toml, complaints), grammar_of)
    complaints.raise_if_any()
    if company is None:
        raise ConfigError(f"{toml.name}: describes no line that could be answered")
    return company


def beside(root: Path, name: str) -> Path:
    """The company's own `prompts` or `grammars`, beside its settings; the shipped ones where it has none."""
    return root / name if (root / name).is_dir() else PROJECT / name


def _or_complain(read: Callable[[], Part], wrong: list[str]) -> Part | None:
    """What was read; None where it was refused, and then `wrong` says why."""
    try:
        return read()
    except ConfigError as error:
        wrong.append(str(error))
        return None
