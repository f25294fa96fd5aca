import type { State } from '../types.js';
import { checkFresh, type Unrolled } from './stages.js';

/** A copy of the state after a window's last step. */
export function hiddenState(unrolled: Unrolled): State {
  checkFresh('hiddenState', unrolled);
  return unrolled.tape.state();
}
