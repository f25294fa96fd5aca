import type { Tensor } from '../types.js';
import { checkFresh, type Unrolled } from './stages.js';

/**
 * Copies a window's outputs, `[steps, lanes, outputSize]`: logits, where the model ends in a linear layer.
 *
 * An Error where a later window has overwritten them: call it when the handle arrives.
 */
export function outputs(unrolled: Unrolled): Tensor {
  checkFresh('outputs', unrolled);
  const { window, model, tape } = unrolled;
  const shape = [window.steps, window.lanes, model.outputSize];
  return { shape, data: tape.output.slice(0, window.steps * window.lanes * model.outputSize) };
}
