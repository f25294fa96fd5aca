import type { Layer } from '../layer/layer.js';
import { attentionOptions } from './attentionOptions.js';
import type { DecoderLayers } from './decoderChain.js';

/** The layers of an encoder–decoder. */
interface Parts extends DecoderLayers {
  readonly encoderEmbedding?: Layer | undefined;
  readonly encoder: Layer;
}

/** Refuses layers of an encoder–decoder that do not fit each other. */
export function checkSeq2seqSizes(parts: Parts): void {
  const { encoderEmbedding, encoder, decoderEmbedding, attention, decoder, combine, fc } = parts;
  if (JSON.stringify(encoder.state) !== JSON.stringify(decoder.state)) {
    const [theirs, ours] = [encoder.state, decoder.state].map((state) => JSON.stringify(state));
    throw new RangeError(`seq2seq: the decoder's state ${ours} is not the encoder's ${theirs}`);
  }
  const fits = (name: string, { inputSize, takes }: Layer, size: number, gives: string): void => {
    if (inputSize !== size) throw new RangeError(`seq2seq: ${name} takes ${inputSize} features, ${gives} ${size}`);
    if (takes === 'tokens') throw new TypeError(`seq2seq: ${name} takes tokens, ${gives} features`);
  };
  if (encoderEmbedding) fits('encoder', encoder, encoderEmbedding.outputSize, 'encoderEmbedding gives');
  if (combine && !attention) throw new TypeError('seq2seq: combine needs an attention, whose context it takes');
  if (!attention) {
    if (decoderEmbedding) fits('decoder', decoder, decoderEmbedding.outputSize, 'decoderEmbedding gives');
    fits('fc', fc, decoder.outputSize, 'the decoder gives');
    return;
  }
  checkAttention(attention, encoder, decoder);
  const { outputSize: context, inputSize: query } = attention;
  if (combine) {
    if (decoderEmbedding) fits('decoder', decoder, decoderEmbedding.outputSize, 'decoderEmbedding gives');
    if (query !== decoder.outputSize) {
      throw new RangeError(`seq2seq: attention takes queries of ${query}, the decoder gives ${decoder.outputSize}`);
    }
    fits('combine', combine, context + decoder.outputSize, 'context and decoder give');
    fits('fc', fc, combine.outputSize, 'combine gives');
    return;
  }
  const hidden = decoder.state['h']?.[1];
  if (query !== hidden) {
    const got = hidden === undefined ? 'has no state h' : `has a state of ${hidden}`;
    throw new RangeError(`seq2seq: attention takes queries of ${query}, the decoder ${got}`);
  }
  if (decoder.options['recurrentDropout']) {
    throw new RangeError(
      'seq2seq: a decoder that looks before each step cannot have recurrentDropout; with combine it looks after each step',
    );
  }
  if (decoderEmbedding) {
    fits('decoder', decoder, decoderEmbedding.outputSize + context, 'decoderEmbedding and context give');
  } else if (decoder.takes === 'tokens' || decoder.inputSize <= context) {
    throw new RangeError(
      `seq2seq: the decoder takes ${decoder.inputSize} numbers, which must be more than the ${context} of the context`,
    );
  }
  fits('fc', fc, decoder.outputSize, 'the decoder gives');
}

function checkAttention(attention: Layer, encoder: Layer, decoder: Layer): void {
  if (attention.kind !== 'attention') {
    throw new TypeError(
      `seq2seq: attention must be what attention({ … }) makes, got a layer of kind ${attention.kind}`,
    );
  }
  const { keySize } = attentionOptions(attention);
  if (keySize !== encoder.outputSize) {
    throw new RangeError(`seq2seq: attention takes keys of ${keySize}, the encoder gives ${encoder.outputSize}`);
  }
  if (decoder.bidirectional) {
    throw new RangeError('seq2seq: a decoder with an attention goes step by step and cannot be bidirectional');
  }
}
