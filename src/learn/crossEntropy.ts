import type { OperatorFunction } from 'rxjs';
import type { Window } from '../types.js';
import { type LossOptions, lossOperator } from './lossOperator.js';
import type { Scored, Unrolled } from './stages.js';

/**
 * Cross-entropy in nats between a softmax over the model's outputs (logits) and target tokens, by log-sum-exp.
 *
 * ```
 *   unroll        --u0-----u1-----u2--|
 *   crossEntropy  --s0-----s1-----s2--|     s: mean loss a token; its gradient p − y at the logits
 * ```
 *
 * `torch.nn.CrossEntropyLoss`. Errors where targets are no tokens of the vocabulary, and where the loss is not finite.
 */
export function crossEntropy(options: LossOptions = {}): OperatorFunction<Unrolled, Scored> {
  return lossOperator(
    'crossEntropy',
    options,
    ({ window, model, tape }, rows) => {
      const targets = tokensOf(window, model.outputSize, rows);
      return model.kernel.crossEntropy(tape.outputGradient, tape.output, targets, window.mask, rows, model.outputSize);
    },
    () => 1,
  );
}

function tokensOf({ targets, mask }: Window, vocabulary: number, rows: number): Int32Array {
  if (!(targets instanceof Int32Array)) throw new TypeError('crossEntropy: targets must be tokens (Int32Array)');
  if (targets.length !== rows) throw new RangeError(`crossEntropy: needs ${rows} targets, got ${targets.length}`);
  for (let r = 0; r < rows; r++) {
    const counts = !mask || mask[r] !== 0;
    if (counts && (targets[r]! < 0 || targets[r]! >= vocabulary)) {
      throw new RangeError(`crossEntropy: target ${targets[r]} is outside the vocabulary of ${vocabulary}`);
    }
  }
  return targets;
}
