// Makes 20 ms frames of 8 kHz mu-law (G.711) of what the microphone hears, whatever rate it has.
const RATE = 8000, FRAME = 160, BIAS = 132, LOUDEST = 32635;

function mulaw(sample) {
  const sign = sample < 0 ? 0x80 : 0;
  const level = Math.min(Math.abs(sample), LOUDEST) + BIAS;
  const exponent = Math.max(0, Math.floor(Math.log2(level)) - 7);
  return ~(sign | (exponent << 4) | ((level >> (exponent + 3)) & 0x0f)) & 0xff;
}

class Capture extends AudioWorkletProcessor {
  constructor() {
    super();
    this.step = sampleRate / RATE;
    this.sum = 0; this.count = 0; this.due = this.step;
    this.frame = new Uint8Array(FRAME); this.filled = 0;
  }

  // The mean of the samples between two of ours keeps most of what is above 4 kHz from folding down.
  process(inputs) {
    const heard = inputs[0][0];
    if (!heard) return true;
    for (const sample of heard) {
      this.sum += sample; this.count += 1; this.due -= 1;
      if (this.due > 0) continue;
      this.due += this.step;
      this.frame[this.filled++] = mulaw(Math.round((this.sum / this.count) * 32767));
      this.sum = 0; this.count = 0;
      if (this.filled === FRAME) { this.port.postMessage(this.frame.slice()); this.filled = 0; }
    }
    return true;
  }
}

registerProcessor("capture", Capture);
