import { type AttentionTape, attentionTape, type AttentionTapeOptions } from '../layer/attentionTape.js';
import type { Layer } from '../layer/layer.js';
import { attentionOptions } from './attentionOptions.js';
import type { EncoderOutputs } from './encoderOutputs.js';

/** The tape of an attention over what an encoder read, which knows of it from then on. */
export function attentionOver(
  attention: Layer,
  memory: Pick<AttentionTapeOptions, 'kernel' | 'weights' | 'queries' | 'lanes' | 'allocate'>,
  source: EncoderOutputs,
): AttentionTape {
  const own = attentionTape({ ...attentionOptions(attention), ...memory, source });
  source.attention = own;
  return own;
}
