// The words that cards and boards share, and ages that count on by themselves.

export const STATES = { verified: "Identified and verified", identified: "Identified only", none: "Not identified" };
export const DOINGS = {
  at_the_line: "at the line", waiting: "waits", calling_back: "is being called back", connecting: "is being connected", talking: "in conversation",
  surveyed: "is asked how it was", elsewhere: "with another system", ended: "has ended",
};
export const OVER = ["ended", "surveyed"]; // for the agent
export const OWN = { ready: "Ready", reserved: "Your phone rings", busy: "In conversation", wrap_up: "Wrap-up", break: "On a break", offline: "Offline" };
export const FLOOR = { ...OWN, reserved: "Phone rings" };
export const APPROVAL = {
  asked: "the provider is being asked", open: "under way", approved: "approved, code outstanding", done: "approved, and the code was keyed",
  denied: "declined there", expired: "nobody answered in time", wrong_code: "the code was wrong too often", not_set_up: "no app on record",
  limited: "asked too often, or too soon", elsewhere: "one is open in another call", unavailable: "the provider did not answer",
  untrue: "the provider's word did not hold", dropped: "dropped",
};
const MODALITIES = { keypad: "by keypad", speech: "by speech" };
const ATTESTATIONS = { A: "attested A", B: "attested B", C: "attested C", "A-diverted": "attested A, diverted", failed: "attestation failed", none: "not attested" };

export function plain(code) {
  return String(code).replaceAll("_", " ");
}

export function clock(at) {
  return new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

export function age(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")} min`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

// `ANI (attested A) at 10:41`, `PIN by keypad at 10:42, 2 tries`
export function evidence(one) {
  const what = { ani: "Calling number", agent: `Agent, by ${plain(one.field)}` }[one.proof] ?? plain(one.field);
  const how = one.proof === "ani" ? `(${ATTESTATIONS[one.attestation] ?? one.attestation})` : MODALITIES[one.modality] ?? "";
  const tries = one.attempts > 1 ? `, ${one.attempts} tries` : "";
  return `${what} ${how} at ${clock(one.at)}${tries}`.replace(/\s+/g, " ");
}

export function make(kind, text = "", className = "") {
  const made = document.createElement(kind);
  if (text) made.textContent = text;
  if (className) made.className = className;
  return made;
}

export function state(assurance) {
  return make("span", STATES[assurance] ?? assurance, `state ${assurance}`);
}

// Elements with data-since tell how long ago that was, in every document that is watched.
const watched = [document];
export function watch(other) { watched.push(other); }
export function since(at, className = "age") {
  const made = make("span", "", className);
  if (at) made.dataset.since = at;
  return made;
}
export function tick() {
  for (const page of watched) {
    for (const one of page.querySelectorAll("[data-since]")) {
      const told = age((Date.now() - Date.parse(one.dataset.since)) / 1000);
      if (one.textContent !== told) one.textContent = told;
    }
  }
}
setInterval(tick, 1000);
