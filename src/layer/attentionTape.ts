import { exp } from '../kernel/math/exp.js';
import type { Numbers } from '../types.js';
import { dotScore } from './dotScore.js';
import type { NumbersByName } from './layer.js';
import { roomFor } from './roomFor.js';
import type { AttentionScore, Score, ScoreContext } from './score.js';
import { tanhScore } from './tanhScore.js';

export interface AttentionTapeOptions extends ScoreContext {
  readonly score: AttentionScore;
  /** Hidden units of the scores that have any. */
  readonly attentionSize: number | undefined;
  readonly valueSize: number;
}

/** An attention over the queries of one pass: `begin`, then each query in turn. */
export interface AttentionTape {
  /** Reads the source, which must be there. */
  begin(): void;
  /** Writes the context of query t, `lanes × querySize`, to `context`, `lanes × valueSize`. */
  attend(t: number, query: Numbers, context: Numbers): void;
  /** `queries × lanes × source.steps`, where this pass leaves them: of each query and lane they add up to 1. */
  weights(): Numbers;
  /** Makes the backward half; `gradients` are those of the parameters. */
  differentiate(gradients: NumbersByName): AttentionGradients;
}

/** The backward half: `begin`, then each query in any order, then `end`. */
interface AttentionGradients {
  /** Zeros the gradients at the source. */
  begin(): void;
  /** Adds to the gradient at query t; `dWeights` is the one at its weights, where a loss has one. */
  back(t: number, query: Numbers, dQuery: Numbers, dContext: Numbers, dWeights?: Numbers): void;
  /** Adds to the gradients of the parameters, for the first `count` queries, which lie one after another. */
  end(queries: Numbers, count: number): void;
}

/**
 * Looks at a source: `weights = softmax over its steps of score(query, key)`, `context = Σ weights · value`.
 *
 * Steps under the mask have weight 0 and are passed over, whatever they hold, so that a padded lane has the numbers of the
 * lane alone, to the bit. Where there is nothing to look at, weights and context are zeros.
 */
export function attentionTape(options: AttentionTapeOptions): AttentionTape {
  const { kernel, queries: capacity, lanes, allocate, source, valueSize } = options;
  const score = scoreOf(options);
  const [roomForWeights, roomForGradient] = [roomFor(allocate), roomFor(allocate)];
  const sum = new Float64Array(valueSize);
  let weights: Numbers;

  const weightsOf = (t: number): Numbers => weights.subarray(t * lanes * source.steps, (t + 1) * lanes * source.steps);

  return {
    begin() {
      weights = roomForWeights(capacity * lanes * source.steps);
      score.begin();
    },
    attend(t, query, context) {
      const { steps, values, mask } = source;
      const own = weightsOf(t);
      score.compare(t, query, own);
      for (let lane = 0; lane < lanes; lane++) {
        softmax(own, lane * steps, steps, (s) => mask?.[s * lanes + lane] !== 0);
        sum.fill(0);
        for (let s = 0; s < steps; s++) {
          const row = s * lanes + lane;
          if (mask?.[row] === 0) continue;
          const weight = own[lane * steps + s]!;
          for (let i = 0, at = row * valueSize; i < valueSize; i++) sum[i]! += weight * values[at + i]!;
        }
        context.set(sum, lane * valueSize);
      }
    },
    weights: () => weights,
    differentiate(gradients) {
      const back = score.differentiate(gradients);
      let dScores: Numbers;
      return {
        begin() {
          const { steps, keysGradient, valuesGradient, keys, values } = source;
          kernel.zero(keysGradient, (keys === values ? valueSize : options.keySize) * steps * lanes);
          if (valuesGradient !== keysGradient) kernel.zero(valuesGradient, steps * lanes * valueSize);
          dScores = roomForGradient(lanes * steps);
          back.begin();
        },
        back(t, query, dQuery, dContext, dWeights) {
          const { steps, values, valuesGradient: dValues, mask } = source;
          const own = weightsOf(t);
          for (let lane = 0; lane < lanes; lane++) {
            let mean = 0; // of the gradient at the weights, by the weights
            for (let s = 0; s < steps; s++) {
              const row = s * lanes + lane;
              const i = lane * steps + s;
              dScores[i] = 0;
              if (mask?.[row] === 0) continue;
              let d = dWeights?.[i] ?? 0;
              for (let v = 0, at = row * valueSize, c = lane * valueSize; v < valueSize; v++) {
                d += dContext[c + v]! * values[at + v]!;
                dValues[at + v]! += own[i]! * dContext[c + v]!;
              }
              dScores[i] = d;
              mean += own[i]! * d;
            }
            for (let i = lane * steps; i < (lane + 1) * steps; i++) dScores[i] = own[i]! * (dScores[i]! - mean);
          }
          back.back(t, query, dQuery, dScores);
        },
        end: back.end,
      };
    },
  };
}

function scoreOf(options: AttentionTapeOptions): Score {
  const { score, attentionSize, keySize } = options;
  if (score === 'additive' || score === 'concat') {
    return tanhScore(options, { size: attentionSize!, concat: score === 'concat' });
  }
  return dotScore(options, {
    factor: score === 'scaledDot' ? 1 / Math.sqrt(keySize) : 1,
    general: score === 'general',
  });
}

/** Scores become weights, in the places that count; the others become 0. */
function softmax(scores: Numbers, from: number, length: number, counts: (i: number) => boolean): void {
  let largest = -Infinity;
  for (let i = 0; i < length; i++) if (counts(i) && !(scores[from + i]! <= largest)) largest = scores[from + i]!;
  let sum = 0;
  for (let i = 0; i < length; i++) {
    if (counts(i)) sum += scores[from + i] = exp(scores[from + i]! - largest);
    else scores[from + i] = 0;
  }
  for (let i = 0; i < length; i++) if (counts(i)) scores[from + i]! /= sum;
}
