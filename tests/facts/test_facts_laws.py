"""Laws of facts, whatever agents, colleagues, the caller and the line do, in the conversations of the dialogue's own laws."""

from dataclasses import replace

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant

from tests.dialogue.conversation import BILLING
from tests.dialogue.test_conversation_laws import OneConversation
from tests.facts.journals import NotedConversation, Row, row_of
from voicebot.dialogue.actions import Action
from voicebot.dialogue.call import Stage
from voicebot.dialogue.forms import Recorded
from voicebot.dialogue.notes import Note, Noted
from voicebot.facts.folding import facts_of
from voicebot.facts.interaction import NOTHING, Facts, GivenTo, Known, Outcome
from voicebot.facts.sums import Targets, counts, summed


class OneConversationInFacts(OneConversation):
    """The same conversations, with their journal."""

    rows: list[Row]

    @initialize(survey=st.booleans(), verified=st.booleans())
    def connect(self, survey: bool, verified: bool) -> None:
        talk = NotedConversation(replace(BILLING, recording=Recorded.AFTER_VERIFICATION, survey=survey))
        if verified:
            talk.is_verified()
        else:
            talk.is_identified().waits()
        self.rows = talk.rows
        super().connect(survey, verified)

    def _follow(self, action: Action) -> None:
        super()._follow(action)
        if isinstance(action, Note):
            self.rows.append(row_of(action, self.now))

    def facts(self) -> Facts | None:
        return facts_of(Known("call-1"), self.rows)

    @invariant()
    def there_are_facts_when_the_call_is_over(self) -> None:
        assert (self.facts() is not None) is (self.call.stage is Stage.ENDED)

    @invariant()
    def line_and_agents_follow_one_upon_the_other(self) -> None:
        if (facts := self.facts()) is None:
            return
        parts = sorted([*((one.since, one.until) for one in facts.stays), *((one.since, one.until) for one in facts.spells)])
        ends = facts.started_at
        for since, until in parts:
            assert ends <= since <= until <= facts.ended_at
            ends = until
        assert all(NOTHING <= spell.hold <= spell.until - spell.since for spell in facts.spells)

    @invariant()
    def every_question_came_to_something(self) -> None:
        if (facts := self.facts()) is None:
            return
        sums = summed(counts(facts, Targets()), lambda _: "all")["all"]
        ways = (
            sums.accepted, sums.refused, sums.not_checked, sums.kept, sums.not_understood, sums.silent, sums.helped,
            sums.opted_out, sums.left,
        )  # fmt: skip
        assert sums.questions == sum(ways) == len(facts.questions) > 0
        assert sums.spoken_understood <= sums.spoken <= sums.questions

    @invariant()
    def a_verified_caller_was_verified_at_a_known_time(self) -> None:
        if (facts := self.facts()) is None:
            return
        assert (facts.verified_at is not None) is (facts.assurance == "verified")
        assert facts.verified_at is None or facts.started_at <= facts.verified_at <= facts.ended_at
        for spell in facts.spells:
            assert spell.verified is (facts.verified_at is not None and facts.verified_at <= spell.since)
        assert facts.picked_up_verified <= bool(facts.spells)

    @invariant()
    def parts_with_and_without_verification_are_all_parts(self) -> None:
        if (facts := self.facts()) is None:
            return
        sums = summed(counts(facts, Targets()), lambda _: "all")["all"]
        assert NOTHING <= sums.time_with_verified <= sums.talk + sums.hold + sums.wrap_up
        assert sums.picked_up_verified <= sums.picked_up <= sums.calls
        assert sums.handled_verified <= sums.handled

    @invariant()
    def the_last_part_is_what_the_call_ended_as(self) -> None:
        if (facts := self.facts()) is None:
            return
        if facts.ending == "served":
            over = next((row.at for row in self.rows if row.what == Noted.SURVEY_BEGUN), facts.ended_at)
            assert (facts.spells[-1].until, facts.spells[-1].given_to) == (over, GivenTo.NOBODY)
        if facts.ending == "abandoned" and (not facts.spells or facts.spells[-1].given_to is not GivenTo.TAKEN_OVER):
            assert (facts.stays[-1].until, facts.stays[-1].outcome) == (facts.ended_at, Outcome.ABANDONED)
        assert all(stay.outcome is Outcome.ANSWERED for stay in facts.stays[:-1])

    @invariant()
    def everybody_offered_is_answered_or_lost_in_one_way(self) -> None:
        if (facts := self.facts()) is None:
            return
        sums = summed(counts(facts, Targets()), lambda _: "all")["all"]
        lost = sums.abandoned + sums.waited_too_long + sums.closed_meanwhile + sums.callbacks_promised + sums.otherwise
        assert sums.offered == sums.answered + lost
        assert (sums.calls, sums.handled) == (1, len(facts.spells))

    @invariant()
    def every_payment_came_to_one_thing(self) -> None:
        if (facts := self.facts()) is None:
            return
        sums = summed(counts(facts, Targets()), lambda _: "all")["all"]
        assert sums.payments == len(facts.payments) == sums.charged + sums.declined + sums.not_charged + sums.uncertain
        assert len(facts.payments) == self.call.payments


TestOneConversationInFacts = OneConversationInFacts.TestCase
TestOneConversationInFacts.settings = settings(
    max_examples=40, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
