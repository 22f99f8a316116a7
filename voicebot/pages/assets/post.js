// Sends a command from a page: with this sign-in's token, and with a sentence for people when it is refused.

export class Refused extends Error {
  constructor(sentence, status) {
    super(sentence);
    this.status = status;
  }
}

const OFFLINE = "The server cannot be reached. Nothing was done; try again.";

export async function post(address, content = null) {
  const token = document.querySelector('meta[name="csrf"]')?.content ?? "";
  const headers = { Accept: "application/json", "X-CSRF-Token": token };
  if (content !== null) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(address, { method: "POST", headers, body: content === null ? null : JSON.stringify(content) });
  } catch {
    throw new Refused(OFFLINE, 0);
  }
  if (answer.status === 401) signInAgain();
  const told = answer.headers.get("Content-Type")?.startsWith("application/json") ? await answer.json() : {};
  if (!answer.ok) throw new Refused(told.error ?? "That was refused. Reload the page and try again.", answer.status);
  return told;
}

let leaving = false; // a form is being sent (to sign out, perhaps), and leads where it leads
addEventListener("submit", (event) => { leaving = !event.defaultPrevented; });

export function signInAgain() {
  if (leaving) return;
  const here = location.pathname + location.search;
  location.assign("/sign-in?next=" + encodeURIComponent(here));
}
