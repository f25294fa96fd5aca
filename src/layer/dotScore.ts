import type { Numbers } from '../types.js';
import type { Score, ScoreContext } from './score.js';

/**
 * Multiplicative scores of Luong, Pham and Manning (2015): `q·k`, with a factor, or with a matrix between, `qᵀ W_a k`,
 * `Wa.weight` (query, key). The query goes through the matrix, once, not each key.
 */
export function dotScore(context: ScoreContext, { factor, general }: { factor: number; general: boolean }): Score {
  const { kernel, weights, queries: capacity, lanes, allocate, source, querySize, keySize } = context;
  const matrix = general ? kernel.matrix(weights['Wa.weight']!, keySize, querySize) : undefined;
  const length = lanes * keySize;
  const projected = matrix && allocate(capacity * length); // Waᵀ q
  const rowOf = (all: Numbers, t: number): Numbers => all.subarray(t * length, (t + 1) * length);

  return {
    begin() {},
    compare(t, query, scores) {
      const { steps, keys, mask } = source;
      let u = query;
      if (matrix) {
        u = rowOf(projected!, t);
        kernel.zero(u, length);
        matrix.multiplyBack(u, query, lanes);
      }
      for (let row = 0; row < steps * lanes; row++) {
        if (mask?.[row] === 0) continue;
        const lane = row % lanes;
        let sum = 0;
        for (let i = 0, k = row * keySize, q = lane * keySize; i < keySize; i++) sum += u[q + i]! * keys[k + i]!;
        scores[lane * steps + (row - lane) / lanes] = factor * sum;
      }
    },
    differentiate({ 'Wa.weight': dWa }) {
      const dProjected = matrix && allocate(capacity * length);
      return {
        begin() {},
        back(t, query, dQuery, dScores) {
          const { steps, keys, mask, keysGradient: dKeys } = source;
          const [u, du] = matrix ? [rowOf(projected!, t), rowOf(dProjected!, t)] : [query, dQuery];
          if (matrix) kernel.zero(du, length);
          for (let row = 0; row < steps * lanes; row++) {
            if (mask?.[row] === 0) continue;
            const lane = row % lanes;
            const d = factor * dScores[lane * steps + (row - lane) / lanes]!;
            for (let i = 0, k = row * keySize, q = lane * keySize; i < keySize; i++) {
              du[q + i]! += d * keys[k + i]!;
              dKeys[k + i]! += d * u[q + i]!;
            }
          }
          matrix?.multiply(dQuery, du, lanes);
        },
        end(queries, count) {
          if (matrix) kernel.outer(dWa!, queries, dProjected!, count * lanes, keySize, querySize);
        },
      };
    },
  };
}
