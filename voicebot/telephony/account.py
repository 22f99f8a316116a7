"""Explains to the operator how the account at the carrier fits what is configured here. It changes nothing; none of it raises."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import phonenumbers

from voicebot.errors import CarrierError
from voicebot.telephony.findings import Finding, Verdict, note, ok, skipped, wrong
from voicebot.telephony.numbers import AccountSeen, OwnedNumber, TwilioNumbers
from voicebot.telephony.wiring import CALLED, Difference, Use, Wiring, differences, falls_with_us, is_ours, strangers, wanted

ACCOUNT, CLOCK, NUMBERS, COUNTRIES = "Twilio account", "Clock", "Numbers", "Countries"
MOST_AHEAD = 2.0  # seconds
PRIMARY = "TWILIO_AUTH_TOKEN"
MORE_COUNTRIES = "Console -> Voice -> Settings -> Geo permissions: tick it"


@dataclass(frozen=True)
class AccountCheck:
    """`base`: our public address; `lines`: number by line; `numbers`: the account, asked with the present token.

    `senders`: numbers that messages go out from, whose answers are to come here.
    """

    base: str
    lines: Mapping[str, str]
    caller_id: str
    numbers: TwilioNumbers = field(repr=False)
    senders: frozenset[str] = frozenset()

    def wired(self) -> list[Finding]:
        """Each line's number is the account's and wired to us; the caller id may be shown."""
        try:
            owned = {number.phone: number for number in self.numbers.all()}
            shows = self.caller_id in owned or not self.caller_id or self.numbers.may_show(self.caller_id)
        except CarrierError as error:
            return [wrong(NUMBERS, str(error))]
        found = [
            one
            for name, phone, use in in_use(self.lines, self.senders)
            for one in number_findings(name, phone, owned.get(phone), self.base, use)
        ]
        found += self._without_a_line(owned)
        if not shows:
            mend = "take one of the account's numbers, or verify this one: Console -> Phone Numbers -> Verified Caller IDs"
            found.append(wrong(NUMBERS, f"TWILIO_CALLER_ID {self.caller_id} is not this account's to show", mend))
        return found

    def country(self, country: str, whose: str) -> list[Finding]:
        """The account may call this country. `whose`: who is there, in words."""
        try:
            allowed = self.numbers.may_call(country)
            inherited = allowed is False and self.numbers.inherits_countries()
        except CarrierError as error:
            return [wrong(COUNTRIES, f"{country}: {error}")]
        if inherited:
            says = f"{country} ({whose}): not ticked here, and this subaccount follows its parent, which cannot be seen from here"
            return [note(COUNTRIES, says, "look at the parent account's Geo permissions")]
        if allowed is None:
            return [note(COUNTRIES, f"{country} ({whose}): Twilio has no permissions for it to look at")]
        if not allowed:
            return [wrong(COUNTRIES, f"{country} may not be called, so {whose} would never ring", MORE_COUNTRIES)]
        return [ok(COUNTRIES, f"{country} may be called ({whose})")]

    def _without_a_line(self, owned: Mapping[str, OwnedNumber]) -> list[Finding]:
        lines = set(self.lines.values())
        stray = [phone for phone, number in owned.items() if phone not in lines and is_ours(number.wiring.voice_url, self.base)]
        mend = "give it a line in voicebot.toml if that is not meant"
        says = "comes here too, but no line has it: the default line answers"
        return [note(NUMBERS, f"{phone} {says}", mend) for phone in stray]


def account_findings(seen: AccountSeen) -> list[Finding]:
    """The present token opened the account; is it the one that signs, and is our clock right?"""
    return [*_standing(seen), *_clock(seen.ahead)]


def next_token(numbers: TwilioNumbers, now: Callable[[], float]) -> list[Finding]:
    """The token that comes next opens the same account."""
    name = f"{PRIMARY}_NEXT"
    try:
        seen = numbers.account(now)
    except CarrierError as error:
        mend = "make it the account's secondary token, or take it out of .env: whoever knows it can sign requests to you"
        return [wrong(ACCOUNT, f"{name}: {error}", mend)]
    if seen.primary:
        mend = f"move it to {PRIMARY} and empty {name}"
        return [note(ACCOUNT, f"{name} is the account's primary token by now", mend)]
    return [ok(ACCOUNT, f"{name} opens the account too, so it can be promoted")]


def in_use(lines: Mapping[str, str], senders: frozenset[str]) -> list[tuple[str, str, Use]]:
    """(whose, number, what we have it for): each line's, then those that are written to only."""
    called = [(name, phone, Use(messages=phone in senders)) for name, phone in lines.items()]
    return [*called, *(("messages", phone, Use(calls=False, messages=True)) for phone in sorted(senders - set(lines.values())))]


def number_findings(line: str, phone: str, owned: OwnedNumber | None, base: str, use: Use = CALLED) -> list[Finding]:
    """How one line's number is wired, or one that is written to."""
    who, setup = f"{phone} ({line})", f"python3 run.py twilio setup {phone}"
    if owned is None:
        mend = "buy it, or correct the line's dnis in voicebot.toml"
        return [wrong(NUMBERS, f"{who} is not in this account", mend)]
    if use.calls and not owned.speaks:
        return [wrong(NUMBERS, f"{who} takes no voice calls", "buy one with Voice")]
    if use.messages and not owned.writes:
        return [wrong(NUMBERS, f"{who} takes no messages", "buy one with SMS, or name another: messages.sms, TWILIO_CALLER_ID")]
    if others := strangers(owned.wiring, base, use):
        return [wrong(NUMBERS, f"{who} is somebody else's: {'; '.join(others)}", f"{setup} --force")]
    found = _fallback(who, owned.wiring, base, f"see docs/fallback.md, then: {setup} --fallback-url …") if use.calls else []
    if changes := differences(owned.wiring, wanted(base, owned.wiring, use=use)):
        verdict = Verdict.NOTE if _only_overrides(changes) else Verdict.WRONG
        return [Finding(NUMBERS, verdict, f"{who}: {'; '.join(map(str, changes))}", setup), *found]
    told = "is wired to this server, with a fallback of its own" if use.calls else "sends its answers to this server"
    return found or [ok(NUMBERS, f"{who} {told}")]


def by_country(phones: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """(country -> who is there in words, who has a number of no country). `phones`: number by who has it; SIP is left out."""
    found: dict[str, list[str]] = {}
    nowhere = []
    for who, phone in phones.items():
        if not phone.startswith("+"):
            continue
        country = _country_of(phone)
        if country is None:
            nowhere.append(who)
        else:
            found.setdefault(country, []).append(who)
    return {country: _listed(people) for country, people in found.items()}, nowhere


def _standing(seen: AccountSeen) -> list[Finding]:
    if seen.status != "active":
        return [wrong(ACCOUNT, f"the account is {seen.status}", "see what the Console says about it")]
    found = [ok(ACCOUNT, f"{PRIMARY} opens the account, which is active")]
    if seen.primary is False:
        mend = f"put the primary one there; during a change it stands under {PRIMARY}_NEXT"
        says = f"{PRIMARY} is the secondary token, and Twilio signs with the primary one"
        found = [wrong(ACCOUNT, says, mend)]
    if seen.trial:
        mend = "verify your agents' phones, or upgrade"
        found.append(note(ACCOUNT, "a trial account rings verified numbers only", mend))
    return found


def _clock(ahead: float | None) -> list[Finding]:
    if ahead is None:
        return [skipped(CLOCK, "Twilio's answer told no time")]
    if abs(ahead) >= MOST_AHEAD:
        says = f"this machine's clock is {abs(ahead):.0f} s {'ahead' if ahead > 0 else 'behind'}"
        return [wrong(CLOCK, says, "let it follow a time server: timedatectl set-ntp true")]
    return [ok(CLOCK, "within two seconds of Twilio's")]


def _fallback(who: str, wiring: Wiring, base: str, mend: str) -> list[Finding]:
    if not wiring.voice_fallback_url:
        says = f"{who} has no fallback URL: when this server is down, callers hear an error and are cut off"
        return [wrong(NUMBERS, says, mend)]
    if falls_with_us(wiring.voice_fallback_url, base):
        return [wrong(NUMBERS, f"{who} has a fallback URL on this very host, which is down with it", mend)]
    return []


def _only_overrides(changes: list[Difference]) -> bool:
    """Whether it would be right but for what stands behind # in its URLs."""
    return all(change.before.partition("#")[0] == change.after.partition("#")[0] for change in changes)


def _country_of(phone: str) -> str | None:
    try:
        country = phonenumbers.region_code_for_number(phonenumbers.parse(phone))
    except phonenumbers.NumberParseException:
        return None
    return None if country in (None, "001", "ZZ") else str(country)


def _listed(people: list[str]) -> str:
    return ", ".join(people[:3]) + (f" and {len(people) - 3} more" if len(people) > 3 else "")
