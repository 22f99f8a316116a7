// Agents, queues and the last hours, as they are now.

import { live } from "../pages/live.js";
import { FLOOR, age, clock, make, plain, since, tick } from "./words.js";

const board = document.getElementById("board");
const by = (id) => document.getElementById(id);
const chosen = { queue: "", skill: "", language: "" };
let newest = null;

for (const id of Object.keys(chosen)) {
  by(id).addEventListener("change", () => { chosen[id] = by(id).value; draw(); });
}
by("large").addEventListener("click", () => {
  const large = board.classList.toggle("large");
  by("large").setAttribute("aria-pressed", String(large));
});

const share = (value) => (value === null ? "–" : `${Math.round(100 * value)} %`);
const seconds = (value) => (value === null ? "–" : age(value));

function row(...cells) {
  const made = make("tr");
  cells.forEach((cell, place) => {
    const one = make(place === 0 ? "th" : "td");
    if (place === 0) one.scope = "row";
    one.append(cell);
    made.append(one);
  });
  return made;
}

function options(id, values) {
  const known = new Set([...by(id).options].map((option) => option.value));
  for (const value of [...new Set(values)].sort()) {
    if (known.has(value)) continue;
    const option = make("option", value);
    option.value = value;
    by(id).append(option);
  }
}

function draw() {
  if (!newest) return;
  const queues = newest.queues.filter((one) => !chosen.queue || one.name === chosen.queue);
  const agents = newest.agents.filter((one) =>
    (!chosen.queue || one.queues.includes(chosen.queue)) && (!chosen.skill || one.skills.includes(chosen.skill)) && (!chosen.language || one.language === chosen.language));
  const all = chosen.queue && queues.length ? queues[0].figures : newest.together;
  const waiting = queues.reduce((sum, one) => sum + one.waiting, 0);
  const longest = queues.map((one) => one.longest_since).filter(Boolean).sort()[0];
  tiles([
    ["Waiting", String(waiting)], ["Longest", longest ? since(longest, "") : "–"],
    ["In time", share(all.service_level)], ["Abandoned", share(all.abandonment)],
    ...(newest.messages ? [["Messages waiting", String(newest.messages)]] : []),
    ["Served", String(all.answered)], ["Ready", String(agents.filter((one) => one.state === "ready").length)],
  ]);
  by("queues").replaceChildren(...queues.map((one) => row(
    one.name, String(one.waiting), one.longest_since ? since(one.longest_since) : "–", String(one.ringing), String(one.served),
    String(one.ready), share(one.figures.service_level), share(one.figures.abandonment), seconds(one.figures.average_wait))));
  by("agents").replaceChildren(...agents.map(agent));
  plot(newest.last_hours);
  tick();
}

function tiles(pairs) {
  by("tiles").replaceChildren(...pairs.map(([words, value]) => {
    const tile = make("li");
    const strong = make("strong");
    strong.append(value);
    tile.append(strong, words);
    return tile;
  }));
}

function agent(one) {
  const told = make("span");
  const dot = make("span", "", `dot ${one.state}`);
  dot.setAttribute("aria-hidden", "true");
  told.append(dot, ` ${FLOOR[one.state] ?? one.state}${one.reason ? `: ${plain(one.reason)}` : ""}`);
  let call = "–";
  if (one.call) {
    call = make("a", one.queue);
    call.href = `/interactions/${encodeURIComponent(one.call)}`;
  }
  return row(one.name, told, one.since ? since(one.since) : "–", one.queues.join(", "), call);
}

const SVG = "http://www.w3.org/2000/svg";

function plot(pieces) {
  const most = Math.max(1, ...pieces.map((one) => one.figures.offered));
  const svg = document.createElementNS(SVG, "svg");
  const width = 100 / pieces.length;
  svg.setAttribute("role", "img");
  const sum = (name) => pieces.reduce((total, one) => total + one.figures[name], 0);
  svg.setAttribute("aria-label", `Callers in line each quarter of an hour: ${sum("answered")} answered, ${sum("abandoned")} abandoned, at most ${most} in one quarter.`);
  pieces.forEach(({ at, figures }, place) => {
    let base = 88;
    for (const [kind, count] of [["answered", figures.answered], ["left", figures.abandoned], ["other", figures.offered - figures.answered - figures.abandoned]]) {
      const height = (80 * count) / most;
      base -= height;
      const bar = document.createElementNS(SVG, "rect");
      bar.setAttribute("class", kind);
      for (const [name, value] of [["x", `${place * width + 0.2}%`], ["y", `${base}%`], ["width", `${width - 0.4}%`], ["height", `${height}%`]]) bar.setAttribute(name, value);
      const words = document.createElementNS(SVG, "title");
      words.textContent = `${clock(at)}: ${count} ${kind === "left" ? "abandoned" : kind}`;
      bar.append(words);
      svg.append(bar);
    }
    if (place % 4 === 0) {
      const label = document.createElementNS(SVG, "text");
      label.setAttribute("x", `${place * width}%`);
      label.setAttribute("y", "99%");
      label.textContent = clock(at);
      svg.append(label);
    }
  });
  by("plot").replaceChildren(svg);
}

live({
  show: ["wallboard"],
  on: {
    wallboard(now) {
      newest = now;
      options("skill", now.agents.flatMap((one) => one.skills));
      options("language", now.agents.map((one) => one.language));
      draw();
    },
  },
});
