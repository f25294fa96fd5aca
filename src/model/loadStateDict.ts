import { flag } from '../check/flag.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { refuse } from '../check/refuse.js';
import type { Tensors } from '../types.js';
import { checkModel } from './checkModel.js';
import type { Model } from './model.js';
import { writeWeights } from './writeWeights.js';

/** Which parameters are needed. */
export interface LoadStateDictOptions {
  /**
   * Whether the tensors must be exactly the model's. With `false` those of other names are left out, and the parameters
   * that are missing stay as they are, as in torch. `true` by default.
   */
  readonly strict?: boolean | undefined;
}

/** What did not fit by name; empty where everything did. */
export interface LoadedStateDict {
  /** Parameters of the model that were not among the tensors. */
  readonly missing: readonly string[];
  /** Tensors that are not the model's. */
  readonly unknown: readonly string[];
}

/**
 * Copies parameters into a model, all of them or none: a missing, unknown or misshapen parameter is refused before the first
 * number is written, by a RangeError that names it; so is a number that is not finite. With `{ strict: false }` only a
 * misshapen one is, and the result says what was missing or unknown: so a part of a model is taken from another. Numbers of the
 * other dtype are converted. The tensors stay yours.
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
export function loadStateDict(model: Model, parameters: Tensors, options: LoadStateDictOptions = {}): LoadedStateDict {
  checkModel('loadStateDict', 'model', model);
  const { strict = true } = checkOptions('loadStateDict', options, { strict: optional(flag) });
  if (!(parameters instanceof Map)) {
    refuse('loadStateDict', 'parameters', 'tensors by name, such as stateDict gives', parameters, 'none');
  }
  return writeWeights(model, parameters, strict);
}
