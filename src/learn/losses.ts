import type { Tensor } from '../types.js';
import { checkFresh, type Scored } from './stages.js';

/**
 * Copies the loss of each target, `[steps, lanes, targets of a step]`: one per step from `crossEntropy`, one per output
 * from the other losses; 0 where padding, `targetMask` or `ignoreIndex` keeps a target from counting. torch's
 * reduction `none`.
 *
 * It reads the handle and is not a third reduction, because the same pass gives the mean that training needs and where
 * that comes from. The loss operators write one number per target into an array of their subscription; nothing is
 * copied unless this is called. An Error where a later window has overwritten the numbers.
 */
export function losses(scored: Scored): Tensor {
  checkFresh('losses', scored);
  const { window, tape, losses } = scored;
  if (!losses) throw new Error('losses: the operator that scored this window does not keep the loss of each target');
  const rows = window.steps * window.lanes;
  const width = losses.length / (tape.steps * tape.lanes);
  return { shape: [window.steps, window.lanes, width], data: losses.slice(0, rows * width) };
}
