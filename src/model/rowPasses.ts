import type { BufferScope } from '../kernel/kernel.js';
import type { LayerInput } from '../layer/layer.js';
import type { CheckedTape } from './checkedTape.js';

/** Runs layers at one step; `all` is the input of all steps, and passes of the same key make the same calls. */
type RowPass = (all: LayerInput, key: number) => void;

/**
 * Runs layers at step t in row t of the arrays of their tapes of `steps` steps, so that these can go backward through steps
 * that were run one by one. What a step needs is made when it is first run.
 */
export function rowPasses(tapes: readonly CheckedTape[], steps: number, scope: BufferScope): (t: number) => RowPass {
  const made: RowPass[] = [];
  return (t) => (made[t] ??= rowPass(tapes, steps, scope, t));
}

function rowPass(tapes: readonly CheckedTape[], steps: number, scope: BufferScope, t: number): RowPass {
  const rows = tapes.map(({ rowTape }) => rowTape(t));
  const repeat = scope.repeat();
  let whole: LayerInput | undefined;
  let own: LayerInput; // the row of `whole`
  return (all, key) => {
    if (all !== whole) {
      const width = all.length / steps;
      [whole, own] = [all, all.subarray(t * width, (t + 1) * width)];
    }
    repeat(key, () => {
      let x = own;
      for (const tape of rows) {
        tape.forward(x, 1);
        x = tape.output;
      }
    });
  };
}
