"""Requests and events in, documents out."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.switchboard.house import ADA, LINE, WITHHELD, House, kinds, question
from voicebot.dialogue.actions import Ask, Hangup, Wait
from voicebot.dialogue.events import EntryKeyed, EntrySpoken, NoInput
from voicebot.dialogue.values import Ani, AniStanding, Assurance, Hearing, IdentifyResult, Reason, Secret
from voicebot.errors import ImpossibleEvent
from voicebot.ports.crm import Identified
from voicebot.switchboard import Turned
from voicebot.switchboard.carry_out import UNKNOWN_A_DAY


def arrive(house: House, leg: str = "CA1", ani: Ani = WITHHELD) -> Turned:
    """A call comes in."""
    return house.switchboard.arrive(leg, LINE.dnis, ani)


def facts(house: House, call_id: str, what: str) -> list[dict[str, object]]:
    """The journal's rows of one kind."""
    return [facts for kind, facts in house.journal(call_id) if kind == what]


def call_of(house: House, turned: Turned) -> object:
    """The call as saved."""
    with house.store.reading() as ledger:
        kept = ledger.load_call(turned.call_id)
    assert kept is not None
    return kept.call


def test_a_keyed_number_and_pin_end_verified_in_line(house: House) -> None:
    turned = house.enters(house.enters(arrive(house), ADA.identifier), "493817")
    assert isinstance(turned.verbs[-1], Wait)
    assert facts(house, turned.call_id, "queued") == [{"queue": "billing", "assurance": "verified"}]


def test_the_same_leg_arriving_twice_is_one_call(house: House) -> None:
    first, again = arrive(house), arrive(house)
    assert (first.call_id, first.seq, first.verbs) == (again.call_id, again.seq, again.verbs)


def test_a_repeated_request_gets_the_same_document_and_counts_once(house: House) -> None:
    asked_pin = house.enters(arrive(house), ADA.identifier)
    first = house.enters(asked_pin, "111111", key="k")
    again = house.enters(asked_pin, "111111", key="k")
    assert (first.seq, first.verbs) == (again.seq, again.verbs)
    assert house.crm.checks == 1


def test_a_repeat_after_the_call_went_on_still_gets_its_own_document(house: House) -> None:
    arrived = arrive(house)
    asked_pin = house.enters(arrived, ADA.identifier, key="k")
    house.enters(asked_pin, "493817")
    again = house.enters(arrived, ADA.identifier, key="k")
    assert again.verbs == asked_pin.verbs


def test_an_entry_for_an_earlier_question_gets_the_current_document(house: House) -> None:
    arrived = arrive(house)
    asked_pin = house.enters(arrived, ADA.identifier)
    late = house.enters(arrived, "99999999", key="another request")
    assert late.verbs == asked_pin.verbs
    assert [row["event"] for row in facts(house, late.call_id, "too_late")] == ["EntryKeyed"]


def test_nobody_knows_a_call_that_never_arrived(house: House) -> None:
    with pytest.raises(ImpossibleEvent, match="nobody knows this call"):
        house.switchboard.handle("nothing", NoInput(house.clock.now(), 1), key="k")


def test_a_slow_back_end_is_covered_by_two_fillers_and_then_costs_no_try(make_house: Callable[..., House]) -> None:
    house = make_house(request_waits=0.01)
    arrived = arrive(house)
    house.crm.gate.clear()
    filler = house.enters(arrived, ADA.identifier)
    second = house.switchboard.document(filler.call_id)
    lost = house.switchboard.document(filler.call_id)
    assert (filler.pending, second.pending, lost.pending) == (True, True, False)
    assert question(lost).say[0].prompt_id == "account_number.back_end_down"


def test_an_answer_after_its_errand_was_given_up_is_only_a_note(make_house: Callable[..., House]) -> None:
    house = make_house(request_waits=0.01)
    arrived = arrive(house)
    house.crm.gate.clear()
    for _ in range(3):
        turned = house.enters(arrived, ADA.identifier, key="k") if _ == 0 else house.switchboard.document(arrived.call_id)
    house.crm.gate.set()
    house.switchboard.close()
    assert [row["event"] for row in facts(house, turned.call_id, "too_late")] == ["CallerIdentified"]
    assert house.switchboard.document(turned.call_id).verbs == turned.verbs


def test_an_answer_that_comes_during_the_filler_is_in_the_next_document(make_house: Callable[..., House]) -> None:
    house = make_house(request_waits=0.01)
    house.crm.gate.clear()
    filler = house.enters(arrive(house), ADA.identifier)
    house.crm.gate.set()
    house.switchboard.close()
    assert question(house.switchboard.document(filler.call_id)).field == "pin"


def test_a_repeat_after_the_process_died_checks_again_but_reserves_once(make_house: Callable[..., House]) -> None:
    before = make_house()
    asked_pin = before.enters(arrive(before), ADA.identifier)
    turn = question(asked_pin).turn
    died = make_house(request_waits=0.01)
    died.clock.at = before.clock.at
    died.crm.gate.clear()
    entry = EntryKeyed(died.clock.pass_seconds(5), turn, Secret("493817"))
    assert died.switchboard.handle(asked_pin.call_id, entry, key="k").pending
    reborn = make_house(request_waits=2.5)
    reborn.clock.at = died.clock.at + timedelta(seconds=60)
    turned = reborn.switchboard.handle(asked_pin.call_id, entry, key="k")
    assert isinstance(turned.verbs[-1], Wait)
    assert reborn.crm.checks == 1
    assert reborn.crm.keys == died.crm.keys  # so that the company's own counter counts one attempt as well


def test_a_check_taken_over_leaves_nothing_counted_if_the_secret_was_right(make_house: Callable[..., House]) -> None:
    ani = Ani(AniStanding.USABLE, "+12025550177")
    before = make_house()
    asked_pin = before.enters(arrive(before, ani=ani), ADA.identifier)
    died = make_house(request_waits=0.01)
    died.clock.at = before.clock.at
    died.crm.gate.clear()
    entry = EntryKeyed(died.clock.pass_seconds(5), question(asked_pin).turn, Secret("493817"))
    assert died.switchboard.handle(asked_pin.call_id, entry, key="k").pending
    reborn = make_house()
    reborn.clock.at = died.clock.at + timedelta(seconds=60)
    reborn.switchboard.handle(asked_pin.call_id, entry, key="k")
    now = reborn.clock.now()
    with reborn.store.reading() as ledger:
        standing = ledger.standing(reborn.keyring.blind("account", ADA.ref))
        counted = ledger.count(reborn.keyring.blind("policy-failures", "+12025550177"), now, 3600)
    assert (standing.unknown, standing.recent, counted) == ((), (), 0)


def test_every_check_has_a_name_of_its_own_that_tells_nothing_of_the_call(house: House) -> None:
    turned = house.enters(arrive(house), ADA.identifier)
    for pin in ("1", "2", "3"):
        house.enters(turned, pin * 6) if pin == "3" else (turned := house.enters(turned, pin * 6))
    assert len(set(house.crm.keys)) == 3
    assert all(16 <= len(key) <= 64 and turned.call_id not in key for key in house.crm.keys)


def test_a_document_asked_for_after_a_restart_makes_the_look_up_again(make_house: Callable[..., House]) -> None:
    died = make_house(request_waits=0.01)
    arrived = arrive(died)
    died.crm.gate.clear()
    died.enters(arrived, ADA.identifier)
    reborn = make_house()
    assert question(reborn.switchboard.document(arrived.call_id)).field == "pin"
    assert reborn.crm.looks == 1


def test_a_document_asked_for_after_a_restart_asks_for_a_secret_again(make_house: Callable[..., House]) -> None:
    before = make_house()
    asked_pin = before.enters(arrive(before), ADA.identifier)
    died = make_house(request_waits=0.01)
    died.clock.at = before.clock.at
    died.crm.gate.clear()
    died.enters(asked_pin, "493817")
    reborn = make_house()
    assert question(reborn.switchboard.document(asked_pin.call_id)).say[0].prompt_id == "pin.back_end_down"
    assert reborn.crm.checks == 0


def test_a_call_that_arrives_again_after_a_restart_is_looked_up_by_its_number_again(make_house: Callable[..., House]) -> None:
    line, ani = replace(LINE, ani_identification=True), Ani(AniStanding.USABLE, "+12025550101")
    died = make_house(line=line, request_waits=0.01)
    died.crm.gate.clear()
    assert arrive(died, ani=ani).pending
    reborn = make_house(line=line)
    arrived = arrive(reborn, ani=ani)
    assert question(arrived).field == "account_number"  # nobody has that number
    assert reborn.crm.looks == 1
    assert [facts["by"] for what, facts in reborn.journal(arrived.call_id) if what == "identify_result"] == ["ani"]


def test_a_look_up_whose_outcome_cannot_be_taken_is_not_made_for_ever(make_house: Callable[..., House]) -> None:
    died = make_house(request_waits=0.01)
    arrived = arrive(died)
    died.crm.gate.clear()
    died.enters(arrived, ADA.identifier)
    reborn = make_house()

    def broken(*_: object) -> Identified:
        reborn.crm.looks += 1
        return Identified(IdentifyResult.FOUND)  # found, and nobody named: no outcome that could be taken

    reborn.crm.identify = broken  # type: ignore[method-assign]
    assert reborn.switchboard.document(arrived.call_id).pending
    assert question(reborn.switchboard.document(arrived.call_id)).say[0].prompt_id == "account_number.back_end_down"
    assert reborn.crm.looks == 1


def test_a_heard_number_is_pushed_since_no_request_waits_for_it(house: House) -> None:
    turned = arrive(house)
    heard = EntrySpoken(house.clock.pass_seconds(4), question(turned).turn, Secret("four oh seven"), Hearing.REJECTED)
    house.switchboard.handle(turned.call_id, heard)
    assert house.carrier.wait_for("push") == [("push", "CA1", "2")]


def test_a_document_that_the_leg_has_fetched_is_not_pushed_again(house: House) -> None:
    turned = arrive(house)
    house.carrier.fails["push"] = [RuntimeError("first try fails")]
    heard = EntrySpoken(house.clock.pass_seconds(4), question(turned).turn, Secret(""), Hearing.REJECTED)
    house.switchboard.handle(turned.call_id, heard)
    assert house.switchboard.quiet(10)
    house.switchboard.document(turned.call_id)
    house.clock.pass_seconds(10)
    house.switchboard.tick(house.clock.now())
    assert house.switchboard.quiet(10)
    assert [one for one in house.carrier.done if one[0] == "push"] == []


def test_five_wrong_pins_over_several_calls_lock_the_account_and_the_right_one_is_not_even_checked(house: House) -> None:
    for leg, pins in (("CA1", ["1", "2", "3"]), ("CA2", ["4", "5"])):
        turned = house.enters(arrive(house, leg), ADA.identifier)
        for pin in pins:
            turned = house.enters(turned, pin * 6)
    checks = house.crm.checks
    turned = house.enters(house.enters(arrive(house, "CA3"), ADA.identifier), "493817")
    call = call_of(house, turned)
    assert (call.assurance, call.reason) == (Assurance.IDENTIFIED, Reason.LOCKED)  # type: ignore[attr-defined]
    assert house.crm.checks == checks == 5


def test_the_lock_opens_after_half_an_hour(house: House) -> None:
    for leg, pins in (("CA1", ["1", "2", "3"]), ("CA2", ["4", "5"])):
        turned = house.enters(arrive(house, leg), ADA.identifier)
        for pin in pins:
            turned = house.enters(turned, pin * 6)
    house.clock.pass_seconds(30 * 60 + 1)
    turned = house.enters(house.enters(arrive(house, "CA3"), ADA.identifier), "493817")
    assert call_of(house, turned).assurance is Assurance.VERIFIED  # type: ignore[attr-defined]


def test_after_five_unknown_identifiers_a_day_a_number_is_not_looked_up_any_more(house: House) -> None:
    ani = Ani(AniStanding.USABLE, "+12025550177")
    for tries in range(UNKNOWN_A_DAY):
        if tries % 3 == 0:
            turned = arrive(house, f"CA{tries}", ani)
        turned = house.enters(turned, f"9999999{tries}")
    looks = house.crm.looks
    turned = house.enters(turned, ADA.identifier)
    assert house.crm.looks == looks
    assert call_of(house, turned).reason is Reason.UNKNOWN_IDENTIFIER  # type: ignore[attr-defined]


def test_an_outage_gives_the_attempt_back(house: House) -> None:
    turned = house.enters(arrive(house), ADA.identifier)
    house.crm.down = True
    turned = house.enters(turned, "111111")
    assert question(turned).say[0].prompt_id == "pin.back_end_down"
    house.crm.down = False
    house.enters(turned, "493817")
    with house.store.reading() as ledger:
        standing = ledger.standing(house.keyring.blind("account", ADA.ref))
    assert (standing.recent, standing.unknown, standing.since_success) == ((), (), 0)


def test_a_caller_who_waits_too_long_hears_an_apology(house: House) -> None:
    turned = house.enters(house.enters(arrive(house), ADA.identifier), "493817")
    house.switchboard.tick(house.clock.pass_seconds(LINE.queue.max_wait + 1))
    assert kinds(house.switchboard.document(turned.call_id).verbs) == ["Say", "Hangup"]


def test_a_line_out_of_hours_says_so_and_hangs_up(make_house: Callable[..., House]) -> None:
    house = make_house(is_open=lambda: False)
    turned = arrive(house)
    assert [verb for verb in turned.verbs if isinstance(verb, Ask)] == []
    assert turned.verbs[-1] == Hangup()


def test_secrets_are_in_no_byte_of_the_database(house: House, tmp_path: object) -> None:
    turned = house.enters(arrive(house), ADA.identifier)
    house.enters(house.enters(turned, "918273"), "493817")
    files = [path for path in tmp_path.iterdir() if path.name.startswith("voicebot.db")]  # type: ignore[attr-defined]
    assert files
    for path in files:
        content = path.read_bytes()
        assert b"918273" not in content
        assert b"493817" not in content
        assert ADA.identifier.encode() not in content
