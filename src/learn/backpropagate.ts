import { map, type OperatorFunction } from 'rxjs';
import { listNames } from '../check/listNames.js';
import { checkModel } from '../model/checkModel.js';
import type { Model } from '../model/model.js';
import { gradientNorm } from './gradientNorm.js';
import { checkScored, type Differentiated, type Scored } from './stages.js';
import { whyNotFinite } from './whyNotFinite.js';

/**
 * Computes the gradients of every parameter, back through the steps of each window; the carried state that the window
 * started from is a constant (truncated back-propagation through time: Williams and Peng, 1990).
 *
 * ```
 *   crossEntropy   --s0-----s1-----s2--|
 *   backpropagate  --d0-----d1-----d2--|     d: gradients of every parameter, and their global norm
 * ```
 *
 * A gradient that is not finite is an error that names the window, the parameter, the last norms, and
 * the first feature, target or weight that is not finite.
 */
export function backpropagate(model: Model): OperatorFunction<Scored, Differentiated> {
  checkModel('backpropagate', 'model', model);
  return map((scored) => {
    checkScored('backpropagate', scored);
    const { window, model: owner, tape, pass, norms, loss, count, divisor, losses, heads } = scored;
    if (owner !== model) throw new Error('backpropagate: this window was unrolled by another model');
    tape.backward();
    const norm = gradientNorm(model, tape);
    if (!Number.isFinite(norm)) throw notFinite(scored);
    norms.push(norm);
    if (norms.length > 10) norms.shift();
    // written out: with a spread an update of a small network takes a quarter longer
    return {
      window,
      model,
      tape,
      pass,
      norms,
      loss,
      count,
      gradientNorm: norm,
      losses,
      heads,
      divisor,
    };
  });
}

function notFinite(scored: Scored): Error {
  const { tape, pass } = scored;
  const names = [...tape.gradients.tensors]
    .filter(([, { data }]) => !data.every(Number.isFinite))
    .map(([name]) => name);
  const where = names.length > 0 ? `the gradient of ${listNames(names)} is not finite` : 'its square overflows';
  return new RangeError(
    `backpropagate: the gradient of window ${pass} is not finite: ${where}; ${whyNotFinite(scored, 'the outputs are finite')}`,
  );
}
