import type { Check } from '../check/check.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { show } from '../check/show.js';
import { wholeNumber } from '../check/wholeNumber.js';
import type { Random, RandomState } from './random.js';
import type { Words } from './words.js';

/** How a generator turns the words of its stream into draws; `draws` has checked the arguments. */
export interface Methods {
  /** A number in [0, 1), for `choice`. */
  unit(words: Words): number;
  uniform(words: Words, low: number, high: number): number;
  /** Two independent standard normal deviates: one to return now, one to keep for the next call. */
  normals(words: Words): readonly [now: number, later: number];
  /** An integer in 0 … n - 1. */
  integer(words: Words, n: number): number;
  shuffle<T>(words: Words, array: T[]): T[];
}

/** The lengths of permutations and arrays. */
export const checkLength: Check = wholeNumber(0, 4294967295);

/**
 * Makes a `Random` from a stream of words and its methods: the checks, the kept deviate and the state of every generator.
 */
export function draws(words: Words, methods: Methods): Random {
  let kept: number | null = null;

  return {
    uniform(low = 0, high = 1): number {
      const width = high - low;
      if (!(width >= 0 && width < Infinity)) {
        throw new RangeError(`uniform: low and high must be finite and low <= high, got ${low} and ${high}`);
      }
      return methods.uniform(words, low, high);
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
      const [now, later] = methods.normals(words);
      kept = later;
      return mean + deviation * now;
    },

    integer(n: number): number {
      positiveInteger('integer', 'n', n);
      return methods.integer(words, n);
    },

    shuffle<T>(array: T[]): T[] {
      return methods.shuffle(words, array);
    },

    permutation(n: number): number[] {
      checkLength('permutation', 'n', n);
      return methods.shuffle(
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
      const target = methods.unit(words);
      const enough = target * total * (1 - 1e-15); // below it no quotient exceeds the target, however it is rounded
      let sum = 0;
      // The last sum is the total, which divided by itself is 1 and above every target: the loop ends within the weights.
      for (let i = 0; ; i++) {
        sum += weights[i]!;
        if (sum >= enough && sum / total > target) return i;
      }
    },

    state(): RandomState {
      return { generator: words.generator, registers: words.save(), kept };
    },

    restore(state: RandomState): void {
      const given: unknown = state;
      if (typeof given !== 'object' || given === null) {
        throw new TypeError(`restore: state must be what state() returned, got ${show(given)}`);
      }
      if (state.generator !== words.generator) {
        throw new TypeError(`restore: state must be of generator ${words.generator}, got ${show(state.generator)}`);
      }
      if (state.kept !== null && !Number.isFinite(state.kept)) {
        throw new TypeError(`restore: kept must be null or a finite number, got ${show(state.kept)}`);
      }
      const { registers } = state;
      if (!Array.isArray(registers) || !registers.every(Number.isFinite) || !words.load(registers)) {
        throw new TypeError(`restore: registers must be those of generator ${words.generator}`);
      }
      kept = state.kept;
    },
  };
}
