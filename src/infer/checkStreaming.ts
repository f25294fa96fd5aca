import type { Model } from '../model/model.js';

/** Refuses a model that needs the end of a sequence before it can say anything of its beginning. */
export function checkStreaming(name: string, model: Model): void {
  if (model.kind === 'seq2seq') throw new RangeError(`${name}: a seq2seq reads whole sequences, not a stream`);
  const reverse = [...model.weights.tensors.keys()].find((parameter) => parameter.endsWith('_reverse'));
  if (reverse === undefined) return;
  const layer = reverse.split('.')[0]!;
  throw new RangeError(`${name}: layer ${layer} is bidirectional and reads from the end, which a stream has not`);
}
