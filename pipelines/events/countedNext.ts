import type { CaseEvent } from './cases.js';
import type { NextEventAccuracy } from './nextEvent.js';

const END = ''; // no event is named so, or it is as rare

/** Foresees the next event as the one that most often came after the last event, and counts how often that is right. */
export function countedNext(
  learned: readonly (readonly CaseEvent[])[],
  testing: readonly (readonly CaseEvent[])[],
): Pick<NextEventAccuracy, 'endLeftOut' | 'withEnd'> {
  const after = new Map<string, Map<string, number>>();
  for (const events of learned) {
    for (const [i, { event }] of events.entries()) {
      const next = events[i + 1]?.event ?? END;
      const counts = after.get(event) ?? new Map<string, number>();
      after.set(event, counts.set(next, (counts.get(next) ?? 0) + 1));
    }
  }
  const likeliest = (event: string, end: boolean): string | undefined => {
    let best: string | undefined;
    let most = 0;
    for (const [next, count] of after.get(event) ?? []) {
      if (count > most && (end || next !== END)) [best, most] = [next, count];
    }
    return best;
  };
  let [all, rightWithEnd, within, right] = [0, 0, 0, 0];
  for (const events of testing) {
    for (const [i, { event }] of events.entries()) {
      if (i === 0) continue; // counted from prefixes of two events on
      const next = events[i + 1]?.event ?? END;
      all += 1;
      if (likeliest(event, true) === next) rightWithEnd += 1;
      if (next === END) continue;
      within += 1;
      if (likeliest(event, false) === next) right += 1;
    }
  }
  return { endLeftOut: right / within, withEnd: rightWithEnd / all };
}
