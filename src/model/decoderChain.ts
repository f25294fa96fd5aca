import { activation } from '../layer/activation.js';
import type { Layer, NumbersByName } from '../layer/layer.js';
import type { NamedLayers } from './allocateParameters.js';
import { attendAfter } from './attendAfter.js';
import { attendBefore } from './attendBefore.js';
import type { EncoderOutputs } from './encoderOutputs.js';

/** The layers of a decoder, by their names. */
export interface DecoderLayers {
  readonly decoderEmbedding?: Layer | undefined;
  readonly attention?: Layer | undefined;
  readonly decoder: Layer;
  readonly combine?: Layer | undefined;
  readonly fc: Layer;
}

/** What the chain of a decoder that attends works on. */
export interface ChainContext {
  /** What is looked at; undefined where nothing is. */
  readonly source: EncoderOutputs | undefined;
  /** The parameters of a layer, by its own names. */
  weightsOf(name: string, layer: Layer): NumbersByName;
  gradientsOf(name: string, layer: Layer): NumbersByName;
}

/** The layers of a decoder as they run one after another. */
export function decoderChain(layers: DecoderLayers, { source, weightsOf, gradientsOf }: ChainContext): NamedLayers {
  const { decoderEmbedding, attention, decoder, combine, fc } = layers;
  const first: NamedLayers = decoderEmbedding ? [['decoderEmbedding', decoderEmbedding]] : [];
  if (!attention || !source) return [...first, ['decoder', decoder], ['fc', fc]];
  if (combine) {
    return [
      ...first,
      ['decoder', decoder],
      ['attention', attendAfter(attention, source)],
      ['combine', combine],
      ['combine', activation({ size: combine.outputSize, nonlinearity: 'tanh' })],
      ['fc', fc],
    ];
  }
  const attending = attendBefore({
    decoder,
    attention,
    source,
    weights: weightsOf('attention', attention),
    gradients: () => gradientsOf('attention', attention),
  });
  return [...first, ['decoder', attending], ['fc', fc]];
}
