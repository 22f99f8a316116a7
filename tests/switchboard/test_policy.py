"""The limits on tries, through the whole switchboard and its database: everybody reaches an agent, nobody learns too much."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.switchboard.house import ADA, LINE, House, kinds, open_house, question
from voicebot.dialogue.actions import Ask, CheckSecret, Claim, Say, Verb
from voicebot.dialogue.forms import Verification
from voicebot.dialogue.policy import ACCOUNTS_A_DAY
from voicebot.dialogue.values import Ani, AniStanding, Secret, SecretVerdict
from voicebot.switchboard import Turned
from voicebot.switchboard.guard import Reservation, SecretGuard

JOINT = replace(LINE, ani_identification=False, verification=Verification.JOINT)
BOTH = pytest.mark.parametrize("line", [LINE, JOINT], ids=["stepwise", "joint"])


def number(last: int) -> Ani:
    return Ani(AniStanding.USABLE, f"+1202555{last:04}")


def calls(house: House, leg: str, ani: Ani | None = None) -> Turned:
    return house.switchboard.arrive(leg, LINE.dnis, ani or number(1))


def tries(house: House, leg: str, pin: str, ani: Ani | None = None, account: str = ADA.identifier) -> Turned:
    """A whole call up to what its first secret comes to."""
    asked = house.enters(calls(house, leg, ani), account)
    return house.enters(asked, pin)


def said(turned: Turned) -> list[str]:
    says = [say for verb in turned.verbs for say in (verb.say if hasattr(verb, "say") else (verb,)) if isinstance(say, Say)]
    return [say.prompt_id for say in says]


@pytest.fixture
def open_line(tmp_path: Path) -> Iterator[Callable[..., House]]:
    opened: list[House] = []

    def opens(**about: object) -> House:
        directory = tmp_path / str(len(opened))
        directory.mkdir()
        opened.append(open_house(directory, agents=(), **about))  # type: ignore[arg-type]
        return opened[-1]

    yield opens
    for house in opened:
        house.switchboard.close()
        house.store.close()


def fails_elsewhere(house: House, accounts: int, ani: Ani) -> None:
    """Wrong secrets for other customers, in other calls from this number."""
    for account in range(accounts):
        with house.store.transaction() as ledger:
            guard = SecretGuard(ledger, house.keyring, house.clock.now())
            held = guard.reserve(CheckSecret(1, Claim(ref=f"x{account}"), "pin", Secret("000000")), ani, joint=False)
            assert isinstance(held, Reservation)
            guard.settle(held, SecretVerdict.MISMATCHED)


@BOTH
def test_a_number_from_which_too_much_has_failed_goes_to_an_agent_unchecked_and_others_do_not(
    open_line: Callable[..., House], line: object
) -> None:
    house = open_line(line=line)
    fails_elsewhere(house, ACCOUNTS_A_DAY, number(1))
    stopped = tries(house, "CA1", "493817", number(1))
    assert said(stopped) == ["unauthenticated.too_many_tries", "waiting.first"]
    assert house.crm.checks == 0
    assert said(tries(house, "CA2", "493817", number(2)))[0] == "verified"


@BOTH
def test_whoever_is_locked_out_waits_for_an_agent_all_the_same(open_line: Callable[..., House], line: object) -> None:
    house = open_line(line=line)
    for n in range(3):
        turned = calls(house, f"CA{n}", number(n))
        while isinstance(turned.verbs[-1], Ask):
            turned = house.enters(turned, ADA.identifier if question(turned).field == "account_number" else "000000")
        assert kinds(turned.verbs)[-1] == "Wait"


def verbs_of(house: House, account: str, pin: str, calls_before: int = 0) -> list[tuple[Verb, ...]]:
    """Every document of a call with three tries, from a number of its own."""
    turned = calls(house, f"CA-{account}-{pin}-{calls_before}", number(3000 + calls_before))
    documents = [turned.verbs]
    while isinstance(turned.verbs[-1], Ask):
        turned = house.enters(turned, account if question(turned).field == "account_number" else pin)
        documents.append(turned.verbs)
    return documents


def test_unknown_wrong_and_locked_get_the_same_documents_through_the_whole_house(open_line: Callable[..., House]) -> None:
    house = open_line(line=JOINT)
    wrong = verbs_of(house, ADA.identifier, "000000", 1)
    unknown = verbs_of(house, "11111111", "000000", 2)
    verbs_of(house, ADA.identifier, "000000", 3)
    checks = house.crm.checks
    locked = verbs_of(house, ADA.identifier, "493817", 4)  # the right one, too late
    assert wrong == unknown == locked
    assert house.crm.checks == checks + 3  # as much work as for any other
    assert house.crm.looks == 0


def test_locked_and_unknown_stay_locked_and_unknown_in_the_journal(open_line: Callable[..., House]) -> None:
    house = open_line(line=JOINT)
    for n in range(2):
        verbs_of(house, ADA.identifier, "000000", n)
    turned = house.enters(house.enters(calls(house, "CZ", number(77)), ADA.identifier), "493817")
    verdicts = [facts["verdict"] for what, facts in house.journal(turned.call_id) if what == "secret_result"]
    assert verdicts == ["locked"]


def test_who_is_right_is_verified_with_one_verdict_too(open_line: Callable[..., House]) -> None:
    house = open_line(line=JOINT)
    turned = tries(house, "CA1", "493817")
    assert said(turned)[0] == "verified"
    assert (house.crm.checks, house.crm.looks) == (1, 1)


def test_an_attack_is_told_in_the_log_and_the_journal_and_a_pin_alone_proves_nothing_then(
    open_line: Callable[..., House],
) -> None:
    house = open_line(line=JOINT)
    with capture_logs() as logs:
        for n in range(20):
            last = tries(house, f"CA{n}", "000000", number(n), f"9{n:07}")
    assert [(line["event"], line["failing_accounts"]) for line in logs if "attack" in line["event"]] == [("attack begins", 20)]
    assert ("attack", {"state": "it begins", "accounts": 20}) in house.journal(last.call_id)
    turned = tries(house, "CZ", "493817", number(99))
    assert said(turned)[0] == "unauthenticated.secret_not_enough"
    with house.store.reading() as ledger:
        kept = ledger.load_call(turned.call_id)
    assert kept is not None
    assert kept.call.assurance == "identified"
    house.clock.pass_seconds(15 * 60)
    assert said(tries(house, "CY", "493817", number(98)))[0] == "verified"


def test_the_end_of_an_attack_is_told_with_the_next_check(open_line: Callable[..., House]) -> None:
    house = open_line(line=JOINT)
    for n in range(20):
        tries(house, f"CA{n}", "000000", number(n), f"9{n:07}")
    house.clock.pass_seconds(15 * 60)
    with capture_logs() as logs:
        tries(house, "CZ", "493817", number(99))
    assert [line["event"] for line in logs if "attack" in line["event"]] == ["attack is over"]
