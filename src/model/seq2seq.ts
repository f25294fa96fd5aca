import type { Kernel } from '../kernel/kernel.js';
import type { Layer, LayerInput, LayerTape } from '../layer/layer.js';
import type { Numbers, State, Tensor, Token } from '../types.js';
import { assemble, type ModelOptions } from './assemble.js';
import type { Block } from './block.js';
import type { Model, Stepped, Tape } from './model.js';

export interface Seq2seqLayers {
  readonly encoder: Layer;
  /** Starts from the encoder's last state: of the same kind and size. */
  readonly decoder: Layer;
  /** The readout, from decoder to logits. */
  readonly fc: Layer;
}

export interface Seq2seqOptions extends ModelOptions {
  /** The token that begins every target: where it stands in a window, the source ends. */
  readonly start: Token;
}

/** A model of an encoder and a decoder; `step` is one step of the decoder, from the state that `encode` gives. */
export interface Seq2seq extends Model {
  /** The state after the encoder has read a source: tokens of one lane, or time-major of several. */
  encode(source: Int32Array, lanes?: number): State;
}

/**
 * An encoder–decoder: the encoder reads the source from a state of zeros, the decoder starts from the encoder's last
 * state and is told the target step by step (teacher forcing), the readout gives logits.
 *
 * A window holds the source, then the target from its start token on: inputs `source …, start, y₀, y₁, …`, targets
 * and mask over all of these steps, where the mask is 0 over the source (its outputs are zeros). Every window starts
 * afresh. Parameters: `encoder.…`, `decoder.…`, `fc.…`. Sutskever, Vinyals and Le, 2014; Cho et al., 2014.
 */
export function seq2seq(layers: Seq2seqLayers, options: Seq2seqOptions): Seq2seq {
  const { encoder, decoder, fc } = layers;
  const { start } = options;
  check(layers, start);
  const parts = Object.entries({ encoder, decoder, fc });
  const { dtype, kernel, weights, frozen, ...assembly } = assemble('seq2seq', parts, options);

  function zeroState(lanes = 1): State {
    const entries = Object.entries(decoder.state).map(([key, [depth, size]]): [string, Tensor] => [
      `decoder.${key}`,
      { shape: [depth, lanes, size], data: kernel.allocate(depth * lanes * size) },
    ]);
    return new Map(entries);
  }

  function makeTape(steps: number, lanes: number, previous?: Tape): PairTape {
    const gradients = assembly.gradients();
    const tapes = Object.fromEntries(
      parts.map(([name, layer]) => [
        name,
        layer.tape(kernel, assembly.own(weights, name, layer), assembly.own(gradients, name, layer), steps, lanes),
      ]),
    ) as Record<keyof Seq2seqLayers, LayerTape>;
    return pair({ kernel, layers, tapes, gradients, steps, lanes, start, zeroState, previous });
  }

  const ready = new Map<string, PairTape>(); // by steps and lanes, for encode and step
  function tapeFor(steps: number, lanes: number): PairTape {
    const key = `${steps} ${lanes}`;
    let tape = ready.get(key);
    if (!tape) ready.set(key, (tape = makeTape(steps, lanes)));
    return tape;
  }

  function step(input: Token | LayerInput, state: State): Stepped {
    const fed = typeof input === 'number' ? Int32Array.of(input) : input;
    if (!(fed instanceof Int32Array)) throw new TypeError('seq2seq: takes tokens, got features');
    const tape = tapeFor(1, fed.length);
    tape.setState(state);
    tape.decode(fed);
    const data = tape.output.slice(0, fed.length * fc.outputSize);
    return { output: { shape: [fed.length, fc.outputSize], data }, state: tape.state() };
  }

  return {
    kind: 'seq2seq',
    dtype,
    inputSize: encoder.inputSize,
    outputSize: fc.outputSize,
    kernel,
    weights,
    frozen,
    configuration: {
      kind: 'seq2seq',
      dtype,
      start,
      layers: parts.map(([name, { kind, options: given }]) => ({ name, kind, ...given })),
      ...(frozen.size > 0 && { frozen: [...frozen] }),
    },
    zeroState,
    step,
    tape: makeTape,
    encode(source, lanes = 1) {
      if (source.length === 0 || source.length % lanes !== 0) {
        throw new RangeError(`encode: needs tokens for ${lanes} lanes, got ${source.length}`);
      }
      const tape = tapeFor(source.length / lanes, lanes);
      tape.encode(source);
      return tape.state();
    },
  };
}

function check({ encoder, decoder, fc }: Seq2seqLayers, start: Token): void {
  if (JSON.stringify(encoder.state) !== JSON.stringify(decoder.state)) {
    const [theirs, ours] = [encoder.state, decoder.state].map((state) => JSON.stringify(state));
    throw new RangeError(`seq2seq: the decoder's state ${ours} is not the encoder's ${theirs}`);
  }
  if (fc.inputSize !== decoder.outputSize) {
    throw new RangeError(`seq2seq: fc takes ${fc.inputSize} features, the decoder gives ${decoder.outputSize}`);
  }
  if (!(Number.isInteger(start) && start >= 0 && start < decoder.inputSize)) {
    throw new RangeError(`seq2seq: start must be a token of the vocabulary of ${decoder.inputSize}, got ${start}`);
  }
}

interface PairTape extends Tape {
  encode(source: Int32Array): void;
  decode(target: Int32Array): void;
}

interface Pair {
  readonly kernel: Kernel;
  readonly layers: Seq2seqLayers;
  readonly tapes: Readonly<Record<keyof Seq2seqLayers, LayerTape>>;
  readonly gradients: Block;
  readonly steps: number;
  readonly lanes: number;
  readonly start: Token;
  readonly zeroState: (lanes: number) => State;
  readonly previous: Tape | undefined;
}

/** The encoder's tape joined to the decoder's by the state between them. */
function pair({
  kernel,
  layers,
  tapes,
  gradients,
  steps: capacity,
  lanes,
  start,
  zeroState,
  previous,
}: Pair): PairTape {
  const { encoder, decoder, fc } = tapes;
  const width = lanes * layers.fc.outputSize;
  const output = kernel.allocate(capacity * width);
  const outputGradient = kernel.allocate(capacity * width);
  const norms = [...(previous?.norms ?? [])];
  let source: Int32Array = new Int32Array(0);
  let target: Int32Array = new Int32Array(0);
  let passes = previous?.passes ?? 0;

  function encode(tokens: Int32Array): void {
    checkTokens(tokens, layers.encoder.inputSize);
    source = tokens;
    for (const state of Object.values(encoder.state)) state.fill(0);
    encoder.forward(source, source.length / lanes);
    for (const [key, state] of Object.entries(decoder.state)) state.set(encoder.state[key]!);
  }
  function decode(tokens: Int32Array): void {
    checkTokens(tokens, layers.decoder.inputSize);
    target = tokens;
    const steps = target.length / lanes;
    decoder.forward(target, steps);
    fc.forward(decoder.output, steps);
    output.set(fc.output.subarray(0, steps * width));
  }
  /** Where the target begins: the first step whose lanes all have the start token. */
  function boundary(inputs: Int32Array, steps: number): number {
    for (let t = 1; t < steps; t++) {
      if (inputs.subarray(t * lanes, (t + 1) * lanes).every((token) => token === start)) return t;
    }
    throw new RangeError(`seq2seq: no step of the window has the start token ${start} in every lane, after a source`);
  }

  return {
    steps: capacity,
    lanes,
    gradients,
    output,
    outputGradient,
    norms,
    get passes() {
      return passes;
    },
    encode,
    decode,
    forward(inputs, steps) {
      if (!(inputs instanceof Int32Array)) throw new TypeError('seq2seq: takes tokens, got features');
      if (steps > capacity) throw new RangeError(`tape: holds ${capacity} steps, got ${steps}`);
      if (inputs.length !== steps * lanes) {
        throw new RangeError(
          `seq2seq: ${steps} steps × ${lanes} lanes need ${steps * lanes} inputs, got ${inputs.length}`,
        );
      }
      const at = boundary(inputs, steps);
      passes++;
      encode(inputs.subarray(0, at * lanes));
      decode(inputs.subarray(at * lanes));
      output.copyWithin(at * width, 0, (steps - at) * width);
      output.fill(0, 0, at * width);
    },
    backward() {
      const [sourceSteps, targetSteps] = [source.length / lanes, target.length / lanes];
      for (const { data } of gradients.tensors.values()) data.fill(0);
      for (const gradient of Object.values(decoder.stateGradient)) gradient.fill(0);
      encoder.outputGradient.fill(0);
      decoder.outputGradient.fill(0);
      fc.outputGradient.set(outputGradient.subarray(sourceSteps * width, (sourceSteps + targetSteps) * width));
      fc.backward(decoder.output, decoder.outputGradient, targetSteps);
      decoder.backward(target, undefined, targetSteps);
      for (const [key, gradient] of Object.entries(encoder.stateGradient)) gradient.set(decoder.stateGradient[key]!);
      encoder.backward(source, undefined, sourceSteps);
    },
    stateGradient: () => named(decoder.stateGradient),
    inputGradient() {
      throw new TypeError('inputGradient: tokens have no gradient');
    },
    state: () => named(decoder.state),
    setState(state) {
      for (const [key, numbers] of Object.entries(decoder.state)) {
        const given = state.get(`decoder.${key}`);
        if (given?.data.length !== numbers.length) {
          throw new RangeError(`state: decoder.${key} needs ${numbers.length} numbers for ${lanes} lanes`);
        }
      }
      for (const [key, numbers] of Object.entries(decoder.state)) numbers.set(state.get(`decoder.${key}`)!.data);
    },
    reset() {
      // every window starts afresh: there is nothing carried
    },
    remember(norm) {
      norms.push(norm);
      if (norms.length > 10) norms.shift();
    },
    firstNotFinite() {
      return Object.entries(tapes).find(([, tape]) => !tape.output.every(Number.isFinite))?.[0];
    },
  };

  function named(numbers: Readonly<Record<string, Numbers>>): State {
    const copy = zeroState(lanes);
    for (const [key, values] of Object.entries(numbers)) copy.get(`decoder.${key}`)!.data.set(values);
    return copy;
  }
}

function checkTokens(tokens: Int32Array, vocabulary: number): void {
  for (const token of tokens) {
    if (token < -1 || token >= vocabulary) {
      throw new RangeError(`seq2seq: token ${token} is outside the vocabulary of ${vocabulary}`);
    }
  }
}
