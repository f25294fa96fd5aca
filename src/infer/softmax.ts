import { refuse } from '../check/refuse.js';
import { orInfinity } from '../check/orInfinity.js';
import { positive } from '../check/positive.js';
import { exp } from '../kernel/math/exp.js';
import type { Numbers } from '../types.js';

/**
 * Computes the probabilities of one row of logits, `exp(x − max) / Σ`, in double precision, as a new array.
 * `temperature` divides the logits; 1 by default, it must be positive. A logit of −Infinity has probability 0;
 * a RangeError where one is NaN or Infinity, or all are −Infinity. At `temperature` Infinity the others are equally likely.
 *
 * ```ts
 * import { softmax } from 'rxrnn';
 *
 * console.log(softmax(Float64Array.of(0, 0, -Infinity))); // -> Float64Array(3) [ 0.5, 0.5, 0 ]
 * ```
 */
export function softmax(logits: Numbers, temperature = 1): Float64Array {
  if (!(logits instanceof Float32Array || logits instanceof Float64Array)) {
    refuse('softmax', 'logits', 'a Float32Array or Float64Array', logits, 'none');
  }
  orInfinity(positive)('softmax', 'temperature', temperature);
  const probabilities = new Float64Array(logits.length);
  softmaxInto('softmax', probabilities, logits, temperature);
  return probabilities;
}

/** Computes `softmax` into an array of the caller, whose name `who` is for errors. */
export function softmaxInto(who: string, probabilities: Numbers, logits: Numbers, temperature: number): void {
  let largest = logits[0]!;
  for (let i = 1; i < logits.length; i++) if (logits[i]! > largest) largest = logits[i]!;
  let sum = 0;
  for (let i = 0; i < logits.length; i++) {
    const below = logits[i]! - largest;
    const e = exp(below === -Infinity ? below : below / temperature); // also where the temperature is Infinity
    probabilities[i] = e;
    sum += e;
  }
  if (!Number.isFinite(sum)) throw new RangeError(`${who}: the logits are not finite`);
  for (let i = 0; i < logits.length; i++) probabilities[i]! /= sum;
}
