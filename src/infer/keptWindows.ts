import { defer, finalize, map, type OperatorFunction } from 'rxjs';
import type { Unrolled } from '../learn/stages.js';
import type { Model, Tape } from '../model/model.js';
import type { Window } from '../types.js';
import type { KeptSteps } from './stepRunner.js';

/**
 * Takes the place of `unroll` for windows of up to `steps` steps that are kept when they come; with each, the next one
 * begins. Once somebody else has changed the weights since a window began, such as another learner of the same model, that
 * window and all later ones are run forward again, from the state before it.
 */
export function keptWindows(model: Model, steps: number, kept: KeptSteps): OperatorFunction<Window, Unrolled> {
  return (window$) =>
    defer(() => {
      const norms: number[] = [];
      let own: Tape | undefined;
      return window$.pipe(
        map((window) => {
          if (!own && !kept.isUntouched()) {
            own = model.tape(steps, 1);
            own.writeLane(0, kept.start);
          }
          own?.forward(window.inputs, window.steps, { resets: window.resets, mayDefer: true });
          kept.begin();
          const tape = own ?? kept.tape;
          return { window, model, tape, pass: tape.passes, norms };
        }),
        finalize(() => own?.release()),
      );
    });
}
