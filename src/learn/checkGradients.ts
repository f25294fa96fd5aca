import { checkLearns } from '../model/checkLearns.js';
import type { ParameterBlock } from '../model/parameterBlock.js';
import type { Trainable } from './learnedShapes.js';

/** An Error for gradients that no tape of the model made: they may lie elsewhere in other memory, in another order. */
export function checkGradients(who: string, { weights, kind }: Trainable, gradients: ParameterBlock | undefined): void {
  checkLearns(weights, kind);
  if (gradients?.of === weights) return;
  const what = gradients?.of ? "another model's" : 'what no tape made';
  throw new Error(
    `${who}: update needs the gradients of a tape of the model, got ${what}; copy their numbers to those`,
  );
}
