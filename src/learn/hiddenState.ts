import type { State } from '../types.js';
import { checkFresh, type Unrolled } from './stages.js';

/**
 * Copies the state after a window's last step: tensors such as `rnn.h`, `[layers, lanes, hiddenSize]`.
 *
 * An Error where a later window has overwritten it: call it when the handle arrives.
 */
export function hiddenState(unrolled: Unrolled): State {
  checkFresh('hiddenState', unrolled);
  return unrolled.tape.state();
}
