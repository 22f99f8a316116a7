"""What agents and supervisors do with a call, heard on the telephones: over the simulated telephone company, to its end."""

from tests.control.stage import Office
from voicebot.dialogue.call import Stage
from voicebot.dialogue.values import Ending
from voicebot.switchboard.answers import DONE


def heard(record: object) -> list[str]:
    return [one.what for one in record.heard]  # type: ignore[attr-defined]


def test_on_hold_the_caller_hears_our_music_and_nobody_and_then_the_agent_again(desks: Office) -> None:
    placed = desks.talking()
    caller, agent = placed.sid, desks.leg("mira").sid
    before = len(desks.caller(placed).heard)
    desks.does(desks.desk.hold("mira", placed.id))
    desks.until(lambda: not desks.hears_now(caller, agent))
    desks.until(lambda: len(desks.caller(placed).heard) > before + 4)  # all four pieces, and from the beginning again
    assert all(one.recording for one in desks.caller(placed).heard[before:])
    assert not desks.hears_now(agent, caller)
    desks.does(desks.desk.resume("mira", placed.id))
    desks.until(lambda: desks.hears_now(caller, agent))
    desks.does(desks.desk.end("mira", placed.id))
    record = desks.ended(placed)
    assert heard(record.caller)[-1] == "Thank you for calling. Goodbye."
    assert record.failures == []
    assert desks.state(placed).ending is Ending.SERVED


def test_while_the_agent_hears_the_whisper_the_caller_hears_the_music(desks: Office) -> None:
    placed = desks.talking()
    desks.ready("mira", "jonas")
    long = "The caller has moved and wants to know what became of the old meter. " * 10
    desks.does(desks.desk.pass_to("mira", placed.id, to_agent="jonas", note=long))
    desks.until(lambda: desks.has(placed, "jonas"))
    caller, joined = desks.caller(placed), desks.leg("jonas").joined_at
    assert joined is not None
    connecting = max(n for n, one in enumerate(caller.heard) if one.what == "You're being connected now.")
    meanwhile = caller.heard[connecting + 1 :]
    assert meanwhile
    assert all(one.recording and one.at < joined for one in meanwhile)


def test_an_agent_is_spoken_to_in_their_own_language_at_the_phone_that_they_chose(desks: Office) -> None:
    desks.ready("omar")
    desks.does(desks.desk.choose_phone("omar", "home"))
    try:
        placed = desks.call()
        desks.until(lambda: desks.has(placed, "omar"))
        home = desks.leg("sip:omar@home.example.com")
        assert "Appel pour l'assistance. Un pour accepter, deux pour refuser." in home.heard_before_key
        assert home.heard_after_key[0] == "Non identifié."
    finally:
        desks.does(desks.desk.choose_phone("omar", ""))


def test_a_muted_agent_is_not_heard_and_hears(desks: Office) -> None:
    placed = desks.talking()
    caller, agent = placed.sid, desks.leg("mira").sid
    desks.does(desks.desk.mute("mira", placed.id))
    desks.until(lambda: not desks.hears_now(caller, agent))
    assert desks.hears_now(agent, caller)
    desks.does(desks.desk.unmute("mira", placed.id))
    desks.until(lambda: desks.hears_now(caller, agent))


def test_a_colleague_is_asked_unheard_by_the_caller_and_takes_over(desks: Office) -> None:
    placed = desks.talking()
    desks.ready("mira", "jonas")
    mira = desks.leg("mira").sid
    desks.does(desks.desk.consult("mira", placed.id, to_agent="jonas"))
    desks.until(lambda: desks.rang("jonas") and desks.hears_now(mira, desks.leg("jonas").sid))
    jonas = desks.leg("jonas")
    assert "Mira asks for your help. One accepts, two declines." in jonas.heard_before_key
    assert jonas.heard_after_key[0] == "Mira would like to talk to you about a caller."
    assert not desks.caller(placed).could_hear(jonas.sid)
    desks.until(lambda: desks.desk.complete("mira", placed.id) == DONE)
    desks.until(lambda: desks.hears_now(placed.sid, jonas.sid))
    desks.until(lambda: desks.leg("mira").ended_at is not None)
    assert desks.has(placed, "jonas")
    desks.does(desks.desk.end("jonas", placed.id))
    assert desks.ended(placed).failures == []


def test_back_to_the_caller_the_colleague_is_out_and_was_never_heard(desks: Office) -> None:
    placed = desks.talking()
    desks.ready("mira", "jonas")
    mira = desks.leg("mira").sid
    desks.does(desks.desk.consult("mira", placed.id, to_agent="jonas"))
    desks.until(lambda: desks.rang("jonas") and desks.hears_now(mira, desks.leg("jonas").sid))
    desks.does(desks.desk.return_to_caller("mira", placed.id))
    desks.until(lambda: desks.hears_now(placed.sid, mira))
    desks.until(lambda: desks.leg("jonas").ended_at is not None)
    assert not desks.caller(placed).could_hear(desks.leg("jonas").sid)


def test_all_three_talk_when_the_caller_is_taken_off_hold(desks: Office) -> None:
    placed = desks.talking()
    desks.ready("mira", "jonas")
    mira = desks.leg("mira").sid
    desks.does(desks.desk.consult("mira", placed.id, to_agent="jonas"))
    desks.until(lambda: desks.rang("jonas") and desks.hears_now(mira, desks.leg("jonas").sid))
    desks.does(desks.desk.resume("mira", placed.id))
    desks.until(lambda: desks.hears_now(placed.sid, desks.leg("jonas").sid) and desks.hears_now(placed.sid, mira))
    desks.hang_up(mira)
    desks.until(lambda: desks.has(placed, "jonas"))
    assert desks.hears_now(placed.sid, desks.leg("jonas").sid)


def test_passed_to_an_agent_the_whisper_says_by_whom_and_the_note(desks: Office) -> None:
    placed = desks.talking()
    desks.ready("mira", "jonas")
    desks.does(desks.desk.pass_to("mira", placed.id, to_agent="jonas", note="wants a refund"))
    desks.until(lambda: desks.has(placed, "jonas"))
    jonas = desks.leg("jonas")
    assert jonas.heard_after_key[0] == "Passed on by Mira."
    assert jonas.heard_after_key[-1] == "The note says: wants a refund."
    assert desks.leg("mira").ended_at is not None
    assert not jonas.could_hear(desks.leg("mira").sid)
    said = heard(desks.caller(placed))
    assert "You're being passed on to a colleague. Please stay on the line." in said
    assert desks.told(placed).count("agent_accepted") == 2
    desks.hang_up(placed.sid)
    assert desks.ended(placed).failures == []


def test_a_supervisor_listens_coaches_and_speaks(desks: Office) -> None:
    placed = desks.talking()
    caller, mira = placed.sid, desks.leg("mira").sid
    desks.does(desks.desk.listen("sofia", placed.id, supervises=True))
    desks.until(lambda: desks.rang("sofia") and desks.hears_now(desks.leg("sofia").sid, caller))
    sofia = desks.leg("sofia").sid
    desks.until(lambda: "supervised" in desks.told(placed))
    assert not desks.hears_now(mira, sofia)
    desks.does(desks.desk.whisper("sofia", placed.id, supervises=True))
    desks.until(lambda: desks.hears_now(mira, sofia))
    assert not desks.caller(placed).could_hear(sofia)
    desks.does(desks.desk.barge("sofia", placed.id, supervises=True))
    desks.until(lambda: desks.hears_now(caller, sofia))
    desks.does(desks.desk.stop("sofia", placed.id))
    desks.until(lambda: desks.leg("sofia").ended_at is not None)
    assert desks.has(placed, "mira")
    assert [what for what in desks.told(placed) if what.startswith("superv")] == ["supervised"] * 3 + ["supervision_over"]


def test_a_yes_on_the_page_is_the_key_and_the_whisper_is_heard(desks: Office) -> None:
    placed = desks.call(mira="voicemail")  # it picks up and presses nothing
    desks.until(lambda: desks.floor().reservations)
    reservation = desks.floor().reservations[0].id
    desks.until(lambda: desks.rang("mira") and "Call for help. One accepts, two declines." in heard(desks.leg("mira")))
    desks.does(desks.desk.accept("mira", reservation))
    desks.until(lambda: desks.has(placed, "mira"))
    assert "Not identified." in heard(desks.leg("mira"))
    assert desks.state(placed).stage is Stage.TRANSFER


def test_a_no_on_the_page_stops_the_ringing_and_the_next_one_is_asked(desks: Office) -> None:
    desks.ready("mira", "jonas")
    placed = desks.call(mira="none", jonas="none")
    desks.until(lambda: desks.floor().reservations)
    first = desks.floor().reservations[0]
    desks.does(desks.desk.decline(first.agent, first.id, "at lunch"))
    desks.until(lambda: desks.leg(first.agent).ended_at is not None)
    other = "jonas" if first.agent == "mira" else "mira"
    desks.until(lambda: desks.rang(other) and desks.leg(other).ended_at is None)
    assert desks.facts(placed, "agent_turned_down")["why"] == "declined: at lunch"


def test_telephones_are_numbers_sip_addresses_and_browsers(desks: Office) -> None:
    for agent in ("jonas", "omar"):
        desks.ready(agent)
        placed = desks.talking(agent=agent)
        desks.does(desks.desk.end(agent, placed.id))
        assert desks.ended(placed).failures == []
