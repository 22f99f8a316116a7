// A telephone: one socket to the simulator's exchange, a microphone, a loudspeaker and twelve keys.
import { Loudspeaker } from "./sound.js";

const { base, number } = document.body.dataset;
const by = (id) => document.getElementById(id);
const socket = new WebSocket(`ws://${location.host}${base}/line/${number}`);
socket.binaryType = "arraybuffer";
const context = new AudioContext();
const loudspeaker = new Loudspeaker(context);
let microphone = null, inCall = false;

const tell = (message) => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify(message));
const state = (words) => { by("state").textContent = words; };

function words(text) {
  const line = document.createElement("p");
  line.textContent = text;
  by("words").append(line);
  by("words").scrollTop = by("words").scrollHeight;
}

function live(on) {
  inCall = on;
  by("hangup").disabled = !on;
  for (const key of by("keys").children) key.disabled = !on;
  if (by("call")) by("call").disabled = on;
  if (by("answer")) by("answer").disabled = true;
  if (!on) { loudspeaker.hush(); microphone?.getTracks().forEach((track) => track.stop()); microphone = null; }
}

async function listen() {
  await context.resume();
  try {
    microphone = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: false } });
  } catch {
    words("No microphone: keys only.");
    return;
  }
  await context.audioWorklet.addModule(`${base}/capture.js`);
  const capture = new AudioWorkletNode(context, "capture", { numberOfOutputs: 0 });
  capture.port.onmessage = ({ data }) => inCall && socket.readyState === WebSocket.OPEN && socket.send(data);
  context.createMediaStreamSource(microphone).connect(capture);
}

const heard = {
  ringing({ from }) { state(`Rings: ${from}`); live(true); by("answer").disabled = false; by("answer").focus(); },
  say({ text, id }) { state("In a call"); words(text); loudspeaker.say(text, () => tell({ kind: "done", id })); },
  play({ audio, id }) { words("♪"); loudspeaker.play(audio, () => tell({ kind: "done", id })); },
  hush() { loudspeaker.hush(); },
  together() { state("Connected: you can talk"); },
  alone() { state("The other one is gone"); },
  refused({ why }) { state(why); live(false); },
  ended({ by: who }) { state(`Ended by ${who}`); live(false); },
};

socket.onopen = () => state(number ? "Waits for a call" : "Ready to call");
socket.onclose = () => { state("The simulator is gone"); live(false); };
socket.onmessage = ({ data }) => {
  if (typeof data !== "string") { loudspeaker.voice(new Uint8Array(data)); return; }
  const message = JSON.parse(data);
  heard[message.kind]?.(message);
};

for (const key of "123456789*0#") {
  const button = document.createElement("button");
  button.type = "button"; button.textContent = key; button.disabled = true;
  button.setAttribute("aria-label", { "*": "star", "#": "pound" }[key] ?? key);
  button.onclick = () => tell({ kind: "key", key });
  by("keys").append(button);
}
document.addEventListener("keydown", (event) => {
  const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
  if (inCall && !typing && "0123456789*#".includes(event.key) && event.key.length === 1) tell({ kind: "key", key: event.key });
});
by("hangup").onclick = () => tell({ kind: "hangup" });
if (by("answer")) by("answer").onclick = async () => { live(true); state("Answered"); await listen(); tell({ kind: "answer" }); };
if (by("dial")) {
  by("dial").onsubmit = async (event) => {
    event.preventDefault();
    by("words").replaceChildren();
    live(true); state("Calling"); await listen();
    by("keys").firstChild.focus();
    tell({ kind: "call", line: by("line").value, from: by("from").value.trim() });
  };
}
