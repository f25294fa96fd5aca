import type { Numbers } from '../../types.js';
import type { CrossEntropyTerms } from '../kernel.js';
import { largest, softmaxRow } from './softmaxRow.js';

/**
 * As `crossEntropy`, with a row of probabilities t as target: loss = Σ q ℓ and dx = p Σ q − q, where
 * q = w ((1 − ε) t + ε / C) and ℓ = log Σ exp(x − m) + m − x.
 */
export function softCrossEntropy(
  losses: Numbers,
  dx: Numbers,
  x: Numbers,
  targets: Numbers,
  mask: Uint8Array | undefined,
  { labelSmoothing, weight }: CrossEntropyTerms,
  rows: number,
  width: number,
): number {
  const even = labelSmoothing / width;
  let total = 0;
  for (let r = 0; r < rows; r++) {
    const row = r * width;
    if (mask !== undefined && mask[r] === 0) {
      dx.fill(0, row, row + width);
      losses[r] = 0;
      continue;
    }
    const m = largest(x, row, width);
    const logSum = softmaxRow(dx, x, row, width, m);
    let loss = 0;
    let sum = 0;
    for (let c = 0; c < width; c++) {
      const w = weight === undefined ? 1 : weight[c]!;
      const q = w * ((1 - labelSmoothing) * targets[row + c]! + even);
      if (q !== 0) loss += q * (logSum - (x[row + c]! - m)); // a class that has no share may have a logit of −∞
      sum += q;
    }
    for (let c = 0; c < width; c++) {
      const w = weight === undefined ? 1 : weight[c]!;
      dx[row + c] = sum * dx[row + c]! - w * ((1 - labelSmoothing) * targets[row + c]! + even);
    }
    losses[r] = loss;
    total += loss;
  }
  return total;
}
