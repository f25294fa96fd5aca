import type { Layer } from '../layer/layer.js';

/** The layers of each model, by the `configuration` that it gave, the same object: a file is checked against them. */
export const describedLayers: WeakMap<object, ReadonlyMap<string, Layer>> = new WeakMap<
  object,
  ReadonlyMap<string, Layer>
>();
