import { defer, finalize, map, type OperatorFunction } from 'rxjs';
import type { Model, Tape } from '../model/model.js';
import type { Random } from '../random/random.js';
import type { State, Window } from '../types.js';
import { drawsFrom } from './runs.js';
import type { Unrolled } from './stages.js';
import type { TrainingState } from './trainingState.js';

/** Where the hidden state begins, and what is dropped. */
export interface UnrollOptions {
  /** The state before the first window; zeros by default. */
  readonly initialState?: State;
  /** What layers with dropout draw from; without it nothing is dropped, as it should be but for learning. */
  readonly dropout?: Random;
  /** Where each subscription begins, in place of `initialState`; it also puts `dropout` where it stood. */
  readonly resumeFrom?: TrainingState | undefined;
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
  const { dropout, resumeFrom } = options;
  const initialState = resumeFrom?.hidden ?? options.initialState;
  return (window$) =>
    defer(() => {
      let tape: Tape | undefined;
      const release = (): void => tape?.release();
      if (resumeFrom?.dropout) {
        if (!dropout) throw new RangeError('unroll: resumeFrom drew for dropout, this run has no generator for it');
        dropout.restore(resumeFrom.dropout);
      }
      return window$.pipe(
        map((window) => {
          if (!tape) {
            tape = model.tape(window.steps, window.lanes);
            if (initialState) tape.setState(initialState);
            drawsFrom(tape, dropout);
          } else if (window.steps > tape.steps || window.lanes !== tape.lanes) {
            tape = grown(tape, model, window);
            drawsFrom(tape, dropout);
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
function grown(tape: Tape, model: Model, { steps, lanes, resets }: Window): Tape {
  const allReset = resets?.every((flag) => flag !== 0) ?? false;
  if (tape.lanes !== lanes && !allReset) {
    throw new RangeError(`unroll: the carried state has ${tape.lanes} lanes, the window ${lanes}`);
  }
  const capacity = steps > tape.steps ? Math.max(steps, Math.ceil(tape.steps * 1.5)) : tape.steps;
  const grown = model.tape(capacity, lanes, tape);
  tape.release();
  return grown;
}
