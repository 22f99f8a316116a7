"""Going on with an approval: asked once, looked at as often as the provider wants it, and never twice after a crash."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.switchboard.house import ADA, LINE, WITHHELD, House
from voicebot.dialogue.approving import ApprovalProgress
from voicebot.dialogue.call import Call
from voicebot.dialogue.events import EntryKeyed
from voicebot.dialogue.values import Assurance, Secret
from voicebot.ports.approvals import ApprovalWanted, Looked, NotOpened, Opened, Pending
from voicebot.ports.crm import Details
from voicebot.ports.store import Effect, EffectKind
from voicebot.switchboard.approver import AFTER_TROUBLE, LONGEST_INTERVAL, SLOWER, Approvals
from voicebot.switchboard.approving import APART, IN_VAIN_A_DAY, code_of, ping_token

Make = Callable[..., House]
HOUR = timedelta(hours=1)


@dataclass
class Provider:
    """Answers as it is told to."""

    begins: Opened | NotOpened = field(default_factory=lambda: Opened("req-7", 120.0, 5.0))
    looked: Looked | Exception = Looked.PENDING
    asked: list[ApprovalWanted] = field(default_factory=list)
    looks: list[tuple[str, str, float]] = field(default_factory=list)

    def ask(self, wanted: ApprovalWanted) -> Opened | NotOpened:
        self.asked.append(wanted)
        return self.begins

    def look(self, auth_req_id: str, subject: str, since: float) -> Looked:
        self.looks.append((auth_req_id, subject, since))
        if isinstance(self.looked, Exception):
            raise self.looked
        return self.looked

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def house(make_house: Make, provider: Provider) -> House:
    return make_house(line=replace(LINE, approvals=True), agents=(), approvals=Approvals(provider, "app", "sub"))


def in_line(house: House, leg: str = "leg-1") -> str:
    """Ada, known, without her PIN, waiting."""
    turned = house.switchboard.arrive(leg, LINE.dnis, WITHHELD)
    turned = house.enters(turned, "40719238")
    return house.enters(turned, "0").call_id


def keys(house: House, call_id: str, pressed: str) -> None:
    event = EntryKeyed(house.clock.pass_seconds(2), call_of(house, call_id).turn, Secret(pressed))
    house.switchboard.handle(call_id, event)
    assert house.switchboard.quiet(10)


def call_of(house: House, call_id: str) -> Call:
    with house.store.reading() as ledger:
        kept = ledger.load_call(call_id)
    assert kept is not None
    return kept.call


def begun(house: House) -> str:
    call_id = in_line(house)
    keys(house, call_id, "2")
    return call_id


def progress(house: House, call_id: str) -> ApprovalProgress:
    approval = call_of(house, call_id).approval
    assert approval is not None
    return approval.progress


def due_in(house: House) -> float:
    """Seconds until the next look."""
    now = house.clock.now()
    with house.store.reading() as ledger:
        for tenths in range(1, 1300):
            if ledger.due_effects(now + timedelta(seconds=tenths / 10), 9):
                return tenths / 10
    return -1.0


def time_passes(house: House, seconds: float) -> None:
    house.clock.pass_seconds(seconds)
    house.switchboard.tick(house.clock.now())
    assert house.switchboard.quiet(10)


def test_the_provider_is_asked_with_the_code_and_nothing_of_it_is_written_down(house: House, provider: Provider) -> None:
    call_id = begun(house)
    assert progress(house, call_id) is ApprovalProgress.OPEN
    wanted = provider.asked[0]
    assert (wanted.hint, wanted.language, wanted.seconds, wanted.about) == ("1", "en", 300, "")
    code = wanted.code.reveal()
    assert code == code_of(house.keyring, call_id, 1).reveal()
    assert (len(code), code.isdecimal()) == (6, True)
    assert wanted.ping_token == ping_token(house.keyring, call_id, 1)
    with house.store.reading() as ledger:
        rows = repr([ledger.approval(call_id, 1), [entry.facts for entry in ledger.journal(call_id)]])
    assert not [secret for secret in (code, wanted.ping_token) if secret in rows + repr(wanted)]


def test_codes_of_calls_and_of_one_call_differ(house: House) -> None:
    codes = {code_of(house.keyring, call, number).reveal() for call in ("a", "b", "c") for number in range(1, 40)}
    assert len(codes) > 110


def test_it_is_looked_at_when_the_provider_wants_it_until_there_is_an_answer(house: House, provider: Provider) -> None:
    call_id = begun(house)
    assert 5.0 <= due_in(house) <= 5.6
    time_passes(house, 6)
    assert len(provider.looks) == 1
    assert provider.looks[0][:2] == ("req-7", "1")
    assert abs(provider.looks[0][2] - datetime.now(UTC).timestamp()) < 600
    provider.looked = Looked.APPROVED
    time_passes(house, 6)
    assert progress(house, call_id) is ApprovalProgress.APPROVED
    keys(house, call_id, provider.asked[0].code.reveal())
    assert call_of(house, call_id).assurance is Assurance.VERIFIED
    assert due_in(house) == -1.0


def test_a_wrong_code_is_no_code(house: House, provider: Provider) -> None:
    call_id = begun(house)
    right = provider.asked[0].code.reveal()
    keys(house, call_id, "000000" if right != "000000" else "000001")
    approval = call_of(house, call_id).approval
    assert approval is not None
    assert (approval.wrong, approval.code_keyed) == (1, False)


def test_slower_is_for_good(house: House, provider: Provider) -> None:
    begun(house)
    provider.looked = Looked.SLOWER
    time_passes(house, 6)
    assert 5 + SLOWER <= due_in(house) <= 1.1 * (5 + SLOWER) + 0.1
    provider.looked = Looked.PENDING
    time_passes(house, 12)
    assert 5 + SLOWER <= due_in(house) <= 1.1 * (5 + SLOWER) + 0.1


def test_a_provider_that_does_not_answer_is_looked_at_less_and_less_and_then_as_before(house: House, provider: Provider) -> None:
    begun(house)
    provider.looked = Looked.UNAVAILABLE
    pauses = []
    for _ in range(3):
        time_passes(house, LONGEST_INTERVAL + 4)
        pauses.append(due_in(house))
    assert pauses[0] < pauses[1] <= pauses[2] <= 1.1 * LONGEST_INTERVAL + 0.1
    provider.looked = Looked.PENDING
    time_passes(house, LONGEST_INTERVAL + 4)
    assert due_in(house) <= 5.6


@pytest.mark.parametrize(
    ("looked", "comes_to"), [(Looked.UNAVAILABLE, ApprovalProgress.UNAVAILABLE), (Looked.PENDING, ApprovalProgress.EXPIRED)]
)
def test_one_that_outlives_its_own_end_is_over(
    house: House, provider: Provider, looked: Looked, comes_to: ApprovalProgress
) -> None:
    call_id = begun(house)
    provider.looked = looked
    time_passes(house, 6)
    assert progress(house, call_id) is ApprovalProgress.OPEN
    time_passes(house, 181)
    assert progress(house, call_id) is comes_to


@pytest.mark.parametrize(
    ("looked", "comes_to"),
    [
        (Looked.DENIED, ApprovalProgress.DENIED), (Looked.EXPIRED, ApprovalProgress.EXPIRED),
        (Looked.UNTRUE, ApprovalProgress.UNTRUE), (Looked.GONE, ApprovalProgress.UNAVAILABLE),
    ],
)  # fmt: skip
def test_an_answer_ends_it(house: House, provider: Provider, looked: Looked, comes_to: ApprovalProgress) -> None:
    call_id = begun(house)
    provider.looked = looked
    time_passes(house, 6)
    assert progress(house, call_id) is comes_to
    assert due_in(house) == -1.0
    with house.store.reading() as ledger:
        assert ledger.approval(call_id, 1) is None


def test_a_look_that_fails_in_us_is_made_again(house: House, provider: Provider) -> None:
    begun(house)
    provider.looked = RuntimeError("ours")
    time_passes(house, 6)
    assert due_in(house) <= AFTER_TROUBLE + 0.1
    provider.looked = Looked.DENIED
    time_passes(house, 6)
    assert len(provider.looks) == 2


# ---- a crash in between ------------------------------------------------------------------------------------------------


def test_who_dies_while_asking_leaves_it_asked_by_nobody_again(house: House, provider: Provider) -> None:
    call_id = begun(house)
    with house.store.transaction() as ledger:
        kept = ledger.approval(call_id, 1)
        assert kept is not None
        ledger.save_approval(replace(kept, pending=Pending.ASKING, auth_req_id=""))
    time_passes(house, 6)
    assert (len(provider.asked), provider.looks) == (1, [])
    assert progress(house, call_id) is ApprovalProgress.UNAVAILABLE


def test_another_process_goes_on_looking(house: House, provider: Provider, make_house: Make) -> None:
    call_id = begun(house)
    other = make_house(line=replace(LINE, approvals=True), agents=(), approvals=Approvals(provider, "app", "sub"))
    other.clock.at = house.clock.now()
    provider.looked = Looked.APPROVED
    time_passes(other, 6)
    assert progress(other, call_id) is ApprovalProgress.APPROVED


# ---- limits ------------------------------------------------------------------------------------------------------------


def test_one_customer_in_two_calls_has_one_approval(house: House, provider: Provider) -> None:
    begun(house)
    house.clock.pass_seconds(APART)
    second = in_line(house, "leg-2")
    keys(house, second, "2")
    assert progress(house, second) is ApprovalProgress.ELSEWHERE
    assert len(provider.asked) == 1


def test_two_are_a_minute_apart_and_three_in_vain_a_day_are_enough(house: House, provider: Provider) -> None:
    provider.looked = Looked.DENIED
    call_id = begun(house)
    time_passes(house, 6)
    keys(house, call_id, "2")
    assert progress(house, call_id) is ApprovalProgress.LIMITED
    for leg in range(2, IN_VAIN_A_DAY + 2):
        house.clock.pass_seconds(APART)
        another = in_line(house, f"leg-{leg}")
        keys(house, another, "2")
        time_passes(house, 6)
        assert progress(house, another) is (ApprovalProgress.DENIED if leg <= IN_VAIN_A_DAY else ApprovalProgress.LIMITED)
    house.clock.at += 24 * HOUR
    keys(house, again := in_line(house, "leg-9"), "2")
    assert progress(house, again) is ApprovalProgress.OPEN


def test_one_that_was_given_ends_the_count(house: House, provider: Provider) -> None:
    provider.looked = Looked.APPROVED
    for leg in range(IN_VAIN_A_DAY + 2):
        keys(house, call_id := in_line(house, f"leg-{leg}"), "2")
        time_passes(house, 6)
        assert progress(house, call_id) is ApprovalProgress.APPROVED


@pytest.mark.parametrize(("refused", "counts"), [(NotOpened.UNAVAILABLE, False), (NotOpened.NOT_SET_UP, True)])
def test_what_reached_nobody_does_not_count(house: House, provider: Provider, refused: NotOpened, counts: bool) -> None:
    provider.begins = refused
    call_id = begun(house)
    assert progress(house, call_id).value == refused.value
    with house.store.reading() as ledger:
        asked = ledger.count(house.keyring.blind("approvals-asked", ADA.ref), house.clock.now(), 3600)
    assert asked == int(counts)


@pytest.mark.parametrize(
    ("details", "comes_to"),
    [
        (None, ApprovalProgress.UNAVAILABLE), ({}, ApprovalProgress.NOT_SET_UP), ({"app": "a"}, ApprovalProgress.NOT_SET_UP),
        ({"sub": "s"}, ApprovalProgress.NOT_SET_UP),
    ],
)  # fmt: skip
def test_who_is_not_named_at_the_provider_is_not_asked_for(
    house: House, provider: Provider, monkeypatch: pytest.MonkeyPatch, details: dict[str, str] | None, comes_to: ApprovalProgress
) -> None:
    monkeypatch.setattr(house.crm, "details", lambda *_: Details(details))
    call_id = begun(house)
    assert (progress(house, call_id), provider.asked) == (comes_to, [])


def test_without_a_provider_nothing_is_to_be_had(make_house: Make) -> None:
    house = make_house(line=replace(LINE, approvals=True), agents=())
    call_id = begun(house)
    assert progress(house, call_id) is ApprovalProgress.UNAVAILABLE


# ---- pings -------------------------------------------------------------------------------------------------------------


def test_a_ping_has_it_looked_at_now(house: House, provider: Provider) -> None:
    call_id = begun(house)
    token = provider.asked[0].ping_token
    assert not house.switchboard.approver.pinged("t" * 43, "req-7")
    assert not house.switchboard.approver.pinged(token, "req-8")
    time_passes(house, 0.1)
    assert provider.looks == []
    provider.looked = Looked.APPROVED
    assert house.switchboard.approver.pinged(token, "req-7")
    time_passes(house, 0.1)
    assert progress(house, call_id) is ApprovalProgress.APPROVED
    assert not house.switchboard.approver.pinged(token, "req-7")  # it is over


def test_a_call_that_is_gone_is_not_gone_on_with(house: House) -> None:
    assert house.switchboard.approver.go_on(Effect(EffectKind.APPROVE, "no-such-call", {"approval": 1}, 7)) is None
