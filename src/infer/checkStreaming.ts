import type { Model } from '../model/model.js';

/** Refuses a model that needs the end of a sequence before it can score its beginning. */
export function checkStreaming(who: string, model: Model): void {
  if (model.kind === 'seq2seq') throw new RangeError(`${who}: a seq2seq reads whole sequences, not a stream`);
  const reverse = [...model.weights.tensors.keys()].find((parameter) => parameter.endsWith('_reverse'));
  if (reverse === undefined) return;
  const layer = reverse.split('.')[0]!;
  throw new RangeError(
    `${who}: layer ${layer} is bidirectional: it needs the end of the sequence, which a stream does not have`,
  );
}
