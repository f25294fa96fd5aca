import type { Model } from '../model/model.js';

/** Multiplications of what is read at once, some 30 ms; what has more may be read in slices. */
export const AT_ONCE = 64_000_000;

/** Multiplications of a step of a lane, about. */
export function stepWork(model: Model): number {
  let work = 8 * model.outputSize; // a softmax costs more than its outputs
  for (const { kind, parameters } of [...model.layers.values(), ...(model.skip ? [model.skip] : [])]) {
    if (/[eE]mbedding$/.test(kind)) continue; // looks up a row
    for (const { shape } of parameters) work += shape.reduce((product, side) => product * side, 1);
  }
  return work;
}
