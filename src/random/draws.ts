import { log } from './log.js';
import type { Random, RandomState } from './random.js';

/** A stream of random words, and its registers for states. */
export interface Words {
  /** The generator's name in states. */
  readonly generator: string;
  /** The next 32 random bits, as a number in 0 … 2^32 - 1. */
  word(): number;
  /** A copy of the registers. */
  save(): number[];
  /** Takes over registers that `save` gave; false, and no change, where they cannot be that. */
  load(registers: readonly number[]): boolean;
}

const TO_26 = 67108864;
const TO_32 = 4294967296;
const TO_53 = 9007199254740992;

/**
 * Makes a `Random` of a stream of words, by the methods of NumPy's legacy `RandomState`.
 *
 * A number takes two words; a bounded integer masks a word (two above 2^32, high first) and rejects; normal deviates
 * come in pairs by Marsaglia's polar method (SIAM Review 6, 1964), the second of a pair first; a shuffle goes from the
 * last place down (Durstenfeld, Algorithm 235, CACM 7, 1964).
 */
export function draws(words: Words): Random {
  let kept: number | null = null;

  return {
    uniform(low = 0, high = 1): number {
      const width = high - low;
      if (!(width >= 0 && width < Infinity)) {
        throw new RangeError(`uniform: low and high must be finite and low <= high, got ${low} and ${high}`);
      }
      const value = low + width * unit(words);
      // In a range narrow beside its ends the sum may round up to `high`, which does not belong to the range.
      return value < high ? value : low;
    },

    normal(mean = 0, deviation = 1): number {
      if (!(deviation >= 0 && deviation < Infinity && Number.isFinite(mean))) {
        throw new RangeError(`normal: mean must be finite and deviation 0 or more, got ${mean} and ${deviation}`);
      }
      if (kept !== null) {
        const value = kept;
        kept = null;
        return mean + deviation * value;
      }
      let x = 0;
      let y = 0;
      let square = 0;
      do {
        x = 2 * unit(words) - 1;
        y = 2 * unit(words) - 1;
        square = x * x + y * y;
      } while (square >= 1 || square === 0);
      const factor = Math.sqrt((-2 * log(square)) / square);
      kept = factor * x;
      return mean + deviation * (factor * y);
    },

    integer(n: number): number {
      if (!(Number.isSafeInteger(n) && n > 0)) {
        throw new RangeError(`integer: n must be a whole number from 1 to 2^53 - 1, got ${n}`);
      }
      return upTo(words, n - 1);
    },

    shuffle<T>(array: T[]): T[] {
      return shuffled(words, array);
    },

    permutation(n: number): number[] {
      if (!(Number.isInteger(n) && n >= 0 && n < TO_32)) {
        throw new RangeError(`permutation: n must be a whole number from 0 to 2^32 - 1, got ${n}`);
      }
      return shuffled(
        words,
        Array.from({ length: n }, (_, i) => i),
      );
    },

    choice(weights: ArrayLike<number>): number {
      let total = 0;
      for (let i = 0; i < weights.length; i++) {
        const weight = weights[i]!;
        if (!(weight >= 0)) throw new RangeError(`choice: weights must be 0 or more, got ${weight} at ${i}`);
        total += weight;
      }
      if (!(total > 0 && total < Infinity)) {
        throw new RangeError(`choice: the sum of the weights must be finite and above 0, got ${total}`);
      }
      const target = unit(words);
      let sum = 0;
      // The last sum is the total, 1 when divided by itself and above every target: the loop ends before the weights do.
      for (let i = 0; ; i++) {
        sum += weights[i]!;
        if (sum / total > target) return i;
      }
    },

    state(): RandomState {
      return { generator: words.generator, registers: words.save(), kept };
    },

    restore(state: RandomState): void {
      const given: unknown = state;
      if (typeof given !== 'object' || given === null) {
        throw new TypeError(`restore: state must be what state() gave, got ${given === null ? 'null' : typeof given}`);
      }
      if (state.generator !== words.generator) {
        throw new TypeError(
          `restore: state must be of generator ${words.generator}, got ${JSON.stringify(state.generator) ?? 'none'}`,
        );
      }
      if (state.kept !== null && !Number.isFinite(state.kept)) {
        throw new TypeError(`restore: kept must be null or a finite number, got ${String(state.kept)}`);
      }
      const { registers } = state;
      if (!Array.isArray(registers) || !registers.every(Number.isFinite) || !words.load(registers)) {
        throw new TypeError(`restore: registers must be those of a state of generator ${words.generator}`);
      }
      kept = state.kept;
    },
  };
}

/** A number in [0, 1) of 53 bits. */
function unit(words: Words): number {
  const high = words.word() >>> 5;
  const low = words.word() >>> 6;
  return (high * TO_26 + low) / TO_53;
}

/** One of 0 … last. */
function upTo(words: Words, last: number): number {
  if (last === 0) return 0;
  if (last < TO_32) {
    const mask = ones(last);
    for (;;) {
      const value = (words.word() & mask) >>> 0;
      if (value <= last) return value;
    }
  }
  const mask = ones(Math.floor(last / TO_32));
  for (;;) {
    const high = (words.word() & mask) >>> 0;
    const value = high * TO_32 + words.word();
    if (value <= last) return value;
  }
}

function shuffled<T>(words: Words, array: T[]): T[] {
  for (let i = array.length - 1; i > 0; i--) {
    const j = upTo(words, i);
    const value = array[i]!;
    array[i] = array[j]!;
    array[j] = value;
  }
  return array;
}

/** All the bits up to the highest of a word that is not 0. */
function ones(word: number): number {
  return -1 >>> Math.clz32(word);
}
