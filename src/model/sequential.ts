import { plain } from '../kernel/plain.js';
import type { Layer, LayerInput, LayerTape, NumbersByName } from '../layer/layer.js';
import type { Random } from '../random/random.js';
import { seeded } from '../random/seeded.js';
import type { Dtype, Numbers, State, Tensor, Token } from '../types.js';
import { block, type Block } from './block.js';
import type { Model, Stepped, Tape } from './model.js';

export interface SequentialOptions {
  /** `float32` by default. */
  readonly dtype?: Dtype;
  /** What the first weights are drawn from, each layer's parameters in order; `seeded(0)` by default. */
  readonly random?: Random;
  /** Names of parameters that keep their values, such as `rnn.bias_hh_l0`. */
  readonly frozen?: readonly string[];
}

/**
 * A model that runs layers one after another, each on the output of the one before.
 *
 * Parameters are named `layer.parameter`: `sequential({ rnn: rnn({ … }), linear: linear({ … }) })` has
 * `rnn.weight_ih_l0` and so on. Sizes that do not meet are refused. `torch.nn.Sequential` over an ordered dictionary.
 */
export function sequential(layers: Readonly<Record<string, Layer>>, options: SequentialOptions = {}): Model {
  const { dtype = 'float32', random = seeded(0), frozen: frozenNames = [] } = options;
  const parts = Object.entries(layers);
  checkChain(parts);
  const shapes = new Map<string, readonly number[]>();
  for (const [name, layer] of parts) for (const p of layer.parameters) shapes.set(`${name}.${p.name}`, p.shape);
  const frozen = new Set(frozenNames);
  for (const name of frozen) {
    if (!shapes.has(name)) {
      throw new RangeError(`sequential: cannot freeze ${name}, there are ${[...shapes.keys()].join(', ')}`);
    }
  }
  const kernel = plain(dtype);
  const weights = block(kernel, shapes, frozen);
  for (const [name, layer] of parts) {
    for (const p of layer.parameters) p.initialise(weights.tensors.get(`${name}.${p.name}`)!.data, random);
  }
  const inputSize = parts[0]![1].inputSize;
  const outputSize = parts.at(-1)![1].outputSize;

  function zeroState(lanes = 1): State {
    const state = new Map<string, Tensor>();
    for (const [name, layer] of parts) {
      for (const [key, [depth, size]] of Object.entries(layer.state)) {
        state.set(`${name}.${key}`, { shape: [depth, lanes, size], data: kernel.allocate(depth * lanes * size) });
      }
    }
    return state;
  }

  function makeTape(steps: number, lanes: number, previous?: Tape): Tape {
    const gradients = block(kernel, shapes, frozen);
    const tapes = parts.map(([name, layer]) =>
      layer.tape(kernel, own(weights, name, layer), own(gradients, name, layer), steps, lanes),
    );
    const tape = chain({ parts, tapes, gradients, steps, lanes, copyOfZeros: () => zeroState(lanes), previous });
    if (previous?.lanes === lanes) tape.setState(previous.state());
    return tape;
  }

  const stepping = new Map<number, Tape>(); // by lanes, made when first asked for
  function step(input: Token | LayerInput, state: State): Stepped {
    const fed = typeof input === 'number' ? Int32Array.of(input) : input;
    const lanes = fed instanceof Int32Array ? fed.length : fed.length / inputSize;
    let tape = stepping.get(lanes);
    if (!tape) stepping.set(lanes, (tape = makeTape(1, lanes)));
    tape.setState(state);
    tape.forward(fed, 1);
    return { output: { shape: [lanes, outputSize], data: tape.output.slice() }, state: tape.state() };
  }

  return {
    kind: 'sequential',
    dtype,
    inputSize,
    outputSize,
    kernel,
    weights,
    frozen,
    configuration: {
      kind: 'sequential',
      dtype,
      layers: parts.map(([name, { kind, options }]) => ({ name, kind, ...options })),
    },
    zeroState,
    step,
    tape: makeTape,
  };
}

function checkChain(parts: readonly (readonly [string, Layer])[]): void {
  if (parts.length === 0) throw new RangeError('sequential: needs at least one layer');
  for (let i = 1; i < parts.length; i++) {
    const [before, { outputSize }] = parts[i - 1]!;
    const [name, { inputSize, takes }] = parts[i]!;
    if (takes === 'tokens') throw new TypeError(`sequential: ${name} takes tokens and can only be the first layer`);
    if (inputSize !== outputSize) {
      throw new RangeError(`sequential: ${name} takes ${inputSize} features, ${before} before it gives ${outputSize}`);
    }
  }
}

function own({ tensors }: Block, name: string, layer: Layer): NumbersByName {
  return Object.fromEntries(layer.parameters.map((p) => [p.name, tensors.get(`${name}.${p.name}`)!.data]));
}

interface Chain {
  readonly parts: readonly (readonly [string, Layer])[];
  readonly tapes: readonly LayerTape[];
  readonly gradients: Block;
  readonly steps: number;
  readonly lanes: number;
  readonly copyOfZeros: () => State;
  readonly previous: Tape | undefined;
}

/** Layer tapes end to end: forward from first to last, backward from last to first. */
function chain({ parts, tapes, gradients, steps: capacity, lanes, copyOfZeros, previous }: Chain): Tape {
  const last = tapes.at(-1)!;
  const { inputSize, takes } = parts[0]![1];
  let fed: LayerInput = new Int32Array(0);
  let steps = 0;
  let passes = previous?.passes ?? 0;
  const norms = [...(previous?.norms ?? [])];

  function checkInput(input: LayerInput): void {
    if (input instanceof Int32Array) {
      if (takes === 'features') throw new TypeError(`${parts[0]![0]}: takes features, got tokens`);
      checkLength(input.length, steps * lanes);
      for (let i = 0; i < input.length; i++) {
        if (input[i]! < -1 || input[i]! >= inputSize) {
          throw new RangeError(`${parts[0]![0]}: token ${input[i]} is outside the vocabulary of ${inputSize}`);
        }
      }
    } else {
      if (takes === 'tokens') throw new TypeError(`${parts[0]![0]}: takes tokens (Int32Array), got features`);
      checkLength(input.length, steps * lanes * inputSize);
    }
  }
  function checkLength(length: number, expected: number): void {
    if (length !== expected) {
      throw new RangeError(`${parts[0]![0]}: ${steps} steps × ${lanes} lanes need ${expected} inputs, got ${length}`);
    }
  }

  return {
    steps: capacity,
    lanes,
    gradients,
    output: last.output,
    outputGradient: last.outputGradient,
    get passes() {
      return passes;
    },
    forward(input, forSteps) {
      if (forSteps > capacity) throw new RangeError(`tape: holds ${capacity} steps, got ${forSteps}`);
      steps = forSteps;
      checkInput(input);
      fed = input;
      passes++;
      let x = input;
      for (const tape of tapes) {
        tape.forward(x, steps);
        x = tape.output;
      }
    },
    backward() {
      for (const { data } of gradients.tensors.values()) data.fill(0);
      for (let i = tapes.length - 1; i >= 0; i--) {
        const below = tapes[i - 1];
        if (below) below.outputGradient.fill(0, 0, steps * lanes * parts[i - 1]![1].outputSize);
        for (const gradient of Object.values(tapes[i]!.stateGradient)) gradient.fill(0); // truncated here
        tapes[i]!.backward(below ? below.output : fed, below?.outputGradient, steps);
      }
    },
    state() {
      const copy = copyOfZeros();
      eachState((name, carried) => copy.get(name)!.data.set(carried));
      return copy;
    },
    setState(state) {
      eachState((name, carried) => {
        const given = state.get(name);
        if (given?.data.length !== carried.length) {
          const got = given ? `shape [${given.shape.join(', ')}]` : 'none';
          throw new RangeError(`state: ${name} needs ${carried.length} numbers for ${lanes} lanes, got ${got}`);
        }
        carried.set(given.data);
      });
    },
    reset(flags) {
      eachState((_name, carried, depth, size) => {
        for (let layer = 0; layer < depth; layer++) {
          for (let lane = 0; lane < lanes; lane++) {
            const from = (layer * lanes + lane) * size;
            if (flags[lane]) carried.fill(0, from, from + size);
          }
        }
      });
    },
    norms,
    remember(norm) {
      norms.push(norm);
      if (norms.length > 10) norms.shift();
    },
    firstNotFinite() {
      const found = tapes.findIndex(({ output }, i) => !isFinite(output, steps * lanes * parts[i]![1].outputSize));
      return parts[found]?.[0];
    },
  };

  function eachState(visit: (name: string, carried: Numbers, depth: number, size: number) => void): void {
    for (const [i, [name, layer]] of parts.entries()) {
      for (const [key, [depth, size]] of Object.entries(layer.state)) {
        visit(`${name}.${key}`, tapes[i]!.state[key]!, depth, size);
      }
    }
  }
}

function isFinite(numbers: Numbers, length: number): boolean {
  for (let i = 0; i < length; i++) if (!Number.isFinite(numbers[i]!)) return false;
  return true;
}
