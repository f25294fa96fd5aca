import { listNames } from '../check/listNames.js';
import { oneOf } from '../check/oneOf.js';
import { showName } from '../check/showName.js';
import { refuse } from '../check/refuse.js';
import type { BufferScope, Kernel } from '../kernel/kernel.js';
import { type KernelOptions, createKernel } from '../kernel/createKernel.js';
import type { Layer, NumbersByName } from '../layer/layer.js';
import type { Random } from '../random/random.js';
import { seeded } from '../random/seeded.js';
import type { Dtype, HalfDtype, Tensors } from '../types.js';
import { writeWeights } from './writeWeights.js';
import { parameterBlock, type ParameterBlock } from './parameterBlock.js';
import { weightTies } from './weightTies.js';

/** Options of every model. */
export interface ModelOptions extends KernelOptions {
  /** How all numbers of the model are stored and computed; `float32` by default. */
  readonly dtype?: Dtype | undefined;
  /** What the first weights are drawn from, each layer's parameters in order; `seeded(0)` by default. */
  readonly random?: Random | undefined;
  /** The first weights, as `stateDict` returns them, of all parameters; without them they are drawn. */
  readonly stateDict?: Tensors | undefined;
  /** Rounds the weights to 16 bits, for a float32 model that does not learn; see `loadModel`. */
  readonly weights?: HalfDtype | undefined;
  /** Names of parameters that keep their values, such as `rnn.bias_hh_l0`; none by default. */
  readonly frozen?: readonly string[] | undefined;
  /**
   * Parameters that are others of the same shape, and learn with them: `{ 'linear.weight': 'embedding.weight' }` reads and
   * writes symbols by one table (Press and Wolf, 2017). None by default. Only the one that is kept is in `stateDict` and in
   * files; it starts as the last of them in the order of layers, so that an output layer's start small. `loadStateDict`
   * takes both names where their numbers are equal, as torch's `state_dict` has them.
   */
  readonly weightTying?: Readonly<Record<string, string>> | undefined;
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

const checkHalf = oneOf('float16', 'bfloat16');

/** Makes a kernel, and lays out and initialises in it the parameters of named layers, as `layer.parameter`. */
export function allocateParameters(kind: string, layers: NamedLayers, options: ModelOptions): Parameters {
  const { dtype = 'float32', random = seeded(0), frozen: frozenNames = [], stateDict, weights: half } = options;
  if (half !== undefined) checkHalf(kind, 'weights', half);
  if (half && dtype !== 'float32') {
    throw new RangeError(`${kind}: weights of ${half} need dtype float32, got ${dtype}`);
  }
  if (!(Array.isArray(frozenNames) && frozenNames.every((name) => typeof name === 'string'))) {
    refuse(kind, 'frozen', 'an array of names', frozenNames, 'none');
  }
  if (typeof (random as Partial<Random> | null)?.uniform !== 'function') {
    refuse(kind, 'random', 'a generator such as seeded(0)', random, 'none');
  }
  if (stateDict !== undefined && !((stateDict as unknown) instanceof Map)) {
    refuse(kind, 'stateDict', 'a map as stateDict returns it', stateDict, 'none');
  }
  const shapes = new Map<string, readonly number[]>();
  for (const [name, layer] of layers) {
    checkOptionNames(kind, name, layer);
    for (const p of layer.parameters) {
      const full = `${name}.${p.name}`;
      if (shapes.has(full)) throw new RangeError(`${kind}: two parameters have the name ${showName(full)}`);
      shapes.set(full, p.shape);
    }
  }
  const ties = weightTies(kind, options.weightTying, shapes);
  for (const name of ties.keys()) shapes.delete(name);
  const frozen = new Set(frozenNames);
  for (const name of frozen) {
    if (!shapes.has(name)) {
      throw new RangeError(`${kind}: cannot freeze ${showName(name)}, there are ${listNames(shapes.keys())}`);
    }
  }
  const kernel = createKernel(kind, dtype, options);
  try {
    const tied = ties.size > 0 && { ties };
    const weights = { ...parameterBlock(kernel, shapes, frozen, half), ...tied };
    if (stateDict) writeWeights({ weights, kernel }, stateDict);
    else {
      initialise(weights, layers, random);
      if (half) writeWeights({ weights, kernel }, weights.tensors);
    }
    const makeGradients: Parameters['makeGradients'] = (memory) => ({
      ...parameterBlock(memory, shapes, frozen),
      ...tied,
      of: weights,
    });
    return { dtype, kernel, weights, frozen, makeGradients };
  } catch (error) {
    kernel.dispose(); // its threads would wait for a garbage collection
    throw error;
  }
}

function initialise(weights: ParameterBlock, layers: NamedLayers, random: Random): void {
  for (const [name, layer] of layers) {
    const own = partOf(weights, name, layer);
    for (const p of layer.parameters) p.initialise(own[p.name]!, random);
  }
}

/** Refuses options that a model's configuration, `{ name, kind, …options }` for each layer, would overwrite. */
function checkOptionNames(kind: string, name: string, { options }: Layer): void {
  for (const taken of ['name', 'kind']) {
    if (Object.hasOwn(options, taken)) {
      throw new TypeError(
        `${kind}: layer ${showName(name)} has an option called ${taken}, which model files use; rename it`,
      );
    }
  }
}

/** A layer's own numbers in a block, by its own names. */
export function partOf({ tensors, ties }: ParameterBlock, name: string, { parameters }: Layer): NumbersByName {
  return Object.fromEntries(
    parameters.map((p) => {
      const full = `${name}.${p.name}`;
      return [p.name, tensors.get(ties?.get(full) ?? full)!.data];
    }),
  );
}
