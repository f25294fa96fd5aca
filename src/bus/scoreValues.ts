import { from, lastValueFrom, toArray } from 'rxjs';
import { reasonOf } from '../check/reasonOf.js';
import type { BusValue, PipelineStage } from './pipeline.js';

/** What became of a value. */
export type Scored =
  | { readonly result: Uint8Array; readonly reason?: undefined }
  | { readonly result?: undefined; readonly reason: string };

/** States by key; `undefined` where a key has none yet. */
export type SessionMap<S> = Map<string, S | undefined>;

/**
 * Runs a stage over values; where it fails, again with each value alone, so that the one at fault is found and the
 * others are processed. `sessions` has an entry for each key, and is changed. Sessions must not be changed in place.
 */
export async function scoreValues<S>(
  stage: PipelineStage<S>,
  values: readonly BusValue[],
  sessions: SessionMap<S>,
): Promise<readonly Scored[]> {
  if (values.length === 0) return [];
  try {
    return await attempt(stage, values, sessions);
  } catch (error) {
    if (values.length === 1) return [{ reason: reasonOf(error) }];
  }
  const scored: Scored[] = [];
  for (const value of values) scored.push(...(await scoreValues(stage, [value], sessions)));
  return scored;
}

/** Runs a stage over values that must all succeed: sessions change together or not at all. */
export async function attempt<S>(
  stage: PipelineStage<S>,
  values: readonly BusValue[],
  sessions: SessionMap<S>,
): Promise<readonly Scored[]> {
  const changed: SessionMap<S> = new Map();
  const operator = stage.operator({
    get: (key) => (changed.has(key) ? changed.get(key) : sessions.get(key)),
    set: (key, session) => void changed.set(key, session),
  });
  const results = await lastValueFrom(from(values).pipe(operator, toArray()));
  if (results.length !== values.length) {
    throw new RangeError(`the pipeline gave ${results.length} results for ${values.length} values`);
  }
  for (const [key, session] of changed) sessions.set(key, session);
  return results.map((result) => {
    if (result instanceof Uint8Array) return { result };
    throw new TypeError('a result of the pipeline is not bytes');
  });
}
