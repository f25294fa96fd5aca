import { draws } from './draws.js';
import { mt19937 } from './mt19937.js';
import { numpyMethods } from './numpyMethods.js';
import type { Random } from './random.js';

/** NumPy's generator: a `Random` that also gives its raw words. */
export interface NumpyRandom extends Random {
  /** Gives the next 32 random bits as a number in 0 … 2^32 - 1: NumPy's `randint(0, 2**32, dtype=uint32)`. */
  word(): number;
}

/**
 * Gives NumPy's legacy generator, `numpy.random.RandomState(seed)`, draw for draw: `uniform` is its `random_sample`
 * and `uniform`, `normal` its `randn` and `normal`, `integer` its `randint`, `choice(p)` its `choice(len(p), p=p)`;
 * `shuffle` and `permutation` have their names.
 *
 * To seed again, make another: it takes some microseconds. RangeError unless the seed is a whole number from 0 to
 * 2^32 - 1, as in NumPy.
 *
 * ```ts
 * import { numpyRandom } from 'rxrnn';
 *
 * console.log(numpyRandom(0).uniform()); // -> 0.5488135039273248
 * ```
 */
export function numpyRandom(seed: number): NumpyRandom {
  if (!(Number.isInteger(seed) && seed >= 0 && seed < 4294967296)) {
    throw new RangeError(`numpyRandom: seed must be a whole number from 0 to 2^32 - 1, got ${String(seed)}`);
  }
  const words = mt19937('numpy', seed);
  return Object.assign(draws(words, numpyMethods), { word: () => words.word() });
}
