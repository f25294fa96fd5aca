import { of } from 'rxjs';
import type { OperatorFunction } from 'rxjs';
import * as assert from 'uvu/assert';
import { backpropagate } from '../../src/learn/backpropagate.js';
import { gradients } from '../../src/learn/gradients.js';
import type { Scored, Unrolled } from '../../src/learn/stages.js';
import { unroll, type UnrollOptions } from '../../src/learn/unroll.js';
import type { Model } from '../../src/model/model.js';
import type { Random } from '../../src/random/random.js';
import type { State, Tensors, Window } from '../../src/types.js';
import { first } from './first.js';
import { centralDifferences } from '../support/centralDifferences.js';

/**
 * Compares every gradient of a model with central differences of the loss: the difference of the two vectors, over
 * the length of the longer, stays under 1e-6, parameter by parameter. The loss must be a sum or mean over `window`.
 */
export function gradientCheck(
  model: Model,
  window: Window,
  loss: () => OperatorFunction<Unrolled, Scored>,
  objective: (scored: Scored) => number,
  initialState?: State,
  dropout?: () => Random,
): void {
  const options = (): UnrollOptions => ({
    ...(initialState && { initialState }),
    ...(dropout && { dropoutRandom: dropout() }),
  });
  const forward = (): Scored => {
    model.kernel.weightsChanged();
    return first(of(window).pipe(unroll(model, options()), loss()));
  };
  const exact: Tensors = first(of(window).pipe(unroll(model, options()), loss(), backpropagate(model)), gradients);
  for (const [name, { data }] of model.weights.tensors) {
    const { relative } = centralDifferences(data, exact.get(name)!.data, () => objective(forward()));
    assert.ok(relative < 1e-6, `${name}: relative error ${relative} against central differences`);
  }
}
