import { anything } from '../check/anything.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import type { Layer, LayerInput } from '../layer/layer.js';
import type { State } from '../types.js';
import type { ModelOptions, NamedLayers } from './allocateParameters.js';
import { checkedLayer } from './checkedLayer.js';
import { checkSeq2seqSizes } from './checkSeq2seqSizes.js';
import { decoderChain } from './decoderChain.js';
import { checkLayerInput } from './checkLayerInput.js';
import { layeredModel } from './layeredModel.js';
import type { Model } from './model.js';

/** The layers of an encoder–decoder, under the names that its parameters begin with. */
export interface Seq2seqLayers {
  /** What the encoder reads tokens through: an `embedding`; none by default. */
  readonly encoderEmbedding?: Layer | undefined;
  readonly encoder: Layer;
  /** What the decoder reads tokens through; none by default. */
  readonly decoderEmbedding?: Layer | undefined;
  /** What the decoder looks at the encoder's outputs with, an `attention({ … })`; without it, it has the last state alone. */
  readonly attention?: Layer | undefined;
  /** Starts from the encoder's last state: of the same kind and size. */
  readonly decoder: Layer;
  /**
   * A `linear` layer that takes the context and, beside it, the decoder's output: its tanh goes to `fc`. With it the
   * decoder looks after each step (Luong), without it before each step (Bahdanau); of an `attention` only.
   */
  readonly combine?: Layer | undefined;
  /** The readout, to logits. */
  readonly fc: Layer;
}

/** The names of these layers, in the order of their parameters. */
export const SEQ2SEQ_LAYERS = [
  'encoderEmbedding',
  'encoder',
  'decoderEmbedding',
  'attention',
  'decoder',
  'combine',
  'fc',
] as const;

/** Options of every model. */
export type Seq2seqOptions = ModelOptions;

/** How a source is laid out. */
export interface SourceOptions {
  /** Sources side by side; 1 by default. */
  readonly lanes?: number | undefined;
  /** `steps × lanes`: where it is 0, the source is padding and the encoder passes over it. Absent: none is. */
  readonly mask?: Uint8Array | undefined;
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
 * masked: the numbers are those of each pair alone. Every window starts from a zero state. Parameters: `encoder.…`,
 * `decoder.…`, `fc.…` and so on. Sutskever, Vinyals and Le, 2014; Cho et al., 2014.
 *
 * With an `attention` the decoder looks at all outputs of the encoder, with its own state s as the query and e as what it
 * reads. Its weights are in `attentionWeights` and in each `step`; what `encode` gives holds what is looked at, too.
 *
 * ```
 *   Bahdanau, Cho and Bengio, 2015    c = attention(s[t−1]), s[t] = decoder([e; c], s[t−1]), logits = fc(s[t])
 *   Luong, Pham and Manning, 2015     s[t] = decoder(e, s[t−1]), c = attention(s[t]), logits = fc(tanh(combine([c; s[t]])))
 * ```
 *
 * A RangeError where the states of the two or the sizes do not match, and for a decoder that cannot look: one in both
 * directions, and before each step one with `recurrentDropout`, which holds for a window. A TypeError for an unknown option,
 * and for a window without a source.
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
  const given = checkOptions('seq2seq', layers, {
    encoderEmbedding: anything, // these are checked as layers
    encoder: anything,
    decoderEmbedding: anything,
    attention: anything,
    decoder: anything,
    combine: anything,
    fc: anything,
  });
  const parts = checkedParts(given);
  checkSeq2seqSizes(parts);
  const { encoderEmbedding, encoder, decoderEmbedding, attention, decoder, combine, fc } = parts;
  const named = (names: readonly (keyof Seq2seqLayers)[]): NamedLayers =>
    names.flatMap((name) => (parts[name] ? [[name, parts[name]] as const] : []));
  const before = attention && !combine ? attention.outputSize : 0; // of the decoder's inputs, those that are a context
  const { model, encode } = layeredModel({
    kind: 'seq2seq',
    encoder: named(['encoderEmbedding', 'encoder']),
    layers: named(['decoderEmbedding', 'attention', 'decoder', 'combine', 'fc']),
    decode: {
      inputSize: decoderEmbedding?.inputSize ?? decoder.inputSize - before,
      keySize: attention && encoder.outputSize,
      chain: (context) => decoderChain({ decoderEmbedding, attention, decoder, combine, fc }, context),
    },
    options,
  });
  const reader = encoderEmbedding ?? encoder;
  return Object.assign(model, {
    encode(inputs: LayerInput, given: SourceOptions = {}): State {
      given = checkOptions('encode', given, { lanes: optional(positiveInteger), mask: anything });
      const { lanes = 1, mask } = given;
      checkLayerInput('encode', 'the source', inputs);
      const width = inputs instanceof Int32Array ? 1 : reader.inputSize;
      const steps = inputs.length / (lanes * width);
      if (!(Number.isInteger(steps) && steps > 0)) {
        const what = inputs instanceof Int32Array ? 'tokens' : `rows of ${width} features`;
        throw new RangeError(`encode: needs ${what} for ${lanes} lanes, got ${inputs.length} numbers`);
      }
      return encode({ steps, inputs, ...(mask && { mask }) }, lanes);
    },
  });
}

/** The layers that are given, each checked. */
function checkedParts(given: Seq2seqLayers): Seq2seqLayers {
  const parts: Partial<Record<keyof Seq2seqLayers, Layer>> = {};
  for (const name of SEQ2SEQ_LAYERS) {
    const needed = name === 'encoder' || name === 'decoder' || name === 'fc';
    if (needed || given[name] !== undefined) parts[name] = checkedLayer('seq2seq', name, given[name]!);
  }
  return parts as Seq2seqLayers;
}
