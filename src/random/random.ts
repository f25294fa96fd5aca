import type { Numbers } from '../types.js';

/**
 * The state of a stream of random numbers: plain JSON and complete, so that `restore` continues with the same draws.
 */
export interface RandomState {
  /** The generator whose state this is: `seeded`, `numpy` or `torch`. */
  readonly generator: string;
  /** The generator's own registers, finite numbers. */
  readonly registers: readonly number[];
  /** The second normal deviate of a pair, kept for the next `normal`; null where there is none. */
  readonly kept: number | null;
}

/**
 * A stream of random numbers: an argument of everything random, never a global.
 *
 * All calls draw from one stream, so that the results for a seed depend on the order of calls.
 */
export interface Random {
  /**
   * Returns a number in [low, high), by default [0, 1), of 53 random bits unless the generator says otherwise.
   * A RangeError unless low <= high, both finite.
   */
  uniform(low?: number, high?: number): number;
  /** Returns a normal deviate with a mean (0) and a standard deviation (1). A RangeError for a negative deviation. */
  normal(mean?: number, deviation?: number): number;
  /**
   * Fills an array with standard normal deviates, for generators that draw many at once in another way than one by one.
   * Where it is absent, `normal` draws each.
   */
  normals?(data: Numbers): void;
  /** Returns an integer in 0 … n - 1, all equally likely. A RangeError unless n is an integer from 1 to 2^53 - 1. */
  integer(n: number): number;
  /** Shuffles an array in place, every order equally likely, and returns it. */
  shuffle<T>(array: T[]): T[];
  /** Returns 0 … n - 1 in a random order. A RangeError unless n is an integer from 0 to 2^32 - 1. */
  permutation(n: number): number[];
  /**
   * Returns an index into `weights`, each with a probability proportional to its weight; the sum need not be 1.
   * A RangeError unless the weights are finite, none is negative and their sum is above 0.
   */
  choice(weights: ArrayLike<number>): number;
  /** Returns the state of the stream, for `restore`; draws nothing. */
  state(): RandomState;
  /** Sets the stream to a state. An error, and no change, for the state of another generator or a damaged one. */
  restore(state: RandomState): void;
}
