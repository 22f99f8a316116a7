"""Composes the pages: the shell, and the rooms that it shows. Decides nothing; `app` composes the rest."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from hashlib import sha256

from voicebot.back_office.admission import Admission
from voicebot.back_office.room import BackOffice
from voicebot.clock import SystemClock
from voicebot.config.company import Company
from voicebot.config.deployment import Deployment
from voicebot.config.prompting import Prompting, PromptsPlan
from voicebot.config.prompts import Catalogue, Shelf
from voicebot.config.settings import Settings
from voicebot.desk.browser_phones import BrowserPhones
from voicebot.desk.room import DeskHouse, create_desk
from voicebot.dialogue.actions import Say
from voicebot.dialogue.calling_back import CalledOff
from voicebot.dialogue.spoken import Amount
from voicebot.dialogue.values import Ending
from voicebot.identity.payment_links import PaymentLinkSigner
from voicebot.identity.secrets import SecretKeeper
from voicebot.keyring import Keyring
from voicebot.mail.smtp import SmtpMail
from voicebot.pages.gate import Site
from voicebot.pages.people import roster
from voicebot.pages.room import PageRoom
from voicebot.pages.shell import Shell, ShellPlan
from voicebot.ports.call_recordings import RecordingSounds
from voicebot.ports.clock import Clock
from voicebot.ports.crm import Crm
from voicebot.ports.facts import By
from voicebot.ports.messages import Messages
from voicebot.ports.payments import Payments
from voicebot.ports.prompts import PromptShelf, SpokenText
from voicebot.ports.signed_requests import WINDOW
from voicebot.ports.store import ClaimState, KeptCall
from voicebot.records.accounts import SqlAccounts
from voicebot.records.audit import Deed, SqlAudit
from voicebot.records.callback_wishes import SqlCallbackWishes
from voicebot.records.evaluations import SqlEvaluations
from voicebot.records.interactions import SqlInteractions
from voicebot.records.prompt_edits import SqlPromptEdits
from voicebot.records.report_runs import SqlReportRuns
from voicebot.records.store import SqlStore
from voicebot.reports.batches import Batches, BatchPlan
from voicebot.reports.mailing import Mailing
from voicebot.reports.maker import Maker
from voicebot.reports.pages import ReportsHouse
from voicebot.reports.room import create_reports
from voicebot.switchboard import Switchboard
from voicebot.switchboard.evaluating import Evaluating, EvaluatingPlan
from voicebot.switchboard.figures import Promise
from voicebot.switchboard.links import PaymentLinks, PaymentPorts, name_of
from voicebot.switchboard.overview import Overview, OverviewPlan
from voicebot.switchboard.plan import FLOOR, about_call
from voicebot.switchboard.shown_details import ShownDetails
from voicebot.switchboard.tapes import TapeShelf
from voicebot.telephony.browser_phone import CLIENT, CONNECTS, MEDIA, ApiKey, place_of_script, token_for
from voicebot.webhooks.posting import Webhook

REDEEMING = timedelta(seconds=30)  # whoever has not answered by then has died
FETCHERS = 4  # threads that ask the back end for what cards show
Topics = frozenset[str]


class Telling:
    """Says what has changed to whoever shows it, once there is somebody."""

    to: Callable[[Topics], None] | None = None

    def __call__(self, topics: Topics) -> None:
        """Say it; nobody listens before the pages are there."""
        if self.to is not None:
            self.to(topics)


def page_shell(settings: Settings, store: SqlStore, keyring: Keyring, rooms: Sequence[PageRoom]) -> Shell:
    """The pages. Their hashes have a turn of their own: whoever tries passwords must not keep callers' PINs waiting."""
    deployment, company = settings.deployment, settings.company
    return Shell(
        ShellPlan(
            site=Site(deployment.pages_url, deployment.proxies),
            company=company.name,
            plan=company.sign_in,
            people=roster(company.agents),
            accounts=SqlAccounts(store),
            secrets=SecretKeeper(keyring),
            keys=keyring,
            now=SystemClock().now,
            openid_secret=deployment.sign_in_secret,
        ),
        rooms,
    )


@dataclass(frozen=True)
class DeskParts:
    """What the desk stands on."""

    store: SqlStore
    switchboard: Switchboard
    crm: Crm
    clock: Clock
    sounds: RecordingSounds
    prompting: Prompting


def desk_room(settings: Settings, parts: DeskParts, told: Telling) -> PageRoom:
    """The desk: what it shows is read past the switchboard, what it does goes through it."""
    company, store, switchboard, clock = settings.company, parts.store, parts.switchboard, parts.clock
    wishes = SqlCallbackWishes(store)

    def called_back(call: str, agent: str) -> bool:
        done = wishes.done(call, agent, clock.now())
        if done:
            switchboard.callbacks.call_off(call, CalledOff.DONE)
        told(frozenset({FLOOR}))
        return done

    return create_desk(
        DeskHouse(
            overview=_overview(company, store, parts.crm, clock, told),
            desk=switchboard.desk,
            linking=switchboard.linking(frozenset((*company.fields.identifiers, *company.fields.phones))),
            plan=company.desk,
            queues=tuple(company.queues),
            lines=tuple(company.lines),
            agents={agent.id: agent.name for agent in company.agents},
            looked_up_by={name: name.replace("_", " ") for name in (*company.fields.identifiers, *company.fields.phones)},
            time_zone=company.time_zone,
            called_back=called_back,
            told=lambda call: told(frozenset({FLOOR, about_call(call)})),
            step_ups=company.step_ups,
            payments=company.payments,
            replies=company.messages.on,
            browser_phones=_browser_phones(company, settings.deployment),
            evaluating=_evaluating(company, store, clock),
            prompting=parts.prompting,
            listen=TapeShelf(store, clock, parts.sounds).listen,
        )
    )


def _records_reports(store: SqlStore) -> Callable[[str, Mapping[str, str]], None]:
    """Writes down who made a report."""
    audit = SqlAudit(store)
    return lambda who, facts: audit.write(who, Deed.REPORTED, SystemClock().now(), facts=dict(facts))


def scheduled_reports(settings: Settings, store: SqlStore, owner: str, maker: Maker) -> Batches:
    """Reports that are made by themselves, by real time."""
    runs, server, company = SqlReportRuns(store), settings.deployment.mail, settings.company
    plan = BatchPlan(
        maker, company.time_zone, company.schedules, runs, owner, SystemClock().now,
        _records_reports(store), settings.deployment.data,
        Webhook(secret) if (secret := settings.deployment.reports_secret) else None,
        Mailing(SmtpMail(server, SystemClock().now), runs, owner, company.name) if server is not None else None,
    )  # fmt: skip
    return Batches(plan)


def reports_room(settings: Settings, store: SqlStore, maker: Maker) -> PageRoom:
    """Reports; who sees which is recorded in the audit."""
    company, desk = settings.company, settings.company.desk
    choices: dict[By, Mapping[str, str]] = {
        By.AGENT: {agent.name: agent.name for agent in company.agents},
        By.QUEUE: {name: name for name in company.queues},
        By.LINE: {name: name for name in company.lines},
        By.LANGUAGE: {one: one for one in sorted({line.plan.language for line in company.lines.values()})},
        By.CODE: desk.wrap_up,
        By.ENDING: {ending.value: ending.value for ending in Ending},
    }
    recorded, scheduled = _records_reports(store), bool(company.schedules)
    pages = ReportsHouse(maker, company.time_zone, choices, SystemClock().now, recorded, scheduled=scheduled)
    return create_reports(pages, company.schedules, SqlReportRuns(store))


def _browser_phones(company: Company, deployment: Deployment) -> BrowserPhones | None:
    """Which agents may answer in their browser: those with a phone `client:NAME`, where there is an API key to let them in."""
    if not deployment.api_key:
        return None
    key = ApiKey(deployment.account_sid, deployment.api_key, deployment.api_secret)
    identities = {
        agent.id: {
            name: phone.removeprefix(CLIENT) for name, phone in (("", agent.phone), *agent.phones) if phone.startswith(CLIENT)
        }
        for agent in company.agents
    }
    return BrowserPhones(identities, partial(token_for, key), place_of_script(deployment.data), CONNECTS, MEDIA)


def company_prompts(settings: Settings, store: SqlStore) -> tuple[Prompting, Shelf]:
    """What is said: the files and what was changed over them. Each version is kept for the calls that began with it."""

    def kept(name: str) -> bytes | None:
        with store.reading() as ledger:
            return ledger.snapshot(name)

    def keep(catalogue: Catalogue) -> None:
        with store.transaction() as ledger:
            ledger.put_snapshot(catalogue.version, catalogue.dump())
            for name, wav in catalogue.recordings.items():
                ledger.put_snapshot(name, wav)

    shelf = Shelf(settings.prompts, kept)
    keep(settings.prompts)
    plan = PromptsPlan(settings.prompts, settings.company, SqlPromptEdits(store), shelf, keep, SystemClock().now)
    prompting = Prompting(plan)
    prompting.refresh()
    return prompting, shelf


def back_office(deployment: Deployment, store: SqlStore, keyring: Keyring, switchboard: Switchboard) -> BackOffice | None:
    """Where the company redeems tokens; None without a secret to know it by."""
    if not deployment.proofs_secrets:
        return None
    owner, now = switchboard.owner, SystemClock().now

    def seen(request_id: str) -> bool:
        key = f"back-office-request:{keyring.blind('back-office-request', request_id)}"
        with store.transaction() as ledger:
            at = now()
            return ledger.claim(key, owner, at, at + 2 * timedelta(seconds=WINDOW)).state is not ClaimState.MINE

    def once(key: str, do: Callable[[], str]) -> str | None:
        name, at = f"back-office:{keyring.blind('back-office', key)}", now()
        with store.transaction() as ledger:
            claim = ledger.claim(name, owner, at, at + REDEEMING)
        if claim.state is not ClaimState.MINE:
            return claim.answer or None
        result = do()
        with store.transaction() as ledger:
            ledger.answer(name, result)
        return result

    def redeem(token: str, customer: str, action: str, amount: str) -> str:
        return switchboard.proofs.redeem(token, customer, action, amount).value

    admission = Admission(deployment.proofs_secrets, seen, lambda: now().timestamp())
    return BackOffice(admission, redeem, once, switchboard.payment_reports.report)


def payment_ports(settings: Settings, payments: Payments, messages: Messages, shelf: PromptShelf) -> PaymentPorts:
    """Who takes payments and sends links, as far as this company has set it up."""
    plan, secrets = settings.company.payments, settings.deployment.proofs_secrets
    if plan is None:
        return PaymentPorts()
    if not plan.page or not secrets:
        return PaymentPorts(payments)
    signer = PaymentLinkSigner(plan.page, secrets[0])

    def text(kept: KeptCall) -> str:
        paid = kept.call.payment
        assert paid is not None  # whoever sends a link has looked  # noqa: S101
        amount, currency = paid.plan.number(paid.amount), paid.plan.currency
        link = signer.link(name_of(kept.call.id, paid.number), amount, currency, paid.since, paid.until)
        say = Say("payment.message", args=(("amount", Amount(amount, currency)),))
        spoken = shelf.version(kept.prompts).utterances(say, kept.call.line.language)
        return " ".join([*(one.text for one in spoken if isinstance(one, SpokenText)), link])

    return PaymentPorts(payments, PaymentLinks(messages, text))


def _overview(company: Company, store: SqlStore, crm: Crm, clock: Clock, told: Telling) -> Overview:
    """What is shown. Details that the company chose are fetched beside it and shown when they come."""
    plan, wishes = company.desk, SqlCallbackWishes(store)
    fetchers = ThreadPoolExecutor(FETCHERS, thread_name_prefix="details")
    details = ShownDetails(crm, plan.details, fetchers, lambda call: told(frozenset({about_call(call)})))
    promise, assumed = Promise(plan.answer_within, plan.short_abandon), plan.assumed
    queues = tuple(company.queues)
    return Overview(
        OverviewPlan(store, SqlInteractions(store), wishes, clock, details, store.verify_chain, queues, promise, assumed)
    )


def _evaluating(company: Company, store: SqlStore, clock: Clock) -> Evaluating:
    """Which calls are proposed follows from a keyed hash, so nobody can tell beforehand."""
    names = {agent.id: agent.name for agent in company.agents}

    def had(call_id: str) -> tuple[str, ...]:
        with store.reading() as ledger:
            kept = ledger.load_call(call_id)
        if kept is None or kept.call.ending is not Ending.SERVED:
            return ()
        return tuple(names.get(agent, agent) for agent in kept.call.served_by)

    def rank(call_id: str) -> float:
        with store.viewing() as books:
            drawn = sha256(books.keyring.blind("evaluation", call_id).encode()).digest()
        return int.from_bytes(drawn[:8]) / 2**64

    desk = company.desk
    return Evaluating(EvaluatingPlan(SqlEvaluations(store), clock, desk.evaluation, desk.sampled, rank, had))
