import { defer, finalize, map, type OperatorFunction } from 'rxjs';
import { anything } from '../check/anything.js';
import { options as checkOptions } from '../check/options.js';
import type { Model, Tape } from '../model/model.js';
import type { Random } from '../random/random.js';
import type { State, Window } from '../types.js';
import type { Unrolled } from './stages.js';

/** The first hidden state, and the generator for dropout. */
export interface UnrollOptions {
  /** The state before the first window, unless that resets all lanes; zeros by default. */
  readonly initialState?: State | undefined;
  /** What layers with dropout draw from while learning; without it nothing is dropped. */
  readonly dropout?: Random | undefined;
}

/**
 * Runs a model over each window and carries the hidden state from window to window: a `scan` whose accumulator is the
 * state, kept in buffers of this subscription.
 *
 * ```
 *   windows  --w0-----w1-----w2--|     state  0 ─w0→ h0 ─w1→ h1 ─w2→ h2
 *   unroll   --u0-----u1-----u2--|     each u: outputs of its window, handed on as a handle
 * ```
 *
 * A lane whose flag in `resets` is set starts from zeros. Where `mask` is 0, recurrent layers pass over the step: the
 * lane's state stays as it was and their output there is zeros, as in torch's packed sequences.
 *
 * A RangeError where the number of lanes changes and not all are reset, and where inputs do not fit the model.
 *
 * ```ts
 * import { map } from 'rxjs';
 * import { outputs, pull, rnn, sequential, unroll, windows } from 'rxrnn';
 *
 * const model = sequential({ rnn: rnn({ inputSize: 3, hiddenSize: 8 }) });
 * pull([0, 1, 2, 0, 1])
 *   .pipe(windows({ steps: 2 }), unroll(model), map(outputs))
 *   .subscribe(({ shape }) => console.log(shape));
 * // -> [ 2, 1, 8 ]
 * // -> [ 2, 1, 8 ]
 * ```
 */
export function unroll(model: Model, options: UnrollOptions = {}): OperatorFunction<Window, Unrolled> {
  checkOptions('unroll', options, { initialState: anything, dropout: anything });
  const { dropout, initialState } = options;
  return (window$) =>
    defer(() => {
      let tape: Tape | undefined;
      const release = (): void => tape?.release();
      return window$.pipe(
        map((window) => {
          if (!tape) {
            tape = model.tape(window.steps, window.lanes);
            if (initialState && !resetsAll(window)) tape.setState(initialState);
          } else if (window.steps > tape.steps || window.lanes !== tape.lanes) {
            tape = grown(tape, model, window);
          }
          if (window.resets) tape.reset(window.resets);
          tape.forward(window.inputs, window.steps, { dropout, mask: window.mask });
          return { window, model, tape, pass: tape.passes };
        }),
        finalize(release),
      );
    });
}

/** A tape with room for this window; half as much again, so that windows of rising length settle on one soon. */
function grown(tape: Tape, model: Model, window: Window): Tape {
  const { steps, lanes } = window;
  if (tape.lanes !== lanes && !resetsAll(window)) {
    throw new RangeError(`unroll: the carried state has ${tape.lanes} lanes, the window ${lanes}`);
  }
  const capacity = steps > tape.steps ? Math.max(steps, Math.ceil(tape.steps * 1.5)) : tape.steps;
  const grown = model.tape(capacity, lanes, tape);
  tape.release();
  return grown;
}

function resetsAll({ resets }: Window): boolean {
  return resets?.every((flag) => flag !== 0) ?? false;
}
