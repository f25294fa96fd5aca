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
 * lane's state stays as it was and their output there is zeros, as in torch's packed sequences. A window with a
 * `source` (of `seq2seq`) starts from the state in which the encoder has read it.
 *
 * A RangeError where the number of lanes changes and not all are reset, and where inputs do not fit the model; a
 * TypeError for an `initialState` where windows have sources.
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
  const { initialState } = options;
  return (window$) =>
    defer(() => {
      let tape: Tape | undefined;
      const norms: number[] = [];
      const release = (): void => tape?.release();
      if (resumeFrom?.dropout) {
        if (!dropout) throw new RangeError('unroll: resumeFrom drew for dropout, this run has no generator for it');
        dropout.restore(resumeFrom.dropout);
      }
      return window$.pipe(
        map((window) => {
          const { steps, lanes, source, inputs, mask, resets } = window;
          if (source && initialState) {
            throw new TypeError('unroll: initialState is not used by windows with a source, which start from it');
          }
          const needed = Math.max(steps, source?.steps ?? 0);
          if (!tape) {
            tape = model.tape(needed, lanes);
            const state = resumeFrom?.hidden ?? initialState;
            if (state) tape.setState(state);
            drawsFrom(tape, dropout);
          } else if (needed > tape.steps || lanes !== tape.lanes) {
            tape = replaced(tape, model, needed, window);
            drawsFrom(tape, dropout);
          }
          if (resets) tape.reset(resets);
          tape.forward(inputs, steps, { dropout, mask, source });
          return { window, model, tape, pass: tape.passes, norms };
        }),
        finalize(release),
      );
    });
}

/** A tape that holds this window, in the place of one that does not. */
function replaced(tape: Tape, model: Model, steps: number, { lanes, source, resets }: Window): Tape {
  const startsAfresh = source !== undefined || (resets?.every((flag) => flag !== 0) ?? false);
  if (tape.lanes !== lanes && !startsAfresh) {
    throw new RangeError(`unroll: the carried state has ${tape.lanes} lanes, the window ${lanes}`);
  }
  const next = model.tape(Math.max(steps, tape.steps), lanes, tape);
  tape.release();
  return next;
}
