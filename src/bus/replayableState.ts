import type { BusValue, PipelineStage } from './pipeline.js';
import { reasonOf } from '../check/reasonOf.js';
import { attempt, type Scored } from './scoreValues.js';

/** A state that is made again from its values where one of them fails. */
export interface ReplayableState {
  /** Runs values through the stage; a value that fails is left out, as if it had not come. */
  score(values: readonly BusValue[]): Promise<readonly Scored[]>;
  /** The state as it is now; what came until now cannot be undone any more. `undefined` before the first value. */
  commit(): Uint8Array | undefined;
}

/** The one key of the state. */
const SHARED = '';

/**
 * Holds a state that a stage may change in place. A value that fails may leave it half changed, so it is then made
 * again: from the last commit, by the values since, each of which gives the same as before.
 */
export function replayableState<S>(stage: PipelineStage<S>, committed: Uint8Array | undefined): ReplayableState {
  let since: BusValue[] = [];
  let session = restore();

  function restore(): S | undefined {
    return committed && stage.decode(committed);
  }
  async function run(values: readonly BusValue[]): Promise<readonly Scored[]> {
    if (values.length === 0) return [];
    const sessions = new Map([[SHARED, session]]);
    const one: PipelineStage<S> = {
      ...stage,
      operator: ({ get, set }) => stage.operator({ get: () => get(SHARED), set: (_, next) => set(SHARED, next) }),
    };
    const scored = await attempt(one, values, sessions);
    session = sessions.get(SHARED);
    return scored;
  }

  return {
    async score(values) {
      try {
        const scored = await run(values);
        for (const value of values) since.push(value);
        return scored;
      } catch {
        // one of them is at fault
      }
      const reasons = new Map<number, string>();
      for (;;) {
        session = restore();
        await run(since);
        const scored: Scored[] = [];
        for (const [i, value] of values.entries()) {
          const reason = reasons.get(i);
          try {
            scored.push(...(reason === undefined ? await run([value]) : [{ reason }]));
          } catch (error) {
            reasons.set(i, reasonOf(error));
            break;
          }
        }
        if (scored.length < values.length) continue;
        for (const [i, value] of values.entries()) if (!reasons.has(i)) since.push(value);
        return scored;
      }
    },
    commit() {
      if (since.length > 0) committed = session === undefined ? committed : stage.encode(session);
      since = [];
      return committed;
    },
  };
}
