// An agent's place: own state, open interactions, their cards, and the bar that stays on top of other windows.

import { live } from "../pages/live.js";
import { post } from "../pages/post.js";
import { Bar } from "./bar.js";
import { Card } from "./card.js";
import { BrowserPhone } from "./phone.js";
import { OWN, make, plain, since, tick } from "./words.js";

const desk = document.getElementById("desk");
const setup = JSON.parse(desk.dataset.setup);
const by = (id) => document.getElementById(id);
const cards = new Map(); // call -> Card
const views = new Map(); // call -> newest picture
let offers = [];
let answers = []; // what people have written that waits, or that this agent has
let chosen = "";
let newest = "";

const bar = new Bar(desk.dataset, (call) => { choose(call); window.focus(); });

const phone = new BrowserPhone(setup.browserPhones, {
  whole: by("browser-phone"),
  status: by("browser-phone-status"),
  answer: by("browser-phone-answer"),
  hangUp: by("browser-phone-hang-up"),
  keys: [...document.getElementsByName("browser-phone-key")],
});
setup.pickUp = () => phone.pickUp();

// ---- the agent's own state ---------------------------------------------------------------------------------------

for (const [code, words] of Object.entries(setup.breaks)) {
  const option = make("option", words);
  option.value = code;
  by("break-reason").append(option);
}
by("break-reason").hidden = Object.keys(setup.breaks).length === 0;
for (const button of by("own-buttons").querySelectorAll("button")) {
  button.addEventListener("click", async () => {
    const { state } = button.dataset;
    by("own-trouble").hidden = true;
    try {
      await post("/desk/do/state", { state, reason: state === "break" ? by("break-reason").value : "" });
    } catch (refused) {
      by("own-trouble").textContent = refused.message;
      by("own-trouble").hidden = false;
    }
  });
}

by("own-phone").addEventListener("change", async () => {
  by("own-trouble").hidden = true;
  try {
    await post("/desk/do/phone", { phone: by("own-phone").value });
  } catch (refused) {
    by("own-trouble").textContent = refused.message;
    by("own-trouble").hidden = false;
  }
});

function phones(names, ringing) {
  by("own-phones").hidden = names.length === 0;
  const shownNow = [...by("own-phone").options].map((option) => option.value).join();
  if (shownNow !== ["", ...names].join()) {
    by("own-phone").replaceChildren(...["", ...names].map((name) => {
      const option = make("option", name ? plain(name) : "Usual phone");
      option.value = name;
      return option;
    }));
  }
  by("own-phone").value = ringing;
  phone.use(ringing);
}

function place(now) {
  const reason = now.reason ? `: ${setup.breaks[now.reason] ?? plain(now.reason)}` : "";
  by("own-state").textContent = (OWN[now.state] ?? now.state) + reason;
  by("own-dot").className = `dot ${now.state}`;
  by("own-since").dataset.since = now.since ?? "";
  for (const button of by("own-buttons").querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.dataset.state === now.state));
  phones(now.phones, now.phone);
  const before = new Set(offers.map((offer) => offer.call));
  offers = now.offers;
  const arrived = offers.find((offer) => !before.has(offer.call));
  if (arrived) { newest = arrived.call; if (!busy()) choose(arrived.call); }
  wishes(now.wishes);
  list();
  tick();
}

function wishes(open) {
  by("wishes-part").hidden = open.length === 0;
  by("wishes").replaceChildren(...open.map((wish) => {
    const line = make("li");
    const done = make("button", "Called back", "quiet");
    done.type = "button";
    done.addEventListener("click", () => post("/desk/do/called_back", { call: wish.call_id }).catch((refused) => {
      by("own-trouble").textContent = refused.message;
      by("own-trouble").hidden = false;
    }));
    const when = wish.window ? make("span", new Date(wish.window.start).toLocaleString([], { dateStyle: "medium", timeStyle: "short" })) : since(wish.since);
    line.append(make("strong", wish.number || "forgotten"), make("span", [wish.queue, wish.subject].filter(Boolean).join(" · ")), when, done);
    return line;
  }));
}

function busy() {
  return offers.some((offer) => offer.accepted && offer.call === chosen);
}

// ---- cards -------------------------------------------------------------------------------------------------------

function shown(view, call) {
  const earlier = views.get(call);
  if (earlier && JSON.stringify(earlier.card) !== JSON.stringify(view.card)) newest = call;
  views.set(call, view);
  if (!cards.has(call)) {
    cards.set(call, new Card(call, setup));
    by("cards").append(cards.get(call).element);
    if (!chosen) chosen = call;
  }
  cards.get(call).show(view);
  list();
}

function gone(call) {
  cards.get(call)?.element.remove();
  cards.delete(call);
  views.delete(call);
  if (chosen === call) chosen = [...cards.keys()][0] ?? "";
  list();
}

function choose(call) {
  chosen = call;
  if (newest === call) newest = "";
  list();
}

function rows() {
  return [...views].map(([call, view]) => ({ call, view, newest: call === newest && call !== chosen, current: call === chosen }));
}

function list() {
  for (const [call, card] of cards) card.element.hidden = call !== chosen;
  bar.show(rows(), answers);
  const focused = document.activeElement?.dataset?.call;
  by("open").replaceChildren(...rows().map((row) => bar.item(document, row)), ...answers.map((one) => bar.answer(document, one)));
  by("none-open").hidden = views.size + answers.length > 0;
  if (focused) by("open").querySelector(`[data-call="${focused}"]`)?.focus();
}

by("dock").addEventListener("click", () => bar.open());
live({
  show: setup.replies ? ["place", "replies"] : ["place"],
  on: { place, call: shown, replies(now) { answers = now; list(); } },
  gone: { call: gone },
});
