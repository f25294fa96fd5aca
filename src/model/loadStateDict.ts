import { listNames } from '../check/listNames.js';
import type { Tensors } from '../types.js';
import type { Model } from './model.js';

/**
 * Copies parameters into a model, all of them or none: a missing, unknown or misshapen parameter is refused before the
 * first number is written, by a RangeError that names it. Numbers of the other dtype are converted. The tensors stay
 * yours.
 *
 * ```ts
 * import { linear, loadStateDict, seeded, sequential, stateDict } from 'rxrnn';
 *
 * const made = (seed: number) => sequential({ fc: linear({ inputSize: 2, outputSize: 1 }) }, { random: seeded(seed) });
 * const [one, other] = [made(1), made(2)];
 * loadStateDict(other, stateDict(one));
 * const [weight, copy] = [one, other].map((model) => stateDict(model).get('fc.weight')!.data.join());
 * console.log(weight === copy); // -> true
 * ```
 */
export function loadStateDict(model: Model, parameters: Tensors): void {
  const own = model.weights.tensors;
  const missing = [...own.keys()].filter((name) => !parameters.has(name));
  const unknown = [...parameters.keys()].filter((name) => !own.has(name));
  if (missing.length > 0) throw new RangeError(`loadStateDict: missing ${listNames(missing)}`);
  if (unknown.length > 0) throw new RangeError(`loadStateDict: the model has no ${listNames(unknown)}`);
  for (const [name, { shape, data }] of own) {
    const given = parameters.get(name)!;
    if (given.shape.join() !== shape.join() || given.data.length !== data.length) {
      throw new RangeError(
        `loadStateDict: ${listNames([name])} has shape [${shape.join(', ')}], got [${given.shape.join(', ')}]`,
      );
    }
  }
  for (const [name, { data }] of own) data.set(parameters.get(name)!.data);
  model.kernel.weightsChanged();
}
