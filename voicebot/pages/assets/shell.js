// Keeps a sign-in alive while somebody works, asks before it ends for want of a click, and shows the door when it has ended.

import { post, signInAgain } from "./post.js";

const TOLD_EVERY = 60_000; // milliseconds between two signs of life
const ASKED_BEFORE = 120_000;

const idleFor = Number(document.body.dataset.idleSeconds) * 1000;
const dialog = document.getElementById("idle");
const left = document.getElementById("idle-left");
let active = Date.now();
let told = Date.now();

async function tell() {
  told = Date.now();
  try {
    await post("/activity");
  } catch {
    told = 0; // again at the next sign of life
  }
}

function somebodyIsHere() {
  active = Date.now();
  if (!dialog.open && active - told > TOLD_EVERY) tell();
}

async function look() {
  const remains = idleFor - (Date.now() - active);
  if (remains <= 0) {
    const answer = await fetch("/present").catch(() => null); // another page of the same sign-in may have been used
    if (answer?.status === 401) return signInAgain();
    if (answer?.ok) active = Date.now() - idleFor + ASKED_BEFORE;
  } else if (remains <= Math.min(ASKED_BEFORE, idleFor / 2) && !dialog.open) {
    dialog.showModal();
  }
  if (dialog.open) left.textContent = remains > 60_000 ? "two minutes" : `${Math.max(1, Math.ceil(remains / 1000))} seconds`;
}

document.getElementById("idle-stay").addEventListener("click", () => {
  dialog.close();
  active = Date.now();
  tell();
});
dialog.addEventListener("cancel", () => {
  active = Date.now();
  tell();
});
for (const sign of ["pointerdown", "keydown", "wheel"]) {
  document.addEventListener(sign, somebodyIsHere, { passive: true });
}
setInterval(look, 1000);
