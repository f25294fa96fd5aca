import type { Layer } from '../../src/layer/layer.js';

/** A layer of which the steps of a window cannot be run one by one: what learns from a stream runs whole windows. */
export function asWholeWindows(layer: Layer): Layer {
  const tape: Layer['tape'] = (context) =>
    Object.create(layer.tape(context), { inRows: { value: false } }) as ReturnType<Layer['tape']>;
  return { ...layer, tape };
}
