import { refuse } from '../check/refuse.js';
import type { LayerInput } from '../layer/layer.js';
import { checkLayerInput } from '../model/checkLayerInput.js';
import type { Seq2seq } from '../model/seq2seq.js';

/** Refuses what is not an encoder with a decoder, and what its encoder could not read. */
export function checkSeq2seq(who: string, model: Seq2seq, source: LayerInput): void {
  if (typeof (model as Partial<Seq2seq> | null | undefined)?.encode !== 'function') {
    refuse(who, 'model', 'what seq2seq({ … }) makes', model, 'none');
  }
  checkLayerInput(who, 'source', source);
}
