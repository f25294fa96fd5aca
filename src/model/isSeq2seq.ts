import { checkModel } from './checkModel.js';
import type { Model } from './model.js';
import type { Seq2seq } from './seq2seq.js';

/**
 * Whether a model is an encoder with a decoder: then it has `encode`, and `greedyDecode`, `beamSearch` and
 * `sampleDecode` take it. For models whose kind the program does not know, such as those from files.
 *
 * A TypeError for what is not a model.
 *
 * ```ts
 * import { gru, isSeq2seq, linear, type Model, seq2seq, sequential } from 'rxrnn';
 *
 * const [cell, fc] = [gru({ inputSize: 3, hiddenSize: 4 }), linear({ inputSize: 4, outputSize: 3 })];
 * const models: Model[] = [seq2seq({ encoder: cell, decoder: cell, fc }), sequential({ cell, fc })];
 * for (const model of models) {
 *   if (isSeq2seq(model)) console.log(model.encode(Int32Array.of(0, 1)).get('decoder.h')!.shape); // -> [ 1, 1, 4 ]
 * }
 * ```
 */
export function isSeq2seq(model: Model): model is Seq2seq {
  checkModel('isSeq2seq', 'model', model);
  return model.kind === 'seq2seq' && typeof (model as Partial<Seq2seq>).encode === 'function';
}
