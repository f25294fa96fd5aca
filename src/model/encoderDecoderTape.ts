import type { EncoderOutputs } from './encoderOutputs.js';
import type { LayerChain } from './layerChain.js';
import type { Tape } from './model.js';
import { type SequentialBuffers, sequentialTape, type SequentialTapeOptions } from './sequentialTape.js';

/** The buffers of an encoder–decoder's tape; its `chain` is the decoder with the readout. */
export interface EncoderDecoderBuffers extends SequentialBuffers {
  encoder(): LayerChain;
  /** What the decoder looks at, where it has an attention. */
  readonly outputs: EncoderOutputs | undefined;
}

/** The tape of a decoder that starts each window from the state of an encoder that has read the window's source. */
export function encoderDecoderTape(
  options: Omit<SequentialTapeOptions, 'upstream' | 'lease'> & {
    readonly lease: SequentialTapeOptions['lease'] & { readonly buffers: EncoderDecoderBuffers };
  },
): Tape {
  const { buffers } = options.lease;
  const { outputs } = buffers;
  const [decoder, encoder] = [buffers.chain(), buffers.encoder()];
  return sequentialTape({
    ...options,
    outputs,
    upstream: {
      check({ source }) {
        if (!source) throw new TypeError('seq2seq: a window needs a source');
        encoder.check(source.inputs, source.steps, source.mask, 'source');
      },
      forward({ source, dropoutRandom }) {
        const { inputs, steps, mask } = source!;
        for (const { numbers } of encoder.state) numbers.fill(0);
        encoder.forward(inputs, steps, { mask, dropoutRandom });
        for (const [i, { numbers }] of encoder.state.entries()) decoder.state[i]!.numbers.set(numbers);
        outputs?.take(steps, encoder.output(), mask, encoder.outputGradient);
      },
      backward() {
        for (const [i, { numbers }] of decoder.stateGradient().entries())
          encoder.stateGradient()[i]!.numbers.set(numbers);
        if (!outputs) encoder.outputGradient().fill(0); // an attention has written it
        encoder.backward({ fromState: true, atInput: false, afresh: false });
      },
      firstNotFinite: encoder.firstNotFinite,
    },
  });
}
