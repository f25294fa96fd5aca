import { refuse } from '../check/refuse.js';
import type { LayerInput } from '../layer/layer.js';

/** Accepts tokens and features: typed arrays, since other lists would be copied at every window. */
export function checkLayerInput(who: string, what: string, value: unknown): asserts value is LayerInput {
  if (value instanceof Int32Array || value instanceof Float32Array || value instanceof Float64Array) return;
  refuse(who, what, 'an Int32Array of tokens, or a Float32Array or Float64Array of features', value, 'none');
}
