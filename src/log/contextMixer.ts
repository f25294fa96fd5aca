import { exp } from '../kernel/math/exp.js';
import { log } from '../kernel/math/log.js';

/** Predicts bits from several contexts at once, and learns from each. */
export interface ContextMixer {
  /** The hash of each context; write them before the first bit of a symbol. */
  readonly contexts: Int32Array;
  /** Further inputs, as log-odds of a one; 0 says nothing. Write them before each bit. */
  readonly extra: Float64Array;
  /**
   * The probability that the next bit is 1, in (0, 1). `node` is what is known of the symbol so far, from 1 up, `set` the
   * set of weights to mix with.
   */
  predict(node: number, set: number): number;
  /** Learns the bit that came. */
  learn(bit: number): void;
  /** The arrays that hold all it knows, to be copied to and from. */
  readonly state: Readonly<Record<string, Uint16Array | Uint8Array | Int32Array | Float64Array>>;
}

/** How large a mixer is. */
export interface ContextMixerOptions {
  /** How many contexts, and how many further inputs. */
  readonly contexts: number;
  readonly extra: number;
  /** Sets of weights. */
  readonly sets: number;
  /** Logarithm of the number of counters. */
  readonly tableBits: number;
}

const LEVELS = 4096; // of probabilities in the table of their log-odds
const MOST_COUNT = 255;
const CLASSES = 8; // of counts, each with a weight of its own
const HIGHEST = 65535;
const FIRST_RATE = 0.02;
const LAST_RATE = 0.0015;
const SLOWER = 0.9998;
const REFINED = 33; // places of the final correction
const REACH = 8; // log-odds at its ends

/** ln(p / (1 − p)) of the middle of each level. */
const STRETCH = /* @__PURE__ */ Float64Array.from({ length: LEVELS }, (_, i) =>
  log((i + 0.5) / LEVELS / (1 - (i + 0.5) / LEVELS)),
);
/** How far a counter moves: 1 / (n + 1.6), down to 1/160. */
const RATES = /* @__PURE__ */ Float64Array.from({ length: MOST_COUNT + 1 }, (_, n) => 1 / Math.min(n + 1.6, 160));
const CLASS = /* @__PURE__ */ Uint8Array.from({ length: MOST_COUNT + 1 }, (_, n) =>
  n < 4 ? n : n < 8 ? 4 : n < 24 ? 5 : n < 100 ? 6 : 7,
);

/**
 * Makes a mixer of predictions of bits: each context has a counter of its own in a hashed table, whose probability enters as
 * log-odds; they are added with weights that are learned online by gradient descent on the coding cost, and corrected by
 * what came at such predictions before. Only IEEE additions, products and quotients and the kernel's exponential decide,
 * so that the bits are the same on every engine. Mahoney, Adaptive Weighing of Context Models for Lossless Data
 * Compression, 2005 (PAQ); Mattern, Mixing Strategies in Data Compression, 2012.
 */
export function contextMixer({ contexts: count, extra: more, sets, tableBits }: ContextMixerOptions): ContextMixer {
  const inputs = count + more + 1; // the last one is constant
  const mask = (1 << tableBits) - 1;
  const chances = new Uint16Array(1 << tableBits).fill(32768);
  const counts = new Uint8Array(1 << tableBits);
  const weights = new Float64Array(sets * inputs * CLASSES).fill(0.3);
  const refined = new Float64Array(sets * REFINED);
  for (let i = 0; i < refined.length; i++) refined[i] = 1 / (1 + exp(-(((i % REFINED) - 16) * REACH) / 16));
  const rate = Float64Array.of(FIRST_RATE);

  const contexts = new Int32Array(count);
  const extra = new Float64Array(more);
  const places = new Int32Array(count);
  const at = new Int32Array(inputs); // where each weight is
  const x = new Float64Array(inputs);
  let mixed = 0;
  let place = 0; // of the correction
  let share = 0;

  return {
    contexts,
    extra,
    predict(node, set) {
      let sum = 0;
      const base = set * inputs * CLASSES;
      const turned = Math.imul(node, 0x2545f491);
      for (let i = 0; i < count; i++) {
        let hash = contexts[i]! ^ turned;
        hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
        const found = (hash ^ (hash >>> 13)) & mask;
        places[i] = found;
        const seen = counts[found]!;
        const weight = base + i * CLASSES + CLASS[seen]!;
        at[i] = weight;
        const input = seen === 0 ? 0 : STRETCH[chances[found]! >> 4]!;
        x[i] = input;
        sum += weights[weight]! * input;
      }
      for (let i = 0; i < more; i++) {
        const weight = base + (count + i) * CLASSES;
        at[count + i] = weight;
        x[count + i] = extra[i]!;
        sum += weights[weight]! * extra[i]!;
      }
      const last = inputs - 1;
      at[last] = base + last * CLASSES;
      x[last] = 0.3;
      sum += weights[at[last]]! * 0.3;
      mixed = 1 / (1 + exp(-(sum > 20 ? 20 : sum < -20 ? -20 : sum)));

      const where = (Math.min(Math.max(sum, -REACH), REACH) + REACH) * 2;
      const low = Math.min(Math.floor(where), REFINED - 2);
      share = where - low;
      place = set * REFINED + low;
      const corrected = refined[place]! * (1 - share) + refined[place + 1]! * share;
      const p = Math.abs(sum) < REACH ? 0.5 * (mixed + corrected) : 0.75 * mixed + 0.25 * corrected;
      return Math.min(Math.max(p, 1 / 65536), 65535 / 65536);
    },
    learn(bit) {
      const error = (bit - mixed) * rate[0]!;
      for (let i = 0; i < inputs; i++) weights[at[i]!]! += error * x[i]!;
      const target = bit * HIGHEST;
      for (let i = 0; i < count; i++) {
        const found = places[i]!;
        const seen = counts[found]!;
        const chance = chances[found]!;
        chances[found] = chance + (target - chance) * RATES[seen]!;
        if (seen < MOST_COUNT) counts[found] = seen + 1;
      }
      refined[place]! += (bit - refined[place]!) * 0.02 * (1 - share);
      refined[place + 1]! += (bit - refined[place + 1]!) * 0.02 * share;
      if (rate[0]! > LAST_RATE) rate[0]! *= SLOWER;
    },
    state: { chances, counts, weights, refined, rate, contexts },
  };
}
