import { attention, type AttentionOptions } from '../layer/attention.js';
import type { AttentionTapeOptions } from '../layer/attentionTape.js';
import type { Layer } from '../layer/layer.js';

/** What the tape of an attention needs to know of its layer, whose options are checked again: a layer may be anybody's. */
export function attentionOptions({
  options,
}: Layer): Pick<AttentionTapeOptions, 'score' | 'attentionSize' | 'querySize' | 'keySize' | 'valueSize'> {
  const given = options as unknown as AttentionOptions;
  attention(given);
  const { score, querySize, keySize, attentionSize } = given;
  return { score, querySize, keySize, attentionSize, valueSize: keySize };
}
