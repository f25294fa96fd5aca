import type { CaseEvent } from './cases.js';
import type { LikeliestNext } from './likeliestNext.js';
import type { NextEventAccuracy } from './nextEvent.js';

/** Counts on cases how often what most often came after the last event is right, as a model is counted. */
export function countedNext(
  likeliest: readonly LikeliestNext[],
  testing: readonly (readonly CaseEvent[])[],
): NextEventAccuracy {
  const after = new Map(likeliest.map(({ event, ...next }) => [event, next]));
  let [rightWithEnd, predictionsWithEnd, right, rightEvent, predictions] = [0, 0, 0, 0, 0];
  for (const events of testing) {
    for (const [i, { event }] of events.entries()) {
      if (i === 0) continue; // counted from prefixes of two events on
      const next = events[i + 1]?.event ?? null;
      const known = after.get(event);
      const isRight = Number(known?.any === next);
      predictionsWithEnd += 1;
      rightWithEnd += isRight;
      if (next === null) continue;
      predictions += 1;
      right += isRight;
      rightEvent += Number(known?.other === next);
    }
  }
  return {
    accuracy: right / predictions,
    endLeftOut: rightEvent / predictions,
    predictions,
    withEnd: rightWithEnd / predictionsWithEnd,
    predictionsWithEnd,
  };
}
