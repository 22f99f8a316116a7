// A small window that stays on top and lists the open interactions, the newest change flagged; a click brings one to focus.
// Where the browser has no Document Picture-in-Picture, it is an ordinary small window.

import { DOINGS, OVER, make, since, state, tick, watch } from "./words.js";

const SIZE = { width: 320, height: 260 };

export class Bar {
  constructor(files, chosen) {
    this.files = files;
    this.chosen = chosen;
    this.window = null;
    this.rows = [];
    this.answers = [];
  }

  async open() {
    if (this.window && !this.window.closed) { this.window.focus(); return; }
    if ("documentPictureInPicture" in window) {
      this.window = await window.documentPictureInPicture.requestWindow(SIZE);
      this.dress(this.window.document);
    } else {
      this.window = window.open(this.files.bar, "voicebot-bar", `popup,width=${SIZE.width},height=${SIZE.height}`);
      if (!this.window) return;
      await new Promise((ready) => { this.window.addEventListener("load", ready, { once: true }); });
    }
    watch(this.window.document);
    this.draw();
  }

  dress(page) {
    for (const href of [this.files.shellStyle, this.files.barStyle]) {
      const sheet = page.createElement("link");
      sheet.rel = "stylesheet";
      sheet.href = href;
      page.head.append(sheet);
    }
    page.title = "Interactions";
    page.body.className = "bar";
    const list = page.createElement("ul");
    list.id = "bar";
    list.className = "open";
    const none = page.createElement("p");
    none.id = "bar-none";
    none.textContent = "Nothing rings and nobody is with you.";
    page.body.append(list, none);
  }

  show(rows, answers) {
    this.rows = rows;
    this.answers = answers;
    this.draw();
  }

  draw() {
    if (!this.window || this.window.closed) return;
    const page = this.window.document;
    page.getElementById("bar")?.replaceChildren(
      ...this.rows.map((row) => this.item(page, row)), ...this.answers.map((one) => this.answer(page, one)),
    );
    const none = page.getElementById("bar-none");
    if (none) none.hidden = this.rows.length + this.answers.length > 0;
    tick();
  }

  // What somebody has written: a click opens it beside the desk, whose calls go on.
  answer(page, one) {
    const line = make("li");
    const button = make("button", "", one.mine ? "" : "newest");
    button.type = "button";
    const below = make("span");
    below.append(`${one.way} · ${one.mine ? "yours" : "waits"} `, since(one.at));
    button.append(make("strong", one.name), make("span", one.text), below);
    button.addEventListener("click", () => window.open(one.url, "voicebot-message"));
    line.append(button);
    return page === document ? line : page.importNode(line, false).appendChild(page.adoptNode(button)).parentNode;
  }

  item(page, { call, view, newest, current }) {
    const { card } = view;
    const line = make("li");
    const button = make("button", "", newest ? "newest" : "");
    button.type = "button";
    button.dataset.call = call;
    button.setAttribute("aria-current", String(current));
    const doing = view.reservation && !view.accepted && !OVER.includes(card.doing) ? "rings for you" : DOINGS[card.doing] ?? card.doing;
    const below = make("span");
    below.append(`${card.queue} · ${doing} `, since(card.ended_at ? null : card.joined_at ?? card.waiting_since ?? card.started_at));
    button.append(state(card.assurance), make("strong", card.name || card.identifier || (card.callback ? "Unknown customer" : "Unknown caller")), below);
    button.addEventListener("click", () => this.chosen(call));
    line.append(button);
    return page === document ? line : page.importNode(line, false).appendChild(page.adoptNode(button)).parentNode;
  }
}
