import type { Tensor } from '../types.js';
import { checkFresh, type Scored } from './stages.js';

/**
 * A copy of the loss of each target, `[steps, lanes, targets of a step]`: one a step from `crossEntropy`, one an output
 * from the others; 0 where padding or `ignoreIndex` keeps a target from counting. torch's reduction `none`.
 *
 * It is read off the handle and not a third reduction, because it is no other loss: the same pass gives the mean that
 * training needs and, to whoever asks, where it came from. The operators write one number a target for it into an
 * array of their subscription; nothing is copied unless this is called. An Error where a later window has overwritten
 * them.
 */
export function losses(scored: Scored): Tensor {
  checkFresh('losses', scored);
  const { window, tape, losses } = scored;
  if (!losses) throw new Error('losses: the operator that scored this window keeps no loss for each target');
  const rows = window.steps * window.lanes;
  const width = losses.length / (tape.steps * tape.lanes);
  return { shape: [window.steps, window.lanes, width], data: losses.slice(0, rows * width) };
}
