import { listNames } from '../check/listNames.js';
import { refuse } from '../check/refuse.js';
import type { BufferScope, Kernel } from '../kernel/kernel.js';
import { type KernelOptions, createKernel } from '../kernel/createKernel.js';
import type { Layer, NumbersByName } from '../layer/layer.js';
import type { Random } from '../random/random.js';
import { seeded } from '../random/seeded.js';
import type { Dtype } from '../types.js';
import { parameterBlock, type ParameterBlock } from './parameterBlock.js';

/** Options of every model. */
export interface ModelOptions extends KernelOptions {
  /** How all numbers of the model are stored and computed; `float32` by default. */
  readonly dtype?: Dtype;
  /** What the first weights are drawn from, each layer's parameters in order; `seeded(0)` by default. */
  readonly random?: Random;
  /** Names of parameters that keep their values, such as `rnn.bias_hh_l0`; none by default. */
  readonly frozen?: readonly string[];
}

/** Layers by the names that their parameters begin with, in the order in which they run. */
export type NamedLayers = readonly (readonly [name: string, layer: Layer])[];

/** Named layers with memory for their parameters. */
export interface Parameters {
  readonly dtype: Dtype;
  readonly kernel: Kernel;
  readonly weights: ParameterBlock;
  readonly frozen: ReadonlySet<string>;
  /** A block of zeros laid out as the weights are. */
  makeGradients(memory: Pick<BufferScope, 'allocate'>): ParameterBlock;
}

/** Makes a kernel, and lays out and initialises in it the parameters of named layers, as `layer.parameter`. */
export function allocateParameters(kind: string, layers: NamedLayers, options: ModelOptions): Parameters {
  const { dtype = 'float32', random = seeded(0), frozen: frozenNames = [] } = options;
  if (!Array.isArray(frozenNames)) refuse(kind, 'frozen', 'an array of names', frozenNames, 'none');
  if (typeof (random as Partial<Random> | null)?.uniform !== 'function') {
    refuse(kind, 'random', 'a generator such as seeded(0)', random, 'none');
  }
  const shapes = new Map<string, readonly number[]>();
  for (const [name, layer] of layers) {
    checkOptionNames(kind, name, layer);
    for (const p of layer.parameters) {
      const full = `${name}.${p.name}`;
      if (shapes.has(full)) throw new RangeError(`${kind}: two parameters have the name ${listNames([full])}`);
      shapes.set(full, p.shape);
    }
  }
  const frozen = new Set(frozenNames);
  for (const name of frozen) {
    if (!shapes.has(name)) {
      throw new RangeError(`${kind}: cannot freeze ${listNames([name])}, there are ${listNames(shapes.keys())}`);
    }
  }
  const kernel = createKernel(kind, dtype, options);
  const weights = parameterBlock(kernel, shapes, frozen);
  for (const [name, layer] of layers) {
    for (const p of layer.parameters) p.initialise(weights.tensors.get(`${name}.${p.name}`)!.data, random);
  }
  return { dtype, kernel, weights, frozen, makeGradients: (memory) => parameterBlock(memory, shapes, frozen) };
}

/** Refuses options that a model's configuration, `{ name, kind, …options }` for each layer, would overwrite. */
function checkOptionNames(kind: string, name: string, { options }: Layer): void {
  for (const taken of ['name', 'kind']) {
    if (Object.hasOwn(options, taken)) {
      throw new TypeError(
        `${kind}: layer ${listNames([name])} has an option called ${taken}, which model files use; rename it`,
      );
    }
  }
}

/** A layer's own numbers in a block, by its own names. */
export function partOf({ tensors }: ParameterBlock, name: string, { parameters }: Layer): NumbersByName {
  return Object.fromEntries(parameters.map((p) => [p.name, tensors.get(`${name}.${p.name}`)!.data]));
}
