import type { Kernel } from '../kernel/kernel.js';
import type { LayerTape } from '../layer/layer.js';
import type { Random } from '../random/random.js';
import type { Numbers, State, Token } from '../types.js';
import type { Block } from './block.js';
import type { Tape } from './model.js';
import type { Buffers, Loan } from './pool.js';
import type { Seq2seqLayers } from './seq2seq.js';

/** A tape that can also run its two halves one by one. */
export interface PairTape extends Tape {
  encode(source: Int32Array): void;
  decode(target: Int32Array): void;
}

export interface Pair {
  readonly kernel: Kernel;
  readonly layers: Seq2seqLayers;
  readonly loan: Loan<PairBuffers>;
  readonly start: Token;
  readonly zeroState: (lanes: number) => State;
  readonly previous: Tape | undefined;
}

/** What a pair writes to. */
export interface PairBuffers extends Buffers {
  readonly tapes: Readonly<Record<keyof Seq2seqLayers, LayerTape>>;
  readonly gradients: Block;
  readonly output: Numbers;
  readonly outputGradient: Numbers;
}

/** The encoder's tape joined to the decoder's by the state between them. */
export function pair({ kernel, layers, loan, start, zeroState, previous }: Pair): PairTape {
  const { tapes, gradients, steps: capacity, lanes, output, outputGradient } = loan.buffers;
  const { encoder, decoder, fc } = tapes;
  const width = lanes * layers.fc.outputSize;
  const norms = [...(previous?.norms ?? [])];
  let source: Int32Array = new Int32Array(0);
  let target: Int32Array = new Int32Array(0);
  let passes = previous?.passes ?? 0;

  function encode(tokens: Int32Array, dropout?: Random): void {
    checkTokens(tokens, layers.encoder.inputSize);
    source = tokens;
    for (const state of Object.values(encoder.state)) state.fill(0);
    encoder.forward(source, source.length / lanes, { dropout });
    for (const [key, state] of Object.entries(decoder.state)) state.set(encoder.state[key]!);
  }
  function decode(tokens: Int32Array, dropout?: Random): void {
    checkTokens(tokens, layers.decoder.inputSize);
    target = tokens;
    const steps = target.length / lanes;
    decoder.forward(target, steps, { dropout });
    fc.forward(decoder.output, steps, { dropout });
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
      return loan.expired ? -1 : passes;
    },
    release: loan.giveBack,
    encode,
    decode,
    forward(inputs, steps, { dropout } = {}) {
      if (!(inputs instanceof Int32Array)) throw new TypeError('seq2seq: takes tokens, got features');
      if (steps > capacity) throw new RangeError(`tape: holds ${capacity} steps, got ${steps}`);
      if (inputs.length !== steps * lanes) {
        throw new RangeError(
          `seq2seq: ${steps} steps × ${lanes} lanes need ${steps * lanes} inputs, got ${inputs.length}`,
        );
      }
      const at = boundary(inputs, steps);
      passes++;
      encode(inputs.subarray(0, at * lanes), dropout);
      decode(inputs.subarray(at * lanes), dropout);
      output.copyWithin(at * width, 0, (steps - at) * width);
      output.fill(0, 0, at * width);
    },
    backward() {
      const [sourceSteps, targetSteps] = [source.length / lanes, target.length / lanes];
      kernel.zero(gradients.numbers, gradients.numbers.length);
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
