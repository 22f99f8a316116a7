"""`backend mock` and `backend check`: for the people who build the company's own back end. Must not show a secret of theirs."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from voicebot.config.backend import BackEnd, BackEndKeys
    from voicebot.config.company import Company
    from voicebot.identity.conformance.check import Finding
    from voicebot.simulator.backend import MockPlan

TEST_SECRET = "VOICEBOT_BACKEND_TEST_SECRET"
STYLES = {"ok": "green", "broken": "red", "not testable": "yellow"}
KNOWN = {
    "--identifier-field": "The field by which a customer is known, like account_number.",
    "--known": "An identifier that somebody has.",
    "--unknown": "An identifier that nobody has. [default: as many noughts]",
    "--ani": "A phone number that one customer has.",
    "--shared-ani": "A phone number that two customers have.",
    "--sharer": "An identifier of one of these two.",
    "--secret-field": "The field of the secret, like pin. The secret itself: VOICEBOT_BACKEND_TEST_SECRET, or the file.",
    "--without-secret": "An identifier of a customer who has no secret.",
    "--lockable": "An identifier of a customer whose account may be locked by the check.",
    "--public-detail": "A detail that any identified caller may hear.",
    "--private-detail": "A detail for verified callers only.",
}


@click.group()
def command() -> None:
    """For the people who build your own back end: a mock of it, and a check of what they have built."""


@command.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8099, show_default=True, help="0 takes any free one.")
@click.option(
    "--customers",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A CSV file of customers, secrets in clear. [default: the example company's]",
)
@click.option("--slow", type=click.FloatRange(0, 60), default=0.0, help="Seconds to wait before each answer.")
@click.option("--fail", type=click.FloatRange(0, 1), default=0.0, help="Share of requests that are put off with 503.")
@click.option("--flaw", "flaws", multiple=True, metavar="NAME", help="Break a promise of the contract; `list` names them all.")
@click.pass_obj
def mock(config: Path, port: int, customers: Path | None, slow: float, fail: float, flaws: tuple[str, ...]) -> None:
    """Serve the contract of docs/backend-openapi.yaml on this machine, until Ctrl-C.

    Its customers are made up: whoever can read the file can read their secrets. Requests must be signed with
    VOICEBOT_BACKEND_SECRET, or carry a token where back_end.access is oauth.
    """
    from voicebot.config.settings import PROJECT, load_company
    from voicebot.simulator.backend_flaws import Flaw

    if "list" in flaws:
        click.echo("\n".join(Flaw))
        return
    if strange := sorted(set(flaws) - set(Flaw)):
        raise click.BadParameter(f"{', '.join(strange)} is not known; `--flaw list` names them all", param_hint="--flaw")
    company = load_company(config)
    plan = _mock_plan(config, company, customers or PROJECT / "examples" / "customers.csv", flaws, slow, fail)
    _serve(plan, port)


def _mock_plan(config: Path, company: "Company", customers: Path, flaws: tuple[str, ...], slow: float, fail: float) -> "MockPlan":
    from secrets import token_urlsafe

    from voicebot.config.backend import AccessKind
    from voicebot.simulator.backend import MockPlan
    from voicebot.simulator.backend_book import Columns
    from voicebot.simulator.backend_flaws import Flaw

    columns, keys = company.import_plan(), _keys(config)
    signed = company.back_end.access is AccessKind.HMAC
    secret = keys.secret or token_urlsafe(32)
    if signed and not keys.secret:
        click.echo(f"No secret is set, so this one holds until Ctrl-C: VOICEBOT_BACKEND_SECRET={secret}")
    return MockPlan(
        customers=customers,
        columns=Columns(
            customer_id=columns.customer_id,
            name=columns.name,
            phones=columns.phones,
            identifiers=tuple(name for name, _ in columns.identifiers),
            secrets=tuple(name for name, _ in columns.secrets),
            details={detail.name: detail.private for detail in columns.details},
            region=columns.region,
        ),
        key_id=company.back_end.key_id,
        secret=secret if signed else "",
        client_id="" if signed else keys.client_id,
        client_secret="" if signed else keys.client_secret,
        slow=slow,
        fail=fail,
        flaws=frozenset(Flaw(name) for name in flaws),
    )


def _serve(plan: "MockPlan", port: int) -> None:
    import socket

    import uvicorn

    from voicebot.errors import ConfigError
    from voicebot.simulator.backend import MockBackEnd

    try:
        app = MockBackEnd(plan)
    except ValueError as wrong:
        raise ConfigError(str(wrong)) from None
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, lifespan="off", log_config=None, log_level="warning", access_log=False
    )
    listener = config.bind_socket()
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # or a kept connection waits 40 ms for each answer
    click.echo(f"A mock back end answers at http://127.0.0.1:{listener.getsockname()[1]}")
    uvicorn.Server(config).run(sockets=[listener])


def _options(function: "click.decorators.FC") -> "click.decorators.FC":
    for name, words in reversed(KNOWN.items()):
        function = click.option(name, default="", help=words)(function)
    return function


@command.command()
@click.argument("url", required=False)
@click.option(
    "--data", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A TOML file with [check]: the options below."
)
@_options
@click.pass_obj
def check(config: Path, /, url: str | None, data: Path | None, **known: str) -> None:
    """Try every rule of the contract against a back end, and say which it keeps.

    URL is its address [default: url of [back_end]]. Use test customers: some wrong secrets are sent, and the account of
    --lockable ends up locked. Exit status 0 if nothing is broken, 1 if something is, 2 for bad usage.
    """
    from dataclasses import replace

    from voicebot.config.backend import BackEndKind, missing_keys, unfit_address
    from voicebot.config.settings import load_company
    from voicebot.errors import ConfigError

    back_end = load_company(config).back_end
    back_end = replace(back_end, kind=BackEndKind.REST, url=(url or back_end.url).rstrip("/"))
    if why := unfit_address(back_end.url):
        raise click.BadParameter(why, param_hint="URL")
    keys = _keys(config)
    if missing := missing_keys(back_end, keys):
        raise ConfigError("\n".join(missing))
    broken = _tell(back_end, keys, data, known, config)
    click.get_current_context().exit(1 if broken else 0)


def _tell(back_end: "BackEnd", keys: "BackEndKeys", data: Path | None, known: dict[str, str], config: Path) -> int:
    """Run the check, print each finding as it comes; gives how many are broken."""
    from collections import Counter

    from voicebot.config.deployment import environment
    from voicebot.identity.conformance.check import findings, open_probe
    from voicebot.identity.conformance.known import read_known

    secret = environment(config.parent, os.environ).get(TEST_SECRET, "")
    probe = open_probe(back_end, keys, read_known(data, known, secret), config.parent)
    counts: Counter[str] = Counter()
    try:
        for finding in findings(probe):
            counts[finding.state] += 1
            click.echo(_line(finding))
    finally:
        probe.http.close()
    click.echo(", ".join(f"{counts[state]} {state}" for state in STYLES) + ".")
    return counts["broken"]


def _line(finding: "Finding") -> str:
    state = click.style(f"{finding.state:12}", fg=STYLES[finding.state])
    return f"{state}  {finding.rule:20}  {finding.promise}{f': {finding.text}' if finding.text else ''}"


def _keys(config: Path) -> "BackEndKeys":
    from voicebot.config.deployment import environment, read_deployment

    return read_deployment(environment(config.parent, os.environ), config.parent).back_end
