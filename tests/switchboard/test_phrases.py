"""A callback is booked in a call with its phrase: what is said of it, what is kept of it, and where it is not."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from math import log2
from pathlib import Path

import pytest
import structlog

from tests.leaks import forms, leaks
from tests.switchboard.house import LINE, House, open_house
from voicebot.config.phrase_words import FEWEST, load_phrase_words, missing_phrase_words
from voicebot.config.settings import PROJECT
from voicebot.dialogue.actions import Ask, Hangup, Say, Verb, Wait
from voicebot.dialogue.calling_back import Window
from voicebot.dialogue.events import EntryKeyed
from voicebot.dialogue.forms import QueuePlan
from voicebot.dialogue.outbound import CallbackRules
from voicebot.dialogue.spoken import Digits, KeptPhrase, Moment, Words
from voicebot.dialogue.values import Ani, AniStanding, Secret
from voicebot.errors import ImpossibleEvent
from voicebot.ports.callback_wishes import CallbackWish, PhraseState
from voicebot.records.callback_wishes import SqlCallbackWishes
from voicebot.records.fact_making import FactMaking
from voicebot.switchboard.phoned import SLOTS_TOLD, ByPhone
from voicebot.switchboard.phrases import AGREED_WITHIN, made, with_phrase

OFFERS = replace(LINE, identifiers=(), secrets=(), queue=QueuePlan("billing", offer_callback=True))
ANI = Ani(AniStanding.USABLE, "+12025550177")
WORDS = tuple(f"word{chr(97 + number)}" for number in range(26))
CANARY = "860917435"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = open_house(tmp_path, line=OFFERS, agents=(), phone=ByPhone(zone="Europe/Copenhagen", words=lambda _: WORDS))
    yield opened
    opened.switchboard.close()
    opened.store.close()


class Talk:
    """Somebody in line who presses keys."""

    def __init__(self, house: House, leg: str = "CA1") -> None:
        self.house = house
        self.turned = house.switchboard.arrive(leg, OFFERS.dnis, ANI)
        self.id = self.turned.call_id

    def keys(self, keys: str) -> "Talk":
        turn = next(verb.turn for verb in self.turned.verbs if isinstance(verb, Ask | Wait))
        event = EntryKeyed(self.house.clock.pass_seconds(2), turn, Secret(keys), keys.endswith("#"))
        self.turned = self.house.switchboard.handle(self.id, event, key=f"{self.id} {turn}")
        return self

    @property
    def says(self) -> list[Say]:
        found: list[Say] = []
        for verb in self.turned.verbs:
            found += [verb] if isinstance(verb, Say) else verb.say if isinstance(verb, Ask | Wait) else []
        return found

    def hears_phrase(self) -> object:
        return next(value for say in self.says for name, value in say.args if name == "phrase")


def state(house: House, call: str) -> PhraseState | None:
    return SqlCallbackWishes(house.store).phrases([call]).get(call)


def wish(house: House) -> CallbackWish:
    [one] = SqlCallbackWishes(house.store).open_wishes()
    return one


def read(house: House, call: str) -> str | None:
    with house.store.transaction() as ledger:
        phrase = ledger.read_phrase(call, "Ruth", house.clock.now())
    return phrase.reveal() if phrase else None


def test_own_digits_are_read_back_and_booked_with_the_callback(house: House) -> None:
    talk = Talk(house).keys("1").keys("1").keys("1").keys("1").keys(f"{CANARY}#")
    assert talk.hears_phrase() == Digits(CANARY)
    assert house.switchboard.document(talk.id).verbs == talk.turned.verbs  # a document that is fetched again says it too
    talk.keys("1")
    assert isinstance(talk.turned.verbs[-1], Hangup)
    assert state(house, wish(house).call_id) == PhraseState(is_set=True)
    assert read(house, talk.id) == CANARY


def test_two_words_of_ours_are_told_as_they_are_kept(house: House) -> None:
    talk = Talk(house).keys("1").keys("1").keys("1").keys("2")
    told = talk.hears_phrase()
    assert isinstance(told, Words)
    assert read(house, talk.id) == told.text.replace(", ", " ")
    assert set(told.text.split(", ")) <= set(WORDS)
    assert house.switchboard.document(talk.id).verbs != talk.turned.verbs  # it is read, and told no more


def test_a_chosen_time_is_kept_and_whoever_chose_it_passes_nobody_in_line(house: House) -> None:
    talk = Talk(house).keys("1").keys("1").keys("2")
    first = next(value for _, value in talk.says[0].args if isinstance(value, Moment))
    assert first.zone == "Europe/Copenhagen"
    talk.keys("1").keys("3")
    kept = wish(house)
    assert kept.window == Window(first.at, first.at + timedelta(minutes=OFFERS.callbacks.slot_minutes))
    assert kept.since == kept.due_at == first.at


def test_a_slot_has_room_for_so_many_and_is_offered_to_nobody_else(tmp_path: Path) -> None:
    rules = CallbackRules(a_slot=1, phrase=False, unverified_a_day=9, an_hour_an_agent=9)
    house = open_house(tmp_path, line=replace(OFFERS, callbacks=rules), agents=())
    talks = [Talk(house, f"CA{number}").keys("1").keys("2").keys(f"202555010{number}#") for number in range(2)]
    for talk in talks:
        talk.keys("1").keys("2")
    for talk in talks:
        talk.keys("1")
    starts = [one.window.start for one in SqlCallbackWishes(house.store).open_wishes() if one.window]
    assert len(starts) == 1
    assert [say.prompt_id for say in talks[1].says][:2] == ["callback.slot_full", "callback.when"]
    talks[1].keys("2")
    offered = [value.at for say in talks[1].says for _, value in say.args if isinstance(value, Moment)]
    assert starts[0] not in offered
    assert offered == sorted(offered)
    assert len(offered) <= SLOTS_TOLD
    house.switchboard.close()
    house.store.close()


def test_a_callback_that_is_not_booked_leaves_no_phrase(house: House) -> None:
    gone = Talk(house).keys("1").keys("1").keys("1").keys("2")
    assert state(house, gone.id) == PhraseState(is_set=True)
    house.switchboard.caller_hung_up("CA1")
    assert state(house, gone.id) == PhraseState()
    lost = Talk(house, "CA2").keys("1").keys("1").keys("1").keys("2")
    house.store.tidy(house.clock.pass_seconds(AGREED_WITHIN.total_seconds()))
    assert state(house, lost.id) == PhraseState()


def test_a_phrase_is_in_no_byte_of_database_log_journal_or_facts(
    house: House, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    structlog.get_logger(__name__).info("scan begins")
    own = Talk(house).keys("1").keys("1").keys("1").keys("1").keys(f"{CANARY}#").keys("1")
    words = Talk(house, "CA2").keys("1").keys("4").keys("2").keys("2025550124#").keys("1").keys("1").keys("2")
    told = words.hears_phrase()
    assert isinstance(told, Words)
    words.keys("1")
    secrets = {"digits": forms(CANARY), "words": {"said": told.text.encode(), "kept": told.text.replace(", ", " ").encode()}}
    FactMaking(house.store).make_wanted()
    assert leaks(tmp_path, secrets) == []
    assert read(house, own.id) == CANARY
    house.store.checkpoint()
    with house.store.reading() as ledger:
        journal = repr([ledger.journal(call) for call in (own.id, words.id)])
        kept = [ledger.load_call(call) for call in (own.id, words.id)]
        documents = [ledger.document(one.call.id, seq) for one in kept if one is not None for seq in range(1, one.seq + 1)]
    out = capfd.readouterr()
    calls = [one.call.to_dict() for one in kept if one is not None]
    seen = repr((journal, calls, documents, out.out, out.err)).encode()
    assert b"scan begins" in seen
    assert leaks([("memory", seen)], secrets) == []
    assert leaks(tmp_path, secrets) == []


# ---- words -------------------------------------------------------------------------------------------------------


def test_each_shipped_language_has_words_for_twenty_bits() -> None:
    words, wrong = load_phrase_words([PROJECT / "prompts"])
    assert wrong == []
    assert sorted(words) == ["da", "en", "fr", "ko"]
    assert all(log2(len(one) * (len(one) - 1)) > 19.99 for one in words.values())


def test_a_list_that_is_too_short_or_holds_no_words_is_refused(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "phrase_words.txt").write_text("amber\nfour2\n" + "x" * 21)
    words, wrong = load_phrase_words([tmp_path, PROJECT / "prompts"])
    assert len(words["en"]) == 3
    assert "prompts/en/phrase_words.txt: has 3 different words; it needs 512" in wrong[-1]
    assert "'four2' is no word" in wrong[0]
    assert len(words["da"]) >= FEWEST
    assert missing_phrase_words({"billing": "en", "parcels": "de"}, words) == [
        "prompts/de/phrase_words.txt: is missing (lines.parcels offers phrases for callbacks: `phrase` in [callbacks])"
    ]


def test_any_two_different_words_may_come_and_none_twice() -> None:
    seen = {made(("a1", "b1", "c1")).reveal() for _ in range(200)}
    assert seen == {"a1 b1", "a1 c1", "b1 a1", "b1 c1", "c1 a1", "c1 b1"}
    with pytest.raises(ImpossibleEvent):
        made(("alone", "alone"))


def test_a_phrase_that_is_gone_is_spoken_as_nothing() -> None:
    verbs: tuple[Verb, ...] = (Say("x", args=(("phrase", KeptPhrase()),)), Hangup())
    assert with_phrase(verbs, lambda: None) == (Say("x", args=(("phrase", Words("")),)), Hangup())
    assert with_phrase((Hangup(),), pytest.fail) == (Hangup(),)
