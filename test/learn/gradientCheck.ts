import { of } from 'rxjs';
import type { OperatorFunction } from 'rxjs';
import * as assert from 'uvu/assert';
import { backpropagate } from '../../src/learn/backpropagate.js';
import { gradients } from '../../src/learn/gradients.js';
import type { Scored, Unrolled } from '../../src/learn/stages.js';
import { unroll } from '../../src/learn/unroll.js';
import type { Model } from '../../src/model/model.js';
import type { Random } from '../../src/random/random.js';
import type { State, Tensors, Window } from '../../src/types.js';
import { first } from './first.js';

/**
 * Holds every gradient of a model against central differences of the loss: the difference of the two vectors, over
 * the length of the longer, stays under 1e-6, parameter by parameter. The loss must be a sum or mean over `window`.
 */
export function gradientCheck(
  model: Model,
  window: Window,
  loss: () => OperatorFunction<Unrolled, Scored>,
  objective: (scored: Scored) => number,
  initialState: State,
  dropout?: () => Random,
): void {
  const forward = (): Scored => {
    model.kernel.weightsChanged();
    return first(of(window).pipe(unroll(model, { initialState, ...(dropout && { dropout: dropout() }) }), loss()));
  };
  const exact: Tensors = first(
    of(window).pipe(
      unroll(model, { initialState, ...(dropout && { dropout: dropout() }) }),
      loss(),
      backpropagate(model),
    ),
    gradients,
  );
  for (const [name, { data }] of model.weights.tensors) {
    let difference = 0;
    let size = 0;
    for (let i = 0; i < data.length; i++) {
      const kept = data[i]!;
      const h = 1e-5 * Math.max(1, Math.abs(kept));
      data[i] = kept + h;
      const above = objective(forward());
      data[i] = kept - h;
      const below = objective(forward());
      data[i] = kept;
      const numeric = (above - below) / (2 * h);
      const analytic = exact.get(name)!.data[i]!;
      difference += (numeric - analytic) ** 2;
      size += Math.max(numeric ** 2, analytic ** 2);
    }
    const relative = Math.sqrt(difference / (size || 1)); // a gradient of zeros has no relative error
    assert.ok(relative < 1e-6, `${name}: relative error ${relative} against central differences`);
  }
}
