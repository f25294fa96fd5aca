import type { Numbers } from '../../types.js';
import type { CrossEntropyTerms } from '../kernel.js';
import { exp } from '../math/exp.js';
import { log } from '../math/log.js';

/**
 * With m the row's largest logit, p = exp(x − m) / Σ and ℓ = log Σ exp(x − m) + m − x = −log p, for target t:
 * loss = ℓ[t] and dx = p − onehot.
 *
 * With weights w and smoothing ε over C classes, loss = Σ q ℓ and dx = p Σ q − q, where q = w ((1 − ε) onehot + ε / C).
 */
export function crossEntropy(
  losses: Numbers,
  dx: Numbers,
  x: Numbers,
  targets: Int32Array,
  mask: Uint8Array | undefined,
  { ignoreIndex, labelSmoothing, weight }: CrossEntropyTerms,
  rows: number,
  width: number,
): number {
  const unweighted = weight === undefined;
  const even = labelSmoothing / width;
  let spread = 0; // Σ w ε / C
  for (let c = 0; c < width; c++) spread += unweighted ? even : even * weight[c]!;
  let total = 0;
  for (let r = 0; r < rows; r++) {
    const row = r * width;
    const target = row + targets[r]!;
    if ((mask !== undefined && mask[r] === 0) || targets[r] === ignoreIndex) {
      dx.fill(0, row, row + width);
      losses[r] = 0;
      continue;
    }
    let m = x[row]!; // from here to `logSum` it is softmaxRow written out: calling it costs a tenth of the whole
    for (let i = row + 1; i < row + width; i++) if (x[i]! > m) m = x[i]!;
    let sum = 0;
    for (let i = row; i < row + width; i++) {
      const e = exp(x[i]! - m);
      dx[i] = e;
      sum += e;
    }
    for (let i = row; i < row + width; i++) dx[i]! /= sum;
    const logSum = log(sum);
    let loss = logSum - (x[target]! - m);
    if (unweighted && labelSmoothing === 0) {
      dx[target]! -= 1;
    } else {
      const own = (1 - labelSmoothing) * (unweighted ? 1 : weight[targets[r]!]!);
      loss *= own;
      for (let c = 0, i = row; c < width; c++, i++) {
        const share = unweighted ? even : even * weight[c]!;
        if (share > 0) loss += share * (logSum - (x[i]! - m)); // a class that has no share may have a logit of −∞
        dx[i] = (own + spread) * dx[i]! - (i === target ? share + own : share);
      }
    }
    losses[r] = loss;
    total += loss;
  }
  return total;
}
