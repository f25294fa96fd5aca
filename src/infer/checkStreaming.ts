import type { Model } from '../model/model.js';

/** Refuses a model that needs the end of a sequence before it can score its beginning. */
export function checkStreaming(who: string, model: Model): void {
  if (model.kind === 'seq2seq') throw new RangeError(`${who}: a seq2seq reads whole sequences, not a stream`);
  const layers = [...model.layers, ...(model.skip ? [['skip', model.skip] as const] : [])];
  for (const [layer, { bidirectional }] of layers) {
    if (!bidirectional) continue;
    throw new RangeError(
      `${who}: layer ${layer} is bidirectional: it needs the end of the sequence, which a stream does not have`,
    );
  }
}
