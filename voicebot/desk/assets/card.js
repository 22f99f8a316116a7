// One call's card: who, how sure, why not surer, what can be done. Texts only ever become textContent.

import { post } from "../pages/post.js";
import { APPROVAL, DOINGS, OVER, clock, evidence, make, plain, since, state, tick } from "./words.js";

const UNDER_WAY = ["asked", "checking", "again"];
const PROGRESS = { asked: "the caller is being asked", checking: "being checked", again: "asked once more" };
const PAYING = ["opening", "entering", "entered", "charging"];
const PAYMENT = { opening: "being set up", entering: "the caller keys the card", entered: "the card is complete", charging: "being charged", linked: "a link was sent to the caller", uncertain: "uncertain: look it up where it would be charged before you try again" };
const PIECES = { wanted: "not yet", asked: "being keyed", wrong: "wrong, asked again", done: "there" };
const RINGS = "rings for you";

export class Card {
  constructor(call, setup) {
    this.call = call;
    this.setup = setup;
    this.element = make("article", "", "card call");
    this.element.setAttribute("aria-label", "Call");
    this.parts = {};
    for (const part of ["header", "trouble", "controls", "asking", "about"]) {
      this.parts[part] = make(part === "header" ? "header" : "div");
      this.element.append(this.parts[part]);
    }
    this.parts.trouble.setAttribute("role", "alert");
    this.parts.controls.className = "controls";
    this.drawn = "";
  }

  show(view) {
    this.view = view;
    if (OVER.includes(view.card.doing)) this.parts.asking.querySelector("output.phrase")?.closest("form").remove();
    this.header();
    this.controls();
    this.about();
    tick();
  }

  header() {
    const { card, accepted, reservation } = this.view;
    const name = make("h2", card.name || card.identifier || (card.callback ? "Unknown customer" : "Unknown caller"));
    const doing = make("span", reservation && !accepted && !OVER.includes(card.doing) ? RINGS : DOINGS[card.doing] ?? card.doing);
    const parts = [state(card.assurance), name];
    if (card.name && card.identifier) parts.push(make("span", card.identifier));
    if (card.held_since) doing.textContent = card.consulting ? `on hold, while you ask ${card.consulting}` : "on hold";
    parts.push(doing, since(card.ended_at ? null : card.held_since ?? card.joined_at ?? card.waiting_since ?? card.started_at));
    this.parts.header.replaceChildren(...parts);
  }

  // Drawn anew only when other commands are possible, so that nobody's focus is lost under their fingers.
  controls() {
    const { card, accepted, reservation } = this.view;
    const doing = card.doing;
    const over = OVER.includes(doing);
    const ringing = reservation && !accepted && !over;
    const mine = reservation && accepted;
    const talking = mine && doing === "talking";
    const kind = [ringing, mine, doing, Boolean(card.held_since), card.muted, card.consulting, card.assurance === "none", Boolean(this.view.wrap_up), card.proof?.progress, card.proof?.token, card.payment?.state, card.callback?.phrase].join();
    if (kind === this.drawn) return;
    this.drawn = kind;
    const buttons = [];
    const add = (words, does, className = "quiet") => {
      const button = make("button", words, className);
      button.type = "button";
      button.addEventListener("click", does);
      buttons.push(button);
    };
    if (ringing) {
      add("Accept", () => this.does("accept", { reservation: this.view.reservation }), "");
      add("Decline …", () => this.ask("Decline because", this.setup.declines, (reason) => this.does("decline", { reservation: this.view.reservation, reason })), "stop");
    }
    if (talking && card.callback?.phrase === "ready") add("Show the phrase to read out", () => this.showPhrase(), "");
    if (talking) {
      const away = UNDER_WAY.includes(card.proof?.progress);
      const paying = PAYING.includes(card.payment?.state);
      if (paying) this.payControls(add);
      else if (away) add("Take the caller back", () => this.does("take_back"), "");
      else if (card.held_since) add("Back to the caller", () => this.does(card.consulting ? "return" : "resume"), "");
      else add("Hold", () => this.does("hold"));
      add(card.muted ? "Unmute" : "Mute", () => this.does(card.muted ? "unmute" : "mute"));
      if (paying) { /* nothing else until it is over */ }
      else if (card.consulting) add("Hand over to them", () => this.does("complete"), "");
      else if (!away) add("Ask a colleague …", () => this.askTarget("Ask", (target) => this.does("consult", target), false));
      if (!paying && !away && !card.consulting && !card.held_since && this.setup.payments) add("Card payment …", () => this.askPayment());
      if (!paying && !away && !card.consulting && card.name + card.identifier && this.setup.stepUps.length) add("Fresh proof …", () => this.askProof());
      if (card.payment?.state === "linked") add("Cancel the payment", () => this.does("pay_cancel"), "stop");
      if (card.proof?.token) add("Show the token", () => this.showToken(), "");
      if (!away && !paying) add("Pass on …", () => this.askTarget("Pass on to", (target) => this.does("pass", target), true));
      if (card.assurance === "none") add("Who is this? …", () => this.askWho());
      add("End", () => this.does("end"), "stop");
    }
    if (!ringing) {
      add("Note …", () => this.askNote());
      if (!this.view.wrap_up && (over || mine)) add("File under …", () => this.ask("File under", this.setup.wrapUp, (code) => this.does("wrap_up", { code })), over ? "" : "quiet");
    }
    this.parts.controls.classList.toggle("ringing", Boolean(ringing));
    this.parts.controls.replaceChildren(...buttons);
  }

  async does(command, more = {}) {
    this.parts.trouble.replaceChildren();
    this.parts.asking.replaceChildren();
    try {
      const told = await post(`/desk/do/${command}`, { call: this.call, ...more });
      if (told.pickUp && !this.setup.pickUp()) this.parts.trouble.replaceChildren(make("p", "Pick up your phone now: you will be connected.", "notice"));
      return told;
    } catch (refused) {
      this.parts.trouble.replaceChildren(make("p", refused.message, "trouble"));
      return null;
    }
  }

  // ---- small questions -----------------------------------------------------------------------------------------

  form(title, fields, send, words) {
    const form = make("form", "", "ask card");
    form.append(make("h3", title), ...fields);
    const go = make("button", words);
    go.type = "submit";
    const not = make("button", "Cancel", "quiet");
    not.type = "button";
    not.addEventListener("click", () => this.parts.asking.replaceChildren());
    const row = make("div", "", "row");
    row.append(go, not);
    form.append(row);
    form.addEventListener("submit", (event) => { event.preventDefault(); send(); });
    form.addEventListener("keydown", (event) => { if (event.key === "Escape") this.parts.asking.replaceChildren(); });
    this.parts.asking.replaceChildren(form);
    form.querySelector("select, input, textarea")?.focus();
  }

  ask(title, choices, send) {
    const entries = Object.entries(choices);
    if (entries.length === 0) { send(""); return; }
    const select = choice(title, entries);
    this.form(title, [select], () => send(select.value), title.split(" ")[0]);
  }

  askTarget(title, send, withNote) {
    const queues = this.setup.queues.map((queue) => [`to_queue ${queue}`, `queue ${queue}`]);
    const agents = Object.entries(this.setup.agents).map(([id, name]) => [`to_agent ${id}`, name]);
    const select = choice(title, [...queues, ...agents]);
    const note = make("textarea");
    note.setAttribute("aria-label", "What the next one should know");
    note.placeholder = "What the next one should know";
    note.maxLength = 500;
    this.form(title, withNote ? [select, note] : [select], () => {
      const [kind, id] = select.value.split(" ");
      send(withNote ? { [kind]: id, note: note.value } : { [kind]: id });
    }, title.split(" ")[0]);
  }

  askProof() {
    const actions = choice("For", this.setup.stepUps.map((one, index) => [index, `${plain(one.action)}${one.atLeast ? ` from ${one.atLeast}` : ""}`]));
    const amount = make("input");
    amount.inputMode = "decimal";
    amount.autocomplete = "off";
    const proof = make("select");
    proof.setAttribute("aria-label", "By");
    const fill = () => {
      const one = this.setup.stepUps[actions.value];
      amount.hidden = !one.currency;
      amount.required = Boolean(one.currency);
      amount.placeholder = one.currency;
      amount.setAttribute("aria-label", `Amount in ${one.currency}`);
      proof.replaceChildren(...one.proofs.map((name) => { const option = make("option", plain(name)); option.value = name; return option; }));
      proof.hidden = one.proofs.length < 2;
    };
    actions.addEventListener("change", fill);
    fill();
    this.form("Fresh proof", [actions, amount, proof], () => {
      const one = this.setup.stepUps[actions.value];
      this.does("step_up", { action: one.action, amount: one.currency ? amount.value.trim() : "", proof: proof.value });
    }, "Send the caller to it");
  }

  askPayment() {
    const amount = make("input");
    amount.inputMode = "decimal";
    amount.autocomplete = "off";
    amount.required = true;
    amount.placeholder = this.setup.payments;
    amount.setAttribute("aria-label", `Amount in ${this.setup.payments}`);
    const hint = make("p", "The caller keys the card. You stay on the line and hear no tones; never ask for a digit.", "hint");
    const how = choice("How", [["pay", "on the phone's keys, now"], ...(this.setup.paymentLinks ? [["pay_link", "on a device of their own, by a link"]] : [])]);
    this.form("Card payment", [hint, amount, how], () => this.does(how.value, { amount: amount.value.trim() }), "Begin");
  }

  payControls(add) {
    const { state, pieces } = this.view.card.payment;
    if (state === "entered") add("Charge the card", () => this.does("charge"), "");
    if (state === "entering" || state === "entered") {
      const choices = Object.fromEntries(pieces.map((one) => [one.piece, plain(one.piece)]));
      add("Key again …", () => this.ask("Key again", choices, (piece) => this.does("pay_again", { piece })));
    }
    if (state !== "charging") add("Cancel the payment", () => this.does("pay_cancel"), "stop");
  }

  // Shown once: nobody can have it again, so it stays until the agent closes it.
  async showToken() {
    const told = await this.does("token");
    if (!told?.token) return;
    const token = make("input");
    token.readOnly = true;
    token.value = told.token;
    token.setAttribute("aria-label", "Validation token");
    this.form("Validation token, shown once", [token], () => navigator.clipboard?.writeText(told.token), "Copy");
    token.select();
  }

  // Shown once, like a token: read out before anything else, and gone when the agent closes it or the call is over.
  async showPhrase() {
    const told = await this.does("phrase");
    if (!told?.phrase) return;
    const phrase = make("output", told.phrase, "phrase");
    phrase.setAttribute("aria-label", "The customer's phrase");
    const hint = make("p", "Say who you are, then read this out before you ask anything. The customer knows by it that it is us. It cannot be shown again.", "hint");
    this.form("Read this out first", [phrase, hint], () => this.parts.asking.replaceChildren(), "I have read it out");
  }

  askNote() {
    const text = make("textarea");
    text.setAttribute("aria-label", "Note");
    text.maxLength = 2000;
    text.required = true;
    this.form("Note", [text], () => this.does("note", { text: text.value }), "Keep");
  }

  askWho() {
    const by = choice("Look up by", Object.entries(this.setup.lookUpBy));
    const value = make("input");
    value.setAttribute("aria-label", "What the caller says");
    value.autocomplete = "off";
    value.required = true;
    const asked = () => ({ by: by.value, value: value.value });
    this.form("Who is this?", [by, value], async () => {
      const found = await this.does("look_up", asked());
      if (!found) return;
      const said = asked();
      this.form(`${found.name || "No name"} · ${found.identifier}`, [make("p", "Linking makes the caller “Identified only”. It is noted with your name.")],
        () => this.does("link", said), "Link");
    }, "Look up");
  }

  // ---- what is known ---------------------------------------------------------------------------------------------

  about() {
    const { card, details, earlier, wrap_up: filed } = this.view;
    const columns = make("div", "", "columns");
    columns.append(this.who(), this.call_(), this.company(details), this.earlier(earlier), this.path());
    if (filed) columns.prepend(make("p", `Filed under: ${this.setup.wrapUp[filed] ?? filed}`, "done"));
    for (const told of card.passed_on) columns.prepend(make("p", `Passed on by ${told.by}${told.note ? `: ${told.note}` : ""}`, "notice"));
    this.parts.about.replaceChildren(columns);
  }

  who() {
    const { card } = this.view;
    const part = section("Why we think so");
    const list = make("ul", "", "evidence");
    list.append(...card.evidence.map((one) => make("li", evidence(one))));
    if (card.evidence.length === 0) list.append(make("li", "Nothing yet."));
    part.append(list);
    if (card.proof) {
      const { action, amount, progress, why, wrong } = card.proof;
      const what = `Fresh proof for ${plain(action)}${amount ? `, ${amount}` : ""}: ${PROGRESS[progress] ?? progress}`;
      part.append(make("p", `${what}${wrong && UNDER_WAY.includes(progress) ? `, ${wrong} wrong` : ""}${why ? ` (${plain(why)})` : ""}`, progress === "passed" ? "done" : "notice"));
    }
    if (card.payment) part.append(...paid(card.payment));
    if (card.approval) part.append(make("p", `Approval in the customer's app: ${APPROVAL[card.approval] ?? plain(card.approval)}`, card.approval === "done" ? "done" : "notice"));
    if (card.callback) part.append(phrase(card.callback));
    if (card.reason) part.append(make("p", `Not verified: ${plain(card.reason)}`, "notice"));
    if (card.distrusted) part.append(make("p", "A secret has matched, but somebody is guessing at many accounts just now: it proves nothing.", "trouble"));
    for (const failed of card.failures) part.append(make("p", `${failed.entries} wrong: ${plain(failed.field)}`));
    return part;
  }

  call_() {
    const { card } = this.view;
    const part = section("Call");
    const number = card.number || { withheld: "withheld", bogus: "not a real number" }[card.standing] || "–";
    if (card.callback?.subject) part.append(make("p", `About: ${card.callback.subject}`));
    part.append(facts([["Line", card.line], ["Queue", card.queue], ["Language", card.language], [card.callback ? "We call" : "Calls from", number], ["Began", clock(card.started_at)], ["Agent", card.agent || "–"]]));
    return part;
  }

  company(details) {
    const part = section("From the customer system");
    if (details === null) part.append(make("p", "Not here yet.", "hint"));
    else if (details.length === 0) part.append(make("p", "Nothing may be shown.", "hint"));
    else part.append(facts(details.map((one) => [plain(one.name), `${one.text} ${one.currency}`.trim()])));
    return part;
  }

  earlier(calls) {
    const part = section("Earlier calls");
    const list = make("ul", "", "earlier");
    list.append(...calls.map((one) => {
      const when = new Date(one.started_at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
      return make("li", `${when}: ${one.line}, ${plain(one.ending ?? "goes on")}${one.agent ? `, ${one.agent}` : ""}${one.wrap_up ? `, ${this.setup.wrapUp[one.wrap_up] ?? one.wrap_up}` : ""}`);
    }));
    part.append(calls.length ? list : make("p", "None.", "hint"));
    return part;
  }

  path() {
    const part = section("What has happened");
    const list = make("ol", "", "path");
    list.append(...this.view.card.path.map((step) => {
      const line = make("li");
      line.append(make("time", clock(step.at)), step.told);
      return line;
    }));
    part.append(list);
    return part;
  }
}

function section(title) {
  const part = make("section");
  part.append(make("h3", title));
  return part;
}

function facts(pairs) {
  const list = make("dl", "", "facts");
  for (const [name, value] of pairs) list.append(make("dt", name), make("dd", value));
  return list;
}

const PHRASES = {
  none: "No phrase is set. The customer cannot know who is calling: ask for no secret.",
  set: "Phrase set. It can be shown when the customer has pressed the key.",
  ready: "Phrase set. Show it, and read it out before anything else.",
};

function phrase({ phrase: how, read_by: by, read_at: at }) {
  return make("p", how === "read" ? `Phrase shown to ${by} at ${clock(at)}, to be read out.` : PHRASES[how], how === "read" ? "done" : "notice");
}

// Amount, result, last four digits and the transaction's name: nothing else of a card is here to be shown.
function paid(payment) {
  const { amount, state, why, pieces, card, reference, authorisation } = payment;
  const told = [`Card payment of ${amount}: ${PAYMENT[state] ?? state}`, why && `(${plain(why)})`, card && `· card ending in ${card}`, reference && `· reference ${reference}`, authorisation && `· authorisation ${authorisation}`];
  const shown = [make("p", told.filter(Boolean).join(" "), state === "paid" ? "done" : "notice")];
  if (PAYING.includes(state)) shown.push(facts(pieces.map((one) => [plain(one.piece), PIECES[one.state]])));
  return shown;
}

function choice(label, entries) {
  const select = make("select");
  select.setAttribute("aria-label", label);
  for (const [value, words] of entries) {
    const option = make("option", words);
    option.value = value;
    select.append(option);
  }
  return select;
}
