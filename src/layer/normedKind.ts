import { finite } from '../check/finite.js';
import { oneOf } from '../check/oneOf.js';
import { optional } from '../check/optional.js';
import type { CellKind } from './cellKind.js';
import { type CellNorm, layerNormLstmKind } from './layerNormLstmKind.js';
import { lstmKind } from './lstmKind.js';
import type { RecurrentForm } from './recurrent.js';

/** The layer norm of `lstm` and `lstmCell`. */
export interface LayerNormLstmOptions {
  /**
   * Layer norm on the sums of the gates, the input's and the state's each, and on `c`: where `h` is made of it (`output`
   * or `true`, Ba et al., 2016), where it is carried on as well (`state`), or not (`gates`); `false` by default. It takes
   * the place of the biases.
   */
  readonly layerNorm?: boolean | CellNorm | undefined;
  /** Added to the variance; 1e-5 by default. */
  readonly layerNormEpsilon?: number | undefined;
}

const checkNorm = optional(oneOf(true, false, 'output', 'state', 'gates'));
const checkEpsilon = optional(finite(Number.MIN_VALUE));

/** The kind of cell for these options, and what of them `recurrent` is given. */
export function normedKind(
  who: string,
  options: LayerNormLstmOptions,
): { readonly kind: CellKind; readonly own: RecurrentForm['own'] } {
  const { layerNorm, layerNormEpsilon } = (options as typeof options | null | undefined) ?? {}; // `recurrent` refuses none
  checkNorm(who, 'layerNorm', layerNorm);
  checkEpsilon(who, 'layerNormEpsilon', layerNormEpsilon);
  if (layerNorm === undefined || layerNorm === false) {
    if (layerNormEpsilon === undefined)
      return { kind: lstmKind, own: { layerNorm: undefined, layerNormEpsilon: undefined } };
    throw new RangeError(`${who}: layerNormEpsilon needs layerNorm`);
  }
  const [cellNorm, epsilon] = [layerNorm === true ? 'output' : layerNorm, layerNormEpsilon ?? 1e-5];
  return { kind: layerNormLstmKind(cellNorm, epsilon), own: { layerNorm: cellNorm, layerNormEpsilon: epsilon } };
}
