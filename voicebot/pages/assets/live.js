// What a page shows stays true: pictures come as they change, a lost connection is said, and so is that it has caught up.
//
//   const feed = live({ show: ["place"], on: { place(now) {…}, call(now, id) {…} }, gone: { call(id) {…} } });
//
// `on` and `gone` are by the view's name; a keyed one (`call:4f…`) is told its key. Set texts with textContent only.

import { signInAgain } from "./post.js";

const SILENT = 25_000; // milliseconds without a word, when one is due every ten seconds
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 10_000;

const LOST = "Connection lost, trying again …";
const BACK = "Connected again, everything is up to date.";

export function live({ show, on = {}, gone = {}, whole = () => {} }) {
  const address = "/live?" + show.map((name) => "show=" + encodeURIComponent(name)).join("&");
  const status = document.getElementById("live-status");
  let source = null;
  let heard = Date.now();
  let lost = false;
  let pause = FIRST_PAUSE;
  let closed = false;
  let timer = null;

  function say(text, isLost) {
    if (status === null) return;
    status.textContent = text;
    status.classList.toggle("lost", isLost);
  }

  function open() {
    if (closed) return;
    heard = Date.now();
    source = new EventSource(address);
    for (const sign of ["open", "alive"]) source.addEventListener(sign, () => { heard = Date.now(); });
    source.addEventListener("shown", (event) => take(event, (picture, hook, key) => hook(picture.now, key), on));
    source.addEventListener("gone", (event) => take(event, (_picture, hook, key) => hook(key), gone));
    source.addEventListener("whole", caughtUp);
    source.addEventListener("ended", () => { stop(); signInAgain(); });
    source.addEventListener("away", () => { source.close(); again(FIRST_PAUSE * Math.random()); });
    source.addEventListener("error", () => { if (!closed) failed(); });
  }

  function take(event, use, hooks) {
    heard = Date.now();
    const picture = JSON.parse(event.data);
    const [view, ...key] = picture.of.split(":");
    if (Object.hasOwn(hooks, view)) use(picture, hooks[view], key.join(":"));
  }

  function caughtUp() {
    heard = Date.now();
    pause = FIRST_PAUSE;
    if (lost) say(BACK, false);
    else say("", false);
    lost = false;
    document.documentElement.dataset.live = "whole";
    whole();
  }

  function failed() {
    lost = true;
    say(LOST, true);
    document.documentElement.dataset.live = "lost";
    if (source.readyState === EventSource.CLOSED) refused(); // else the browser tries again by itself
  }

  async function refused() {
    const answer = await fetch("/present").catch(() => null);
    if (answer?.status === 401) { stop(); signInAgain(); return; }
    again(pause);
    pause = Math.min(2 * pause, LONGEST_PAUSE);
  }

  function again(after) {
    clearTimeout(timer);
    timer = setTimeout(open, after);
  }

  function stop() {
    closed = true;
    clearTimeout(timer);
    clearInterval(watch);
    source.close();
  }

  // A connection can die without a word: then nothing comes, not even the sign of life that is due every ten seconds.
  const watch = setInterval(() => {
    if (Date.now() - heard < SILENT || source.readyState !== EventSource.OPEN) return;
    source.close();
    failed();
  }, 5_000);

  open();
  return { stop };
}
