// What is heard: words by the browser's own voice, recordings, and the other one's voice as mu-law.
const AHEAD = 0.06;

function linear(byte) {
  const bits = ~byte & 0xff;
  const level = (((bits & 0x0f) << 3) + 132) << ((bits >> 4) & 7);
  return (bits & 0x80 ? 132 - level : level - 132) / 32768;
}

export class Loudspeaker {
  constructor(context) { this.context = context; this.source = null; this.until = 0; }

  say(text, ended) {
    const voices = window.speechSynthesis;
    // Some browsers have no voice at all: then the words are shown for as long as they would take.
    if (!voices || voices.getVoices().length === 0) { this.timer = setTimeout(ended, (text.length / 15) * 1000); return; }
    const words = new SpeechSynthesisUtterance(text);
    words.onend = ended; words.onerror = ended;
    voices.speak(words);
  }

  async play(wave, ended) {
    const bytes = Uint8Array.from(atob(wave), (letter) => letter.charCodeAt(0));
    try {
      const sound = await this.context.decodeAudioData(bytes.buffer);
      this.source = new AudioBufferSourceNode(this.context, { buffer: sound });
      this.source.connect(this.context.destination);
      this.source.onended = ended;
      this.source.start();
    } catch { ended(); }
  }

  hush() {
    clearTimeout(this.timer);
    window.speechSynthesis?.cancel();
    if (this.source) { this.source.onended = null; this.source.stop(); this.source = null; }
  }

  voice(mulaw) {
    const sound = this.context.createBuffer(1, mulaw.length, 8000);
    sound.getChannelData(0).set(Float32Array.from(mulaw, linear));
    const source = new AudioBufferSourceNode(this.context, { buffer: sound });
    source.connect(this.context.destination);
    this.until = Math.max(this.until, this.context.currentTime + AHEAD);
    source.start(this.until);
    this.until += sound.duration;
  }
}
