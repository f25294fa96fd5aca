import { listNames } from '../check/listNames.js';
import { showName } from '../check/showName.js';
import type { Numbers, Tensors } from '../types.js';
import { checkHalves } from './checkHalves.js';
import { roundTo } from './halves.js';
import { isTensor, tensorText } from './isTensor.js';
import type { Model } from './model.js';
import { withoutTied } from './weightTies.js';

/** What `loadStateDict` does to the weights of a model, rounded where they have 16 bits; the names that did not fit. */
export function writeWeights(
  { weights, kernel }: Pick<Model, 'weights' | 'kernel'>,
  parameters: Tensors,
  strict = true,
): { readonly missing: readonly string[]; readonly unknown: readonly string[] } {
  const { tensors: own, half, ties } = weights;
  if (ties) parameters = withoutTied('loadStateDict', parameters, ties);
  const missing = [...own.keys()].filter((name) => !parameters.has(name));
  const unknown = [...parameters.keys()].filter((name) => !own.has(name));
  if (strict && missing.length > 0) {
    const instead = unknown.length > 0 ? `; there are ${listNames(unknown)}, which the model does not have` : '';
    throw new RangeError(`loadStateDict: missing ${listNames(missing)}${instead}`);
  }
  if (strict && unknown.length > 0) throw new RangeError(`loadStateDict: the model has no ${listNames(unknown)}`);
  const copies: [to: Numbers, from: Numbers][] = []; // what was checked, whatever the tensors say later
  for (const [name, { shape, data }] of own) {
    if (!parameters.has(name)) continue; // as it may be where not strict
    const given: unknown = parameters.get(name);
    if (!isTensor(given)) {
      throw new TypeError(`loadStateDict: ${showName(name)} must be a tensor of floats, got ${tensorText(given)}`);
    }
    if (given.shape.join() !== shape.join() || given.data.length !== data.length) {
      throw new RangeError(
        `loadStateDict: ${showName(name)} has shape [${shape.join(', ')}], got ${tensorText(given)}`,
      );
    }
    if (half) checkHalves(name, half, given.data);
    else checkFinite(name, data, given.data);
    copies.push([data, given.data]);
  }
  for (const [to, from] of copies) {
    if (half) roundTo(to, half, from);
    else to.set(from);
  }
  kernel.weightsChanged();
  return { missing, unknown };
}

/** A RangeError where a number is not finite, or not as the dtype of the model has it. */
function checkFinite(name: string, { BYTES_PER_ELEMENT }: Numbers, given: Numbers): void {
  const rounded = BYTES_PER_ELEMENT === 4 ? Math.fround : Number;
  for (let i = 0; i < given.length; i++) {
    if (Number.isFinite(rounded(given[i]!))) continue;
    const what = Number.isFinite(given[i]) ? 'is too large for float32' : 'must be finite';
    throw new RangeError(`loadStateDict: number ${i} of ${showName(name)} ${what}, got ${given[i]}`);
  }
}
