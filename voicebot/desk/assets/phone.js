// This browser as the agent's phone, by the carrier's script: let in, rung, answered. The desk does everything else.

import { post } from "../pages/post.js";

const SCRIPT = "/desk/phone-script";
const AGAIN = [2, 5, 15, 60]; // seconds until the next try
const WORDS = {
  off: "This browser is not your phone now.",
  begins: "This browser is becoming your phone…",
  ready: "This browser is your phone.",
  rings: "This browser rings.",
  talks: "You speak through this browser.",
};
const MICROPHONE = "This browser may not use the microphone. Allow it beside the address, then reload the page.";
const MISSING = "The script for calls in the browser is not on the server. Choose another phone, and tell whoever runs it.";
const LOST = "The connection to the telephone company is lost; it is tried again. Until then, choose another phone.";

export class BrowserPhone {
  constructor(names, parts) {
    this.names = names; // of the phones that this browser can be
    this.parts = parts;
    this.name = null;
    this.device = null;
    this.call = null;
    this.tries = 0;
    parts.answer.addEventListener("click", () => this.pickUp());
    parts.hangUp.addEventListener("click", () => this.call?.disconnect());
    for (const key of parts.keys) key.addEventListener("click", () => this.call?.sendDigits(key.value));
    addEventListener("pagehide", () => this.close());
  }

  // Be this phone, if it is one that a browser can be; be none otherwise.
  use(name) {
    const wanted = this.names.includes(name) ? name : null;
    if (wanted === this.name) return;
    this.close();
    this.name = wanted;
    this.parts.whole.hidden = wanted === null;
    if (wanted !== null) this.open();
  }

  // Whether there was something to pick up.
  pickUp() {
    if (!this.call || this.state !== "rings") return false;
    this.call.accept();
    return true;
  }

  async open() {
    const { name } = this;
    this.show("begins");
    try {
      await script();
      const { token } = await post("/desk/phone-token", { phone: name });
      if (this.name !== name) return;
      this.device = new window.Twilio.Device(token, { closeProtection: true, logLevel: "silent" });
      this.listen(this.device, name);
      await this.device.register();
    } catch (trouble) {
      this.lost(trouble);
    }
  }

  listen(device, name) {
    device.on("registered", () => { this.tries = 0; if (!this.call) this.show("ready"); });
    device.on("unregistered", () => { if (this.device === device && !this.call) this.lost(new Error(LOST)); });
    device.on("error", (trouble) => this.lost(trouble));
    device.on("incoming", (call) => this.rung(call));
    device.on("tokenWillExpire", async () => {
      try {
        const { token } = await post("/desk/phone-token", { phone: name });
        device.updateToken(token);
      } catch { /* the carrier says so when it is over */ }
    });
  }

  rung(call) {
    if (this.call) { call.reject(); return; }
    this.call = call;
    this.show("rings");
    call.on("accept", () => this.show("talks"));
    for (const end of ["cancel", "disconnect", "reject"]) call.on(end, () => this.over(call));
    call.on("error", (trouble) => { this.over(call); this.say(words(trouble)); });
  }

  over(call) {
    if (this.call !== call) return;
    this.call = null;
    this.show("ready");
  }

  lost(trouble) {
    this.say(words(trouble));
    if (this.call || this.name === null || trouble.message === MISSING) return;
    this.device?.destroy();
    this.device = null;
    const pause = AGAIN[Math.min(this.tries, AGAIN.length - 1)];
    this.tries += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { if (this.name !== null && !this.device) this.open(); }, pause * 1000);
  }

  close() {
    clearTimeout(this.timer);
    this.device?.destroy();
    this.device = null;
    this.call = null;
    this.show("off");
  }

  show(state) {
    this.state = state;
    this.say(WORDS[state]);
    this.parts.answer.hidden = state !== "rings";
    this.parts.hangUp.hidden = state !== "talks";
    for (const key of this.parts.keys) key.hidden = state !== "talks";
  }

  say(sentence) { this.parts.status.textContent = sentence; }
}

function words(trouble) {
  if (trouble.code === 31401 || trouble.name === "NotAllowedError") return MICROPHONE;
  return trouble.code ? `${LOST} (${trouble.code})` : trouble.message || LOST;
}

let coming = null;

function script() {
  coming ??= new Promise((ready, failed) => {
    const element = document.createElement("script");
    element.src = SCRIPT;
    element.addEventListener("load", ready, { once: true });
    element.addEventListener("error", () => { coming = null; failed(new Error(MISSING)); }, { once: true });
    document.head.append(element);
  });
  return coming;
}
