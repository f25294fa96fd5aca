import { showName } from '../check/showName.js';
import type { BufferScope, Repeat } from '../kernel/kernel.js';
import type { LayerInput, LayerTape, TapeContext } from '../layer/layer.js';
import type { Numbers } from '../types.js';
import type { NamedLayers } from './allocateParameters.js';

export interface RowTapesOptions {
  /** The kind of the model, for messages. */
  readonly model: string;
  /** The layers, one after another, whose tapes are `inRows`. */
  readonly layers: NamedLayers;
  /** What the tape of each layer for all steps was made from. */
  readonly contexts: readonly TapeContext[];
  /** The arrays that these tapes have allocated, in order. */
  readonly allocated: readonly Numbers[];
  readonly scope: BufferScope;
}

/** The layers at one step. */
interface RowTape {
  /** Runs them; `all` is the input of all steps, and passes of the same key make the same calls. */
  run(all: LayerInput, key: number): void;
}

/**
 * Tapes of one step, each in row t of the arrays of tapes of many, so that those can go backward through steps that were
 * run one by one. A layer allocates the same arrays in the same order for any number of steps, so that the lengths for one
 * step and for all say where a row lies.
 *
 * ```
 *   allocated for 3 steps   [ 0 | 1 | 2 ]   [ before | 0 | 1 | 2 ]   [ state ]
 *   for step 1                  [ 1 ]                [ 0 | 1 ]       [ state ]
 * ```
 */
export function rowTapes(options: RowTapesOptions): (t: number) => RowTape {
  const made: RowTape[] = [];
  return (t) => (made[t] ??= rowTape(options, t));
}

function rowTape({ model, layers, contexts, allocated, scope }: RowTapesOptions, t: number): RowTape {
  let next = 0;
  const tapes = layers.map(([name, layer], i): LayerTape => {
    const context = contexts[i]!;
    const allocate = (length: number): Numbers => {
      const row = rowOf(allocated[next++], length, context.steps, t);
      if (row) return row;
      throw new Error(`${model}: layer ${showName(name)} says inRows, but what it allocates is not in rows`);
    };
    return layer.tape({ ...context, steps: 1, allocate });
  });
  const repeat: Repeat = scope.repeat();
  let whole: LayerInput | undefined;
  let own: LayerInput; // the row of `whole`

  return {
    run(all, key) {
      if (all !== whole) {
        const width = all.length / contexts[0]!.steps;
        own = all.subarray(t * width, (t + 1) * width);
        whole = all;
      }
      repeat(key, () => {
        let x = own;
        for (const tape of tapes) {
          tape.forward(x, 1);
          x = tape.output;
        }
      });
    },
  };
}

/** The row of an array for `steps` steps that takes the place of one of `length` numbers for one step, if there is one. */
function rowOf(all: Numbers | undefined, length: number, steps: number, t: number): Numbers | undefined {
  if (!all) return undefined;
  const width = (all.length - length) / (steps - 1); // of a row; 0: the same for all steps
  const fits = Number.isInteger(width) && (width === 0 || width === length || 2 * width === length);
  return fits ? all.subarray(t * width, t * width + length) : undefined;
}
