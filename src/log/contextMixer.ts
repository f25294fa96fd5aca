import { exp } from '../kernel/math/exp.js';
import { log } from '../kernel/math/log.js';

/** Predicts bits from several contexts at once, and learns from each. */
export interface ContextMixer {
  /** The hash of each context; write them before the first bit of a symbol. */
  readonly contexts: Int32Array;
  /** Further inputs, as log-odds of a one; 0 says nothing. Write them before each bit. */
  readonly extra: Float64Array;
  /** The set of weights that each mixture mixes with; write them before each bit. */
  readonly chosen: Int32Array;
  /** The probability that the next bit is 1, in (0, 1). `node` is what is known of the symbol so far, from 1 up. */
  predict(node: number): number;
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
  /** How many sets of weights each mixture chooses from; what the mixtures say is averaged. */
  readonly sets: readonly number[];
  /** Logarithm of the number of counters. */
  readonly tableBits: number;
}

const LEVELS = 4096; // of probabilities in the table of their log-odds
const MOST_COUNT = 255;
const CLASSES = 8; // of counts, each with a weight of its own
const HIGHEST = 65535;
const EVEN = 32768;
const FIRST_RATE = 0.02;
const LAST_RATE = 0.0015;
const SLOWER = 0.9998;
const REFINED = 33; // places of the final correction
const REACH = 8; // log-odds at its ends
const NOTHING = 1e-300; // below it a correction is 0: next to a prediction it is, and processors are slow with numbers below 2e-308

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
 * log-odds. A mixture adds them with weights that are learned online by gradient descent on the coding cost; the mean of the
 * mixtures is corrected by what came at such predictions before. A counter has a tag of its context, and one that was seldom
 * used makes room for another context. Only IEEE additions, products and quotients and the kernel's exponential decide,
 * so that the bits are the same on every engine. Mahoney, Adaptive Weighing of Context Models for Lossless Data
 * Compression, 2005 (PAQ); Mattern, Mixing Strategies in Data Compression, 2012.
 */
export function contextMixer({ contexts: count, extra: more, sets, tableBits }: ContextMixerOptions): ContextMixer {
  const inputs = count + more + 1; // the last one is constant
  const mixtures = sets.length;
  const size = inputs * CLASSES; // of a set of weights
  const mask = (1 << tableBits) - 1;
  const tags = new Uint8Array(1 << tableBits);
  const chances = new Uint16Array(1 << tableBits).fill(EVEN);
  const counts = new Uint8Array(1 << tableBits);
  const weights = sets.map((count) => new Float64Array(count * size).fill(0.3));
  const refined = new Float64Array(sets[0]! * REFINED);
  for (let i = 0; i < refined.length; i++) refined[i] = 1 / (1 + exp(-(((i % REFINED) - 16) * REACH) / 16));
  const rate = Float64Array.of(FIRST_RATE);

  const contexts = new Int32Array(count);
  const extra = new Float64Array(more);
  const chosen = new Int32Array(mixtures);
  const places = new Int32Array(count);
  const own = new Uint8Array(count); // tags of the contexts
  const at = new Int32Array(inputs); // where each weight is in its set
  const x = new Float64Array(inputs);
  x[inputs - 1] = 0.3;
  const mixed = new Float64Array(mixtures);
  let place = 0; // of the correction
  let share = 0;

  function correct(place: number, bit: number, share: number): void {
    const one = refined[place]! + (bit - refined[place]!) * 0.02 * share;
    refined[place] = one < NOTHING ? 0 : one;
  }
  return {
    contexts,
    extra,
    chosen,
    predict(node) {
      const turned = Math.imul(node, 0x2545f491);
      for (let i = 0; i < count; i++) {
        let hash = contexts[i]! ^ turned;
        hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
        hash ^= hash >>> 13;
        const tag = hash >>> 24;
        const first = hash & mask;
        const second = first ^ 1;
        let found = first;
        let seen = 0;
        if (tags[first] === tag) seen = counts[first]!;
        else if (tags[second] === tag) seen = counts[(found = second)]!;
        else if (counts[second]! < counts[first]!) found = second; // makes room for it, once it has come
        places[i] = found;
        own[i] = tag;
        at[i] = i * CLASSES + CLASS[seen]!;
        x[i] = seen === 0 ? 0 : STRETCH[chances[found]! >> 4]!;
      }
      for (let i = count; i < inputs; i++) at[i] = i * CLASSES;
      for (let i = 0; i < more; i++) x[count + i] = extra[i]!;
      let total = 0;
      for (let m = 0; m < mixtures; m++) {
        const set = weights[m]!;
        const base = chosen[m]! * size;
        let sum = 0;
        for (let i = 0; i < inputs; i++) sum += set[base + at[i]!]! * x[i]!;
        mixed[m] = squash(sum);
        total += sum;
      }
      const sum = total / mixtures;
      const mean = mixtures === 1 ? mixed[0]! : squash(sum);

      const where = (Math.min(Math.max(sum, -REACH), REACH) + REACH) * 2;
      const low = Math.min(Math.floor(where), REFINED - 2);
      share = where - low;
      place = chosen[0]! * REFINED + low;
      const corrected = refined[place]! * (1 - share) + refined[place + 1]! * share;
      const p = Math.abs(sum) < REACH ? 0.5 * (mean + corrected) : 0.75 * mean + 0.25 * corrected;
      return Math.min(Math.max(p, 1 / 65536), 65535 / 65536);
    },
    learn(bit) {
      for (let m = 0; m < mixtures; m++) {
        const error = (bit - mixed[m]!) * rate[0]!;
        const set = weights[m]!;
        const base = chosen[m]! * size;
        for (let i = 0; i < inputs; i++) set[base + at[i]!]! += error * x[i]!;
      }
      const target = bit * HIGHEST;
      for (let i = 0; i < count; i++) {
        const found = places[i]!;
        if (tags[found] !== own[i]) {
          tags[found] = own[i]!;
          counts[found] = 0;
          chances[found] = EVEN;
        }
        const seen = counts[found]!;
        const chance = chances[found]!;
        chances[found] = chance + (target - chance) * RATES[seen]!;
        if (seen < MOST_COUNT) counts[found] = seen + 1;
      }
      correct(place, bit, 1 - share);
      correct(place + 1, bit, share);
      if (rate[0]! > LAST_RATE) rate[0]! *= SLOWER;
    },
    state: {
      tags,
      chances,
      counts,
      refined,
      rate,
      contexts,
      ...Object.fromEntries(weights.map((set, m) => [`weights${m}`, set])),
    },
  };
}

/** 1 / (1 + e^−x), of log-odds that are not beyond 20. */
function squash(sum: number): number {
  return 1 / (1 + exp(-(sum > 20 ? 20 : sum < -20 ? -20 : sum)));
}
