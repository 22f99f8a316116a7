"""Makes a `Company` of `voicebot.toml`: every name resolved, every limit within its bounds, every rule between lines checked.

Must not open any file but grammars, and must not stop at the first mistake.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields

import phonenumbers

from voicebot.config.approvals import ApprovalsPlan, read_approvals
from voicebot.config.backend import BackEndKind, read_back_end
from voicebot.config.booking import read_booking
from voicebot.config.callbacks import read_callbacks
from voicebot.config.company import Company, CustomerColumns, Line, Queue, sort_fields
from voicebot.config.desk import read_desk
from voicebot.config.fields import A_KIND, Question, read_questions
from voicebot.config.hours import ALWAYS, OpeningHours, always, read_hours, read_time_zone
from voicebot.config.messages import read_messages
from voicebot.config.notices import read_notices
from voicebot.config.payments import check_pay, read_payments
from voicebot.config.queues import LANGUAGE, Presence, read_queues
from voicebot.config.retention import read_retention
from voicebot.config.schedules import read_schedules
from voicebot.config.sign_in import read_sign_in
from voicebot.config.step_up import read_step_ups
from voicebot.config.tables import Table
from voicebot.config.ways import check_ways, read_hand_over, read_next_step
from voicebot.dialogue.forms import (
    Detail,
    Door,
    FieldPlan,
    Grammar,
    Limits,
    LinePlan,
    NextStep,
    PaymentPlan,
    QueuePlan,
    Recorded,
    StepUpPlan,
    Verification,
)
from voicebot.dialogue.outbound import CallbackRules
from voicebot.dialogue.values import ShapeKind
from voicebot.floor.values import Agent, Role

E164 = r"\+[1-9]\d{6,14}"
E164_WORDS = 'a number like "+12025550110"'
ADDRESS = rf"{E164}|client:[\w.-]{{1,100}}|sips?:[^\s@]{{1,100}}@[\w.:-]{{1,200}}"
KINDS = ("words", "amount", "day", "digits")
CURRENCY = r"[A-Z]{3}"
BOUNDS = {"max_attempts": (1, 10), "no_input": (1, 10), "no_match": (1, 10), "short": (1, 10), "asks": (1, 30)}
SECRETS_DOORS = (Door.GATHER, Door.STREAM)  # a secret is never recorded
OTHER_BOUNDS = (0, 10)  # the rest may be 0: not even once

PCI_MODE = (
    "payments: need Twilio's PCI Mode. It is for the whole account and cannot be turned off again; it also changes how long "
    "recordings are kept. Try it in a subaccount first"
)

GrammarOf = Callable[[str], Grammar | None]


@dataclass(frozen=True)
class _Parts:
    """What lines are put together from."""

    hours: dict[str, OpeningHours]
    fields: dict[str, Question]
    details: dict[str, Detail]
    queues: dict[str, Queue]
    grammar_of: GrammarOf
    step_ups: tuple[StepUpPlan, ...]
    callbacks: CallbackRules
    payments: PaymentPlan | None
    approvals: ApprovalsPlan | None


def read_company(file: Table, grammar_of: GrammarOf) -> Company | None:
    """The company; None if it cannot be put together, and then something was complained about.

    `grammar_of(language)` gives None where a language has no grammar file.
    """
    company = file.table("company")
    time_zone = read_time_zone(company, "time_zone", "UTC")
    columns = _columns(file.table("customers"))
    callbacks = file.table("callbacks")
    parts = _parts(file, time_zone, grammar_of, callbacks)
    lines = {name: _line(name, table, parts, columns.region) for name, table in file.tables("lines")}
    agents = tuple(_agent(name, table, parts.queues) for name, table in file.tables("agents"))
    _each_once(file, lines, agents)
    name = company.text("name")
    back_end = read_back_end(file.table("back_end"), company.one_of("back_end", list(BackEndKind), ""))
    default_line = company.one_of("default_line", lines)
    desk = read_desk(file, parts.details)
    sign_in = read_sign_in(file, [agent.id for agent in agents])
    schedules = read_schedules(file)
    booking = read_booking(callbacks, {name: line.plan.queue.name for name, line in lines.items()}, parts.queues)
    notices = read_notices(file.table("notices"), parts.details)
    messages = read_messages(file.table("messages"), parts.details, parts.queues)
    retention = read_retention(file.table("retention"))
    for table in (company, callbacks, file):
        table.close()
    if not lines or default_line not in lines:
        if not lines:
            file.wrong("lines", "needs at least one line ([lines.NAME])")
        return None
    asked = sort_fields(parts.fields, lines)
    if asked.codes and back_end.kind is not BackEndKind.EMBEDDED:
        why = "is for customers who are kept here; your own back end checks codes as it does any other secret"
        file.wrong(f"fields.{asked.codes[0]}.totp", why)
    among = [name for name, question in parts.fields.items() if question.plan.among_customers]
    if among and back_end.kind is not BackEndKind.EMBEDDED:
        why = "is for customers who are kept here; nobody gives away all numbers of your own back end"
        file.wrong(f"fields.{among[0]}.among_customers", why)
    return Company(
        name, time_zone, default_line, back_end, lines, parts.queues, agents, asked, parts.details, columns, desk, sign_in,
        parts.approvals, schedules, booking, notices, messages, retention,
    )  # fmt: skip


def _parts(file: Table, time_zone: str, grammar_of: GrammarOf, callbacks: Table) -> _Parts:
    questions, hours = read_questions(file), read_hours(file.tables("hours"), time_zone)
    details = {name: _detail(name, table) for name, table in file.tables("details")}
    approvals = read_approvals(file, details)
    return _Parts(
        hours=hours,
        fields=questions,
        details=details,
        queues=read_queues(file, hours),
        grammar_of=grammar_of,
        step_ups=read_step_ups(file, questions, approvals=approvals is not None),
        callbacks=read_callbacks(callbacks),
        payments=read_payments(file),
        approvals=approvals,
    )


def _columns(table: Table) -> CustomerColumns:
    usual = CustomerColumns()
    columns = CustomerColumns(
        table.text("customer_id", usual.customer_id),
        table.text("name", usual.name),
        table.texts("phones", usual.phones),
        _region(table, "region", usual.region),
    )
    table.close()
    return columns


def _region(table: Table, key: str, default: str) -> str:
    region = table.text(key, default)
    if region not in phonenumbers.SUPPORTED_REGIONS:
        table.wrong(key, f'must be a country like "US" or "DK", not "{region}"')
        return default
    return region


def _detail(name: str, table: Table) -> Detail:
    kind = table.one_of("kind", KINDS, "words")
    detail = Detail(name, kind, table.flag("private", default=True), table.text("currency", "", like=CURRENCY, what="like USD"))
    if kind == "amount" and not detail.currency:
        table.wrong("currency", 'is needed for an amount, like "USD"')
    if kind != "amount" and detail.currency:
        table.wrong("currency", "is for amounts only")
    table.close()
    return detail


def _agent(name: str, table: Table, queues: dict[str, Queue]) -> Agent:
    agent = Agent(
        id=name,
        name=table.text("name"),
        phone=table.text("phone", like=ADDRESS, what=f"{E164_WORDS}, client:NAME or sip:NAME@HOST"),
        queues=table.some_of("queues", queues),
        skills=table.texts("skills", ()),
        language=table.text("language", "", like=LANGUAGE, what='a language like "en"'),
        phones=_phones(table.table("phones")),
        desk=table.choice("presence", Presence.ALWAYS) is Presence.DESK,
        roles=tuple(Role(role) for role in table.some_of("roles", list(Role), [Role.AGENT])),
    )
    table.close()
    return agent


def _phones(table: Table) -> tuple[tuple[str, str], ...]:
    """An agent's other phones by name. Names are plain words."""
    names = table.codes()
    phones = tuple((name, table.text(name, like=ADDRESS, what=f"{E164_WORDS}, client:NAME or sip:NAME@HOST")) for name in names)
    table.close()
    return phones


def _line(name: str, table: Table, parts: _Parts, region: str) -> Line:
    language = table.text("language", "en", like=LANGUAGE, what='a language like "en"')
    next_step = read_next_step(table)
    queue = parts.queues.get(table.one_of("queue", parts.queues), Queue(QueuePlan(""), always("UTC")))
    hours = parts.hours.get(table.one_of("hours", parts.hours, ALWAYS), always("UTC"))
    listen = table.flag("listen", default=True)
    plan = LinePlan(
        name=name,
        dnis=table.text("dnis", like=E164, what=E164_WORDS),
        language=language,
        region=_region(table, "region", region),
        queue=queue.plan,
        grammar=_grammar(table, language, parts.grammar_of, listen=listen),
        ani_identification=table.flag("ani_identification", default=True),
        identifiers=_fields(table, "identifiers", parts.fields, secret=False),
        secrets=_fields(table, "secrets", parts.fields, secret=True),
        separators=_fields(table, "separators", parts.fields, secret=False, endings=True),
        verification=table.choice("verification", Verification.STEPWISE),
        door=(door := table.choice("door", Door.GATHER)),
        secrets_door=table.choice("secrets_door", Door.GATHER if door is Door.RECORD else door, among=SECRETS_DOORS),
        record_when_lost=table.flag("record_when_lost", default=False),
        limits=_limits(table.table("limits")),
        next_step=next_step,
        hand_over=read_hand_over(table, next_step),
        hand_over_identifier=table.flag("hand_over_identifier", default=False),
        details=tuple(parts.details[detail] for detail in table.some_of("details", parts.details, ())),
        greet_by_name=table.flag("greet_by_name", default=False),
        head_start=table.whole("head_start", 0, 0, 3600),
        listen=listen,
        recording=table.choice("recording", Recorded.OFF),
        step_ups=parts.step_ups,
        callbacks=parts.callbacks,
        survey=table.flag("survey", default=False),
        payments=parts.payments,
        pay=table.one_of("pay", parts.details, ""),
        approvals=table.flag("approvals", default=False),
        pay_step_up=table.one_of("pay_step_up", [one.name for one in parts.step_ups], ""),
    )
    if plan.approvals and not parts.approvals:
        table.wrong("approvals", "needs a provider of approvals ([approvals])")
    _rules(table, plan)
    table.close()
    return Line(plan, hours, queue.hours if next_step is NextStep.QUEUE else None)


def _fields(table: Table, key: str, known: dict[str, Question], *, secret: bool, endings: bool = False) -> tuple[FieldPlan, ...]:
    named = [known[name] for name in table.some_of(key, known, ())]
    for question in named:
        name = question.plan.name
        if question.plan.secret is not secret:
            other = "secrets" if question.plan.secret else "identifiers"
            table.wrong(key, f"names {name}, which is {'a' if question.plan.secret else 'no'} secret; it belongs into {other}")
        elif not endings and question.plan.shape.kind in (ShapeKind.DATE, ShapeKind.AMOUNT):
            what = A_KIND[question.plan.shape.kind]
            table.wrong(key, f"names {name}, {what}, which many customers share; it belongs into separators")
        elif question.ending_of and not endings:
            table.wrong(key, f"names {name}, which is only the end of {question.ending_of}; it belongs into separators")
    return tuple(question.plan for question in named if question.plan.secret is secret)


def _limits(table: Table) -> Limits:
    usual = Limits()
    limits = {f.name: table.whole(f.name, getattr(usual, f.name), *BOUNDS.get(f.name, OTHER_BOUNDS)) for f in fields(Limits)}
    table.close()
    return Limits(**limits)


def _grammar(table: Table, language: str, grammar_of: GrammarOf, *, listen: bool) -> Grammar:
    grammar = grammar_of(language)
    if grammar is None and listen:
        table.wrong("language", f"has no grammar: grammars/{language}.toml is missing (or listen = false: keypad only)")
    return grammar or Grammar(language)


def _rules(table: Table, plan: LinePlan) -> None:
    """What may not be said to whom, and what makes no sense together."""
    for key, recorded in (("door", plan.door is Door.RECORD), ("record_when_lost", plan.record_when_lost)):
        if recorded and not plan.listen:
            table.wrong(key, "records what callers say, but listen = false: nobody would hear it")
    if plan.next_step is NextStep.SELF_SERVICE:
        private = [detail.name for detail in plan.details if detail.private]
        if not plan.details:
            table.wrong("details", "must name something to say where next_step is self_service")
        if private and not plan.secrets:
            table.wrong("secrets", f"must not be empty: {', '.join(private)} is said to verified callers only")
    elif plan.details:
        table.wrong("details", "are for next_step = self_service only")
    check_ways(table, plan)
    check_pay(table, plan)
    if plan.secrets and not plan.identifiers and not plan.ani_identification:
        table.wrong("secrets", "cannot be checked without an identifier or the calling number")
    if plan.greet_by_name and not plan.secrets:
        table.wrong("greet_by_name", "needs secrets: only a verified caller is greeted by name")
    if plan.recording is Recorded.AFTER_VERIFICATION and not plan.secrets:
        table.wrong("recording", "needs secrets: only verified callers are recorded")


def _each_once(file: Table, lines: dict[str, Line], agents: tuple[Agent, ...]) -> None:
    """No two lines of one number, no two agents of one phone or one name."""
    numbers: dict[str, str] = {}
    for name, line in lines.items():
        if line.plan.dnis and (other := numbers.setdefault(line.plan.dnis, name)) != name:
            file.wrong(f"lines.{name}.dnis", f"{line.plan.dnis} is lines.{other}'s number already")
    phones: dict[str, str] = {}
    names: dict[str, str] = {}
    for agent in agents:
        if agent.name and (other := names.setdefault(agent.name, agent.id)) != agent.id:
            file.wrong(f"agents.{agent.id}.name", f"is agents.{other}'s already: callers and reports could not tell them apart")
        for name, phone in (("phone", agent.phone), *((f"phones.{name}", phone) for name, phone in agent.phones)):
            here = f"agents.{agent.id}.{name}"
            if phone and (other := phones.setdefault(phone, here)) != here:
                file.wrong(here, f"is {other}'s already")


def notes_on(company: Company) -> list[str]:
    """What is right but worth knowing."""
    notes = [PCI_MODE] if company.payments is not None else []
    for name, line in company.lines.items():
        plan = line.plan
        if plan.listen and plan.identifiers and not plan.secrets:
            notes.append(f"lines.{name}: has no secret, so a spoken identifier is always read back for a yes or no")
        if not any(plan.queue.name in agent.queues for agent in company.agents):
            notes.append(f"lines.{name}: no agent works in queue {plan.queue.name}, so its callers wait in vain")
    return notes
