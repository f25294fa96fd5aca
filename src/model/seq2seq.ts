import { zeros } from '../kernel/zeros.js';
import type { Layer, LayerInput, LayerTape } from '../layer/layer.js';
import type { State, Tensor, Token } from '../types.js';
import { assemble, type ModelOptions } from './assemble.js';
import type { Model, Stepped, Tape } from './model.js';
import { pair, type PairBuffers, type PairTape } from './pair.js';
import { pool } from './pool.js';

/** The three layers of an encoder–decoder, under the names that its parameters begin with. */
export interface Seq2seqLayers {
  readonly encoder: Layer;
  /** Starts from the encoder's last state: of the same kind and size. */
  readonly decoder: Layer;
  /** The readout, from decoder to logits. */
  readonly fc: Layer;
}

/** What every model may be made with, and where a target begins. */
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
 * A RangeError where the states of the two or the sizes do not meet, and for a `start` that is no token.
 *
 * ```ts
 * import { lastValueFrom, range, map } from 'rxjs';
 * import { adam, greedyDecode, gru, linear, seq2seq, train, type Window } from 'rxrnn';
 *
 * const model = seq2seq(
 *   {
 *     encoder: gru({ inputSize: 5, hiddenSize: 16 }),
 *     decoder: gru({ inputSize: 5, hiddenSize: 16 }),
 *     fc: linear({ inputSize: 16, outputSize: 5 }),
 *   },
 *   { start: 0 },
 * );
 * // 2 3 in, 3 2 and the end token 1 out
 * const window: Window = {
 *   steps: 5,
 *   lanes: 1,
 *   inputs: Int32Array.of(2, 3, 0, 3, 2),
 *   targets: Int32Array.of(0, 0, 3, 2, 1),
 *   mask: Uint8Array.of(0, 0, 1, 1, 1),
 * };
 * const optimizer = adam({ learningRate: 0.05 });
 * await lastValueFrom(
 *   range(0, 40).pipe(
 *     map(() => window),
 *     train(model, { optimizer }),
 *   ),
 * );
 * console.log(greedyDecode(model, Int32Array.of(2, 3), { start: 0, end: 1, maxTokens: 5 })); // -> [ 3, 2, 1 ]
 * ```
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
      { shape: [depth, lanes, size], data: zeros(dtype, depth * lanes * size) },
    ]);
    return new Map(entries);
  }

  function makeBuffers(steps: number, lanes: number): PairBuffers {
    const gradients = assembly.gradients();
    const tapes = Object.fromEntries(
      parts.map(([name, layer]) => [
        name,
        layer.tape(kernel, assembly.own(weights, name, layer), assembly.own(gradients, name, layer), steps, lanes),
      ]),
    ) as Record<keyof Seq2seqLayers, LayerTape>;
    const size = steps * lanes * fc.outputSize;
    const [output, outputGradient] = [kernel.allocate(size), kernel.allocate(size)];
    return { steps, lanes, gradients, tapes, output, outputGradient };
  }
  const lend = pool(makeBuffers, () => {
    // every window starts afresh: there is nothing to clear
  });
  const makeTape = (steps: number, lanes: number, previous?: Tape): PairTape =>
    pair({ kernel, layers, loan: lend(steps, lanes), start, zeroState, previous });

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
