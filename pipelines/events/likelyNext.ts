import { from, lastValueFrom, map, toArray } from 'rxjs';
import { classify, softmax } from '../../src/index.js';
import type { CaseEvent } from './cases.js';
import { LANES } from './caseWindows.js';
import { type NextEventModel, rowsOf } from './nextEvent.js';

/** What may come next in a case. */
export interface LikelyNext {
  /** The event, or null for the end of the case. */
  readonly event: string | null;
  readonly probability: number;
}

const MOST = 3;

/** The likeliest next events of each case, the likeliest first: three at most. */
export async function likelyNext(
  { model, names }: NextEventModel,
  cases: readonly (readonly CaseEvent[])[],
): Promise<LikelyNext[][]> {
  const rows = cases.map(rowsOf(names));
  const found$ = from(rows).pipe(
    classify(model, { lanes: LANES }),
    map(({ output }) => output),
    toArray(),
  );
  return (await lastValueFrom(found$)).map((output) => {
    const logits = Float64Array.from(output.slice(0, names.length + 1)); // without an event never seen, and the time
    return Array.from(softmax(logits), (probability, token) => ({
      event: token === 0 ? null : names[token - 1]!,
      probability,
    }))
      .toSorted((a, b) => b.probability - a.probability)
      .slice(0, MOST);
  });
}
