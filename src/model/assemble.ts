import { list } from '../check/list.js';
import type { Kernel } from '../kernel/kernel.js';
import { type KernelOptions, createKernel } from '../kernel/createKernel.js';
import type { Layer, NumbersByName } from '../layer/layer.js';
import type { Random } from '../random/random.js';
import { seeded } from '../random/seeded.js';
import type { Dtype } from '../types.js';
import { block, type Block } from './block.js';

/** What every model may be made with. */
export interface ModelOptions extends KernelOptions {
  /** How all numbers of the model are stored and reckoned; `float32` by default. */
  readonly dtype?: Dtype;
  /** What the first weights are drawn from, each layer's parameters in order; `seeded(0)` by default. */
  readonly random?: Random;
  /** Names of parameters that keep their values, such as `rnn.bias_hh_l0`; none by default. */
  readonly frozen?: readonly string[];
}

/** Named layers with memory for their parameters. */
export interface Assembly {
  readonly dtype: Dtype;
  readonly kernel: Kernel;
  readonly weights: Block;
  readonly frozen: ReadonlySet<string>;
  /** A block laid out as the weights are, of zeros. */
  gradients(): Block;
  /** A layer's own numbers in a block, by its own names. */
  own(block: Block, name: string, layer: Layer): NumbersByName;
}

/** Lays out and initialises the parameters of named layers, as `layer.parameter`. */
export function assemble(kind: string, parts: readonly (readonly [string, Layer])[], options: ModelOptions): Assembly {
  const { dtype = 'float32', random = seeded(0), frozen: frozenNames = [] } = options;
  const shapes = new Map<string, readonly number[]>();
  for (const [name, layer] of parts) for (const p of layer.parameters) shapes.set(`${name}.${p.name}`, p.shape);
  const frozen = new Set(frozenNames);
  for (const name of frozen) {
    if (!shapes.has(name)) {
      throw new RangeError(`${kind}: cannot freeze ${name}, there are ${list(shapes.keys())}`);
    }
  }
  const kernel = createKernel(kind, dtype, options);
  const weights = block(kernel, shapes, frozen);
  for (const [name, layer] of parts) {
    for (const p of layer.parameters) p.initialise(weights.tensors.get(`${name}.${p.name}`)!.data, random);
  }
  return {
    dtype,
    kernel,
    weights,
    frozen,
    gradients: () => block(kernel, shapes, frozen),
    own: ({ tensors }, name, layer) =>
      Object.fromEntries(layer.parameters.map((p) => [p.name, tensors.get(`${name}.${p.name}`)!.data])),
  };
}
