import type { Layer } from '../layer/layer.js';

/**
 * The larger of the sizes of what comes into a model of these layers and what goes out: an encoder–decoder reads by its
 * first two layers.
 */
export function largestEnd(layers: ReadonlyMap<string, Layer>): number {
  const inOrder = [...layers.values()];
  const readers = layers.has('encoder') ? inOrder.slice(0, 2) : inOrder.slice(0, 1);
  return Math.max(...readers.map(({ inputSize }) => inputSize), inOrder.at(-1)!.outputSize);
}
