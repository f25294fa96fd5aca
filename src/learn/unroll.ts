import { defer, finalize, map, type OperatorFunction, pipe, tap } from 'rxjs';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { checkMembers } from '../model/checkMembers.js';
import { checkWindow } from '../model/checkWindow.js';
import { checkModel } from '../model/checkModel.js';
import { checkState } from '../model/checkState.js';
import type { Model, Tape } from '../model/model.js';
import type { Random } from '../random/random.js';
import type { State, Window } from '../types.js';
import { checkGenerator } from './checkGenerator.js';
import type { Unrolled } from './stages.js';

/** The first hidden state, and the generator for dropout. */
export interface UnrollOptions {
  /** The state before the first window, unless that resets all lanes; zeros by default. */
  readonly initialState?: State | undefined;
  /** What layers with dropout draw from while learning; without it nothing is dropped. */
  readonly dropoutRandom?: Random | undefined;
}

/**
 * Runs a model over each window and carries the hidden state from window to window, as `scan` carries its accumulator;
 * the state is kept in buffers of this subscription.
 *
 * ```
 *   windows  --w0-----w1-----w2--|     state  0 ─w0→ h0 ─w1→ h1 ─w2→ h2
 *   unroll   --u0-----u1-----u2--|     each u: outputs of its window, handed on as a handle
 * ```
 *
 * A lane whose flag in `resets` is set starts from zeros. Where `mask` is 0, recurrent layers pass over the step: the
 * lane's state stays as it was and their output there is zeros, as in torch's packed sequences. A window with a
 * `source` (of `seq2seq`) starts from the state of the encoder that has read it.
 *
 * A RangeError where the number of lanes changes and not all are reset, and where a window does not fit itself or the
 * model, before anything of it is written; a TypeError for an `initialState` where windows have sources.
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
  checkModel('unroll', 'model', model);
  options = checkOptions('unroll', options, {
    initialState: optional(checkState),
    dropoutRandom: optional(checkGenerator),
  });
  const { initialState, dropoutRandom } = options;
  const unrolled = unrollFrom(model, initialState, dropoutRandom);
  if (!initialState) return unrolled;
  return pipe(
    tap((window: Window) => {
      checkMembers('unroll', window);
      if (!window.source) return;
      throw new TypeError('unroll: initialState is not used by windows with a source, which start from it');
    }),
    unrolled,
  );
}

/** `unroll` from a given state, which is ignored where the first window does not use it. */
export function unrollFrom(
  model: Model,
  initialState: State | undefined,
  dropoutRandom: Random | undefined,
): OperatorFunction<Window, Unrolled> {
  return (window$) =>
    defer(() => {
      let tape: Tape | undefined;
      const norms: number[] = [];
      const release = (): void => tape?.release();
      return window$.pipe(
        map((window) => {
          checkMembers('unroll', window);
          checkWindow('unroll', window);
          const { steps, lanes, source, inputs, mask, resets } = window;
          const needed = Math.max(steps, source?.steps ?? 0);
          if (!tape) {
            tape = model.tape(needed, lanes);
            if (initialState && !startsAfresh(window)) tape.setState(initialState);
          } else if (needed > tape.steps || lanes !== tape.lanes) {
            tape = replace(tape, model, needed, window);
          }
          tape.forward(inputs, steps, { dropoutRandom, mask, source, resets, mayDefer: true });
          return { window, model, tape, pass: tape.passes, norms };
        }),
        finalize(release),
      );
    });
}

/** Makes a tape that is large enough for this window, to replace one that is not. */
function replace(tape: Tape, model: Model, steps: number, window: Window): Tape {
  const { lanes } = window;
  if (tape.lanes !== lanes && !startsAfresh(window)) {
    throw new RangeError(`unroll: the carried state has ${tape.lanes} lanes, the window ${lanes}`);
  }
  const next = model.tape(Math.max(steps, tape.steps), lanes, tape);
  tape.release();
  return next;
}

/** Whether a window does not use the state before it: the state is read from a source, or all lanes are reset. */
function startsAfresh({ source, resets }: Window): boolean {
  return source !== undefined || (resets?.every((flag) => flag !== 0) ?? false);
}
