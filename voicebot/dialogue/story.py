"""The journal in people's words: one sentence for each kind of row. Reads facts, decides nothing."""

from collections.abc import Mapping

from voicebot.dialogue.notes import Noted

_SENTENCES: dict[Noted, str] = {
    Noted.ARRIVED: "The call arrived on line {line}; calling number {ani}, attestation {attestation}.",
    Noted.ASKED: "Asked: {prompt} (turn {turn}).",
    Noted.ENTERED: "The caller answered by {modality}: {verdict} {value}",
    Noted.COMMANDED: "The caller wanted: {command} (by {modality}).",
    Noted.SILENT: "The caller said and keyed nothing ({count}).",
    Noted.DROPPED: "An entry was dropped: {why}.",
    Noted.SPEECH_LOST: "Listening failed; keys go on.",
    Noted.DOOR_FAILED: "The way in which it was asked failed (a two-way stream, or a recording); it is asked in another one.",
    Noted.KEYPAD_ONLY: "From here on by keypad only.",
    Noted.ANSWERS_RECORDED: "Streams have failed too often: from here on numbers are spoken into recordings.",
    Noted.IDENTIFY_RESULT: "The back end was asked by {by}: {result}.",
    Noted.SECRET_RESULT: "The back end checked the {field}: {verdict}.",
    Noted.ASSURED: "The caller is now {assurance}, by {by} (entries: {attempts}).",
    Noted.UNAUTHENTICATED: "Goes on without full proof, because: {reason}.",
    Noted.DETAILS: "Told the caller: {names}.",
    Noted.QUEUED: "In line for {queue}, {assurance}.",
    Noted.CALLBACK_WISHED: "Would rather be called back than wait for {queue}: {result}.",
    Noted.CALLBACK_CHANGED: "The callback was {what}, by {by}.",
    Noted.CALLING_BACK: "To be called back, by the wish from line {line}; dialled before: {tries}.",
    Noted.REACHED: "The customer pressed the key; connecting them with agent {agent}.",
    Noted.PHRASE_GONE: "Agent {agent} asked for the customer's phrase when its time was over.",
    Noted.PHRASE_READ: "Agent {agent} was shown the customer's phrase, to read it out.",
    Noted.NOT_REACHED: "Nobody was reached ({why}), dial {tries}.",
    Noted.CALLED_OFF: "Not called back: {why}.",
    Noted.AGENT_TURNED_DOWN: "Agent {agent} did not take it: {why}.",
    Noted.AGENT_ACCEPTED: "Agent {agent} accepted after {waited:.1f} s in line.",
    Noted.WHISPERED: "The agent was told: {assurance} ({prompts}).",
    Noted.JOINED: "Caller and agent {agent} are connected.",
    Noted.HELD: "Agent {agent} put the caller on hold.",
    Noted.RESUMED: "The caller is off hold ({why}, {agent}).",
    Noted.MUTED: "Agent {agent} is muted: {muted}.",
    Noted.CONSULTING: "Agent {agent} asks for {to}.",
    Noted.CONSULT_ANSWERED: "Agent {agent} was asked for help and comes.",
    Noted.CONSULT_OVER: "The call for help to {to} is over: {why}.",
    Noted.TAKEN_OVER: "Agent {agent} has taken the caller over from {before}.",
    Noted.PASSED_ON: "Agent {agent} passed the call on to {to}.",
    Noted.AGENT_LOST: "Agent {agent} was lost; the caller is back in line.",
    Noted.ENDED_BY_AGENT: "Agent {agent} ended the call.",
    Noted.SUPERVISED: "Supervisor {supervisor} is in on the call: {how}.",
    Noted.SUPERVISION_OVER: "Supervisor {supervisor} is out of the call.",
    Noted.NOT_ARRANGED: "The line could not do it: {what}.",
    Noted.STEP_UP: "Fresh proof for {action} {amount} by {proof}: {progress} {why}",
    Noted.PAYMENT: "Card payment of {amount} ({way}): {state} {why}",
    Noted.APPROVAL: "Approval in the customer's app, of {what}: {progress} (code keyed: {code}, wrong codes: {wrong}).",
    Noted.TOKEN_REFUSED: "A validation token was refused: {why}.",
    Noted.SURVEY_BEGUN: "The agent's part is over; the caller is asked how it was.",
    Noted.SURVEYED: "The caller gave {score} of 10 (by {modality}).",
    Noted.RECORDING: "The recording: {tape}.",
    Noted.RECORDING_HEARD: "Supervisor {supervisor} listened to the recording.",
    Noted.RECORDING_DELETED: "The recording was deleted: {why}.",
    Noted.NOTED: "Agent {agent} noted: {text}",
    Noted.WRAPPED_UP: "Agent {agent} filed the call as {code}.",
    Noted.LINKED: "Agent {agent} said who the caller is (looked up by {by}): {assurance}.",
    Noted.HANDED_OVER: "Handed over to {to}, {assurance}.",
    Noted.GIVEN_BACK: "Came back from the other system; it had answered: {connected}.",
    Noted.ATTACK: "Somebody is guessing at many accounts ({accounts} in ten minutes): {state}.",
    Noted.TOO_LATE: "Came too late and changed nothing: {event}.",
    Noted.TROUBLE: "Something of ours failed: {where}.",
    Noted.ENDED: "The call ended: {ending}, {assurance}, after {seconds:.1f} s.",
}


class _Facts(dict[str, object]):
    """Facts of a row, yes and no as words; one that an older release did not write reads as a dash."""

    def __getitem__(self, key: str) -> object:
        fact = super().__getitem__(key)
        return ("no", "yes")[fact] if isinstance(fact, bool) else fact

    def __missing__(self, key: str) -> object:
        return _Dash()


class _Dash:
    def __format__(self, spec: str) -> str:
        return "–"


def sentence(what: str, facts: Mapping[str, object]) -> str:
    """One journal row as a sentence. A kind that this release does not know is named as it stands."""
    try:
        told = _SENTENCES[Noted(what)]
    except ValueError:
        return what
    return told.format_map(_Facts(facts)).rstrip()
