import { exp } from '../kernel/math/exp.js';
import type { Numbers } from '../types.js';

/**
 * Probabilities of one row of logits: `exp(x − max) / Σ`, in double precision, a fresh array.
 * `temperature` divides the logits; 1 by default, it must be positive. A logit of −Infinity has probability 0;
 * a RangeError where one is NaN or Infinity, or all are −Infinity.
 *
 * ```ts
 * import { softmax } from 'rxrnn';
 *
 * console.log(softmax(Float64Array.of(0, 0, -Infinity))); // -> Float64Array(3) [ 0.5, 0.5, 0 ]
 * ```
 */
export function softmax(logits: Numbers, temperature = 1): Float64Array {
  if (!(temperature > 0)) throw new RangeError(`softmax: temperature must be a positive number, got ${temperature}`);
  const probabilities = new Float64Array(logits.length);
  softmaxInto('softmax', probabilities, logits, temperature);
  return probabilities;
}

/** The same into an array of the caller's, whose name is for messages. */
export function softmaxInto(name: string, probabilities: Numbers, logits: Numbers, temperature: number): void {
  let largest = logits[0]!;
  for (let i = 1; i < logits.length; i++) if (logits[i]! > largest) largest = logits[i]!;
  let sum = 0;
  for (let i = 0; i < logits.length; i++) {
    const e = exp((logits[i]! - largest) / temperature);
    probabilities[i] = e;
    sum += e;
  }
  if (!Number.isFinite(sum)) throw new RangeError(`${name}: the logits are not finite`);
  for (let i = 0; i < logits.length; i++) probabilities[i]! /= sum;
}
