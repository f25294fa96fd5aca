import type { Random } from '../random/random.js';
import type { Numbers } from '../types.js';
import type { Parameter } from './layer.js';
import { uniform } from './uniform.js';

/**
 * `weight_hh`, a weight that multiplies a state: uniform at first, as torch's; or with orthogonal blocks, each square
 * and `size` numbers wide, so that a state keeps its length through them. Saxe, McClelland and Ganguli, 2013.
 */
export function recurrentWeight(
  shape: readonly number[],
  hiddenSize: number,
  orthogonal: boolean,
  size: number = hiddenSize,
): Parameter {
  const drawn = uniform('weight_hh', shape, hiddenSize);
  if (!orthogonal) return drawn;
  return {
    ...drawn,
    initialise(data, random) {
      for (let at = 0; at < data.length; at += size * size) fillOrthogonal(data.subarray(at, at + size * size), random);
    },
  };
}

/** Normal deviates whose rows are made orthonormal, one after another, twice each (Gram–Schmidt). */
function fillOrthogonal(block: Numbers, random: Random): void {
  const size = Math.sqrt(block.length);
  const rows: Float64Array[] = [];
  while (rows.length < size) {
    const row = Float64Array.from({ length: size }, () => random.normal());
    for (const before of [...rows, ...rows]) {
      const share = dot(row, before);
      for (let i = 0; i < size; i++) row[i]! -= share * before[i]!;
    }
    const length = Math.sqrt(dot(row, row));
    if (length < 1e-6) continue; // as good as a sum of those before
    for (let i = 0; i < size; i++) row[i]! /= length;
    rows.push(row);
  }
  for (const [i, row] of rows.entries()) block.set(row, i * size);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
