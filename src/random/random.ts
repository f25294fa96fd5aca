import type { Numbers } from '../types.js';

/**
 * Where a stream of random numbers stands: plain JSON and complete, so that `restore` goes on with the same draws.
 */
export interface RandomState {
  /** The maker whose state this is: `seeded`, `numpy` or `torch`. */
  readonly generator: string;
  /** The generator's own registers, finite numbers. */
  readonly registers: readonly number[];
  /** The second normal deviate of a pair, kept for the next `normal`; null where none is. */
  readonly kept: number | null;
}

/**
 * A stream of random numbers: an argument wherever chance comes in, never a global.
 *
 * Each call draws from the one stream, so that the order of calls is part of what a seed gives.
 */
export interface Random {
  /**
   * Gives a number in [low, high), 0 and 1 if not said, of 53 random bits where the generator says no other figure.
   * RangeError unless low <= high, both finite.
   */
  uniform(low?: number, high?: number): number;
  /** Gives a normal deviate of a mean (0) and a standard deviation (1). RangeError unless the deviation is 0 or more. */
  normal(mean?: number, deviation?: number): number;
  /**
   * Fills an array with standard normal deviates: for generators that draw many at once otherwise than one by one.
   * Where it is absent, `normal` gives each.
   */
  normals?(data: Numbers): void;
  /** Gives one of 0 … n - 1, each as likely. RangeError unless n is a whole number from 1 to 2^53 - 1. */
  integer(n: number): number;
  /** Brings an array into a random order in place, every order as likely, and returns it. */
  shuffle<T>(array: T[]): T[];
  /** Gives 0 … n - 1 in a random order. RangeError unless n is a whole number from 0 to 2^32 - 1. */
  permutation(n: number): number[];
  /**
   * Gives an index into `weights`, each as likely as its weight is large beside their sum; the sum need not be 1.
   * RangeError unless the weights are finite, none is negative and their sum is above 0.
   */
  choice(weights: ArrayLike<number>): number;
  /** Gives where the stream stands, for `restore`; draws nothing. */
  state(): RandomState;
  /** Puts the stream where a state says. An error, and no change, for another generator's state or a damaged one. */
  restore(state: RandomState): void;
}
