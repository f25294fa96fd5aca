import { anything } from '../check/anything.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import type { Layer, LayerInput } from '../layer/layer.js';
import type { State } from '../types.js';
import type { ModelOptions } from './allocateParameters.js';
import { isLayer } from './isLayer.js';
import { layeredModel } from './layeredModel.js';
import type { Model } from './model.js';

/** The three layers of an encoder–decoder, under the names that its parameters begin with. */
export interface Seq2seqLayers {
  readonly encoder: Layer;
  /** Starts from the encoder's last state: of the same kind and size. */
  readonly decoder: Layer;
  /** The readout, from decoder to logits. */
  readonly fc: Layer;
}

/** Options of every model. */
export type Seq2seqOptions = ModelOptions;

/** How a source is laid out. */
export interface SourceOptions {
  /** Sources side by side; 1 by default. */
  readonly lanes?: number;
  /** `steps × lanes`: where it is 0, the source is padding and the encoder passes over it. Absent: none is. */
  readonly mask?: Uint8Array;
}

/** A model of an encoder and a decoder; `step` is one step of the decoder, from the state that `encode` gives. */
export interface Seq2seq extends Model {
  /**
   * The decoder's state after the encoder has read a source: tokens (`steps × lanes`) or features
   * (`steps × lanes × inputSize`), time-major. The numbers of a lane do not depend on the others.
   */
  encode(source: LayerInput, options?: SourceOptions): State;
}

/**
 * An encoder–decoder: the encoder reads the source from a state of zeros, the decoder starts from the encoder's last
 * state and is given the target step by step (teacher forcing), the readout gives logits.
 *
 * A window's `source` is what the encoder reads; its inputs, targets and mask are those of the decoder: inputs
 * `start, y₀, y₁, …`, targets `y₀, y₁, …, end`. Sources and targets of different lengths go side by side, padded and
 * masked: the numbers are those of each pair alone. Every window starts from a zero state. Parameters: `encoder.…`, `decoder.…`,
 * `fc.…`. Sutskever, Vinyals and Le, 2014; Cho et al., 2014.
 *
 * A RangeError where the states of the two or the sizes do not match; a TypeError for an unknown option, and for a
 * window without a source.
 *
 * ```ts
 * import { lastValueFrom, range, map } from 'rxjs';
 * import { adam, greedyDecode, gru, linear, seq2seq, train, type Window } from 'rxrnn';
 *
 * const model = seq2seq({
 *   encoder: gru({ inputSize: 5, hiddenSize: 16 }),
 *   decoder: gru({ inputSize: 5, hiddenSize: 16 }),
 *   fc: linear({ inputSize: 16, outputSize: 5 }),
 * });
 * // 2 3 in; 3 2 and the end token 1 out, after the start token 0
 * const window: Window = {
 *   lanes: 1,
 *   source: { steps: 2, inputs: Int32Array.of(2, 3) },
 *   steps: 3,
 *   inputs: Int32Array.of(0, 3, 2),
 *   targets: Int32Array.of(3, 2, 1),
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
export function seq2seq(layers: Seq2seqLayers, options: Seq2seqOptions = {}): Seq2seq {
  checkOptions('seq2seq', layers, { encoder: isLayer, decoder: isLayer, fc: isLayer });
  const { encoder, decoder, fc } = layers;
  checkSizes(layers);
  const { model, encode } = layeredModel({
    kind: 'seq2seq',
    encoder: ['encoder', encoder],
    layers: [
      ['decoder', decoder],
      ['fc', fc],
    ],
    options,
  });
  return Object.assign(model, {
    encode(inputs: LayerInput, given: SourceOptions = {}): State {
      checkOptions('encode', given, { lanes: optional(positiveInteger), mask: anything });
      const { lanes = 1, mask } = given;
      const width = inputs instanceof Int32Array ? 1 : encoder.inputSize;
      const steps = inputs.length / (lanes * width);
      if (!(Number.isInteger(steps) && steps > 0)) {
        const what = inputs instanceof Int32Array ? 'tokens' : `rows of ${width} features`;
        throw new RangeError(`encode: needs ${what} for ${lanes} lanes, got ${inputs.length} numbers`);
      }
      return encode({ steps, inputs, ...(mask && { mask }) }, lanes);
    },
  });
}

function checkSizes({ encoder, decoder, fc }: Seq2seqLayers): void {
  if (JSON.stringify(encoder.state) !== JSON.stringify(decoder.state)) {
    const [theirs, ours] = [encoder.state, decoder.state].map((state) => JSON.stringify(state));
    throw new RangeError(`seq2seq: the decoder's state ${ours} is not the encoder's ${theirs}`);
  }
  if (fc.inputSize !== decoder.outputSize) {
    throw new RangeError(`seq2seq: fc takes ${fc.inputSize} features, the decoder gives ${decoder.outputSize}`);
  }
  if (fc.takes === 'tokens') throw new TypeError('seq2seq: fc takes tokens, the decoder gives features');
}
