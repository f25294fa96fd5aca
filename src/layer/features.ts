import type { Numbers } from '../types.js';
import type { LayerInput } from './layer.js';

/** The input of a layer that takes features only; a TypeError for tokens. */
export function features(layer: string, input: LayerInput): Numbers {
  if (!(input instanceof Int32Array)) return input;
  throw new TypeError(`${layer}: takes features, got tokens`);
}
