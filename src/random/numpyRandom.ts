import { wholeNumber } from '../check/wholeNumber.js';
import { draws } from './draws.js';
import { mt19937 } from './mt19937.js';
import { numpyMethods } from './numpyMethods.js';
import type { Random } from './random.js';

/** NumPy's generator: a `Random` that also returns its raw words. */
export interface NumpyRandom extends Random {
  /** Returns the next 32 random bits as a number in 0 … 2^32 - 1: NumPy's `randint(0, 2**32, dtype=uint32)`. */
  word(): number;
}

/**
 * Makes NumPy's legacy generator, `numpy.random.RandomState(seed)`, draw for draw: `uniform` is its `random_sample`
 * and `uniform`, `normal` its `randn` and `normal`, `integer` its `randint`, `choice(p)` its `choice(len(p), p=p)`;
 * `shuffle` and `permutation` have the same names.
 *
 * To seed again, make another one, which takes microseconds. A RangeError unless the seed is an integer from 0 to
 * 2^32 - 1, as in NumPy.
 *
 * ```ts
 * import { numpyRandom } from 'rxrnn';
 *
 * console.log(numpyRandom(0).uniform()); // -> 0.5488135039273248
 * ```
 */
export function numpyRandom(seed: number): NumpyRandom {
  wholeNumber(0, 4294967295)('numpyRandom', 'seed', seed);
  const words = mt19937('numpy', seed);
  return Object.assign(draws(words, numpyMethods), { word: () => words.word() });
}
