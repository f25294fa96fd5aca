import type { Source } from '../types.js';
import type { Random } from '../random/random.js';
import type { LayerChain } from './layerChain.js';
import type { Tape } from './model.js';
import { type SequentialBuffers, sequentialTape, type SequentialTapeOptions } from './sequentialTape.js';

/** What a tape of an encoder and a decoder writes to; its `chain` is the decoder with the readout. */
export interface EncoderDecoderBuffers extends SequentialBuffers {
  readonly encoder: LayerChain;
}

/** The tape of a decoder that starts each window from the state of an encoder that has read the window's source. */
export function encoderDecoderTape(
  options: Omit<SequentialTapeOptions, 'upstream' | 'lease'> & {
    readonly lease: SequentialTapeOptions['lease'] & { readonly buffers: EncoderDecoderBuffers };
  },
): Tape {
  const { chain: decoder, encoder } = options.lease.buffers;
  return sequentialTape({
    ...options,
    upstream: {
      check({ source }) {
        if (!source) throw new TypeError('seq2seq: a window needs a source');
        encoder.check(source.inputs, source.steps, source.mask);
      },
      forward({ source, dropout }) {
        readSource(encoder, source!, dropout);
        for (const [i, { numbers }] of encoder.state.entries()) decoder.state[i]!.numbers.set(numbers);
      },
      backward() {
        for (const [i, { numbers }] of decoder.stateGradient().entries())
          encoder.stateGradient()[i]!.numbers.set(numbers);
        encoder.outputGradient().fill(0);
        encoder.backward({ fromState: true, atInput: false, afresh: false });
      },
      firstNotFinite: encoder.firstNotFinite,
    },
  });
}

/** Runs an encoder over a source that its `check` has accepted, from a state of zeros. */
export function readSource(encoder: LayerChain, source: Source, dropout?: Random): void {
  const { steps, inputs, mask } = source;
  for (const { numbers } of encoder.state) numbers.fill(0);
  encoder.forward(inputs, steps, { mask, dropout });
}
