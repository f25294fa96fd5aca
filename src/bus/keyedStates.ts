import { reasonOf } from '../check/reasonOf.js';
import { show } from '../check/show.js';
import type { Bus } from './bus.js';
import { Lost } from './Lost.js';
import type { OutputEnd } from './outputs.js';
import { continued, type PartitionStates, type PartitionStatesOptions } from './partitionStates.js';
import type { PipelineStage } from './pipeline.js';
import { scoreValues, type SessionMap } from './scoreValues.js';
import { decodeRecord, encodeRecord, type StateRecord } from './stateRecord.js';

/** The state of a key while it is kept in memory. */
interface Kept<S> {
  readonly key: string;
  readonly end: OutputEnd;
  session: S | undefined;
  source: number;
  count: number;
  revision: number;
  changed: boolean;
}

/** The share of the keys that stays when there are too many. */
const KEPT = 0.9;
/** In the place of the last output: ask the log. */
const ASK = -1;

/**
 * States of keys: each is read when a value of the key comes, and the least recently used are forgotten after a
 * commit.
 */
export function keyedStates<S>(
  bus: Bus,
  partition: number,
  stage: PipelineStage<S>,
  { place, most, outputEnd, mayWrite }: PartitionStatesOptions,
): PartitionStates {
  let kept = new Map<string, Kept<S>>(); // the least recently used first
  const subjects = new Map<string, string>(); // of the keys of the values at hand

  function recordOf(data: Uint8Array, key: string): StateRecord & { readonly session: S | undefined } {
    try {
      const record = decodeRecord(data);
      return { ...record, session: continued(stage.decode, record, place) };
    } catch (cause) {
      const what = `the state of key ${show(key)} in partition ${partition}`;
      throw new Error(`${what} cannot be continued: ${reasonOf(cause)}`, { cause });
    }
  }

  return {
    async load(keys) {
      subjects.clear();
      const missing: [subject: string, key: string][] = [];
      for (const [subject, key] of keys) {
        subjects.set(key, subject);
        const found = kept.get(subject);
        if (!found) missing.push([subject, key]);
        else {
          kept.delete(subject);
          kept.set(subject, found);
        }
      }
      const found = await bus.states.get(
        partition,
        missing.map(([subject]) => subject),
      );
      for (const [i, [subject, key]] of missing.entries()) {
        const record = found[i] && recordOf(found[i].data, key);
        const { source = 0, count = 0, out = 0 } = record ?? {};
        kept.set(subject, {
          key,
          end: out === ASK ? await outputEnd(key, subject) : { key, subject, out, source, count },
          session: record?.session,
          source,
          count,
          revision: found[i]?.revision ?? 0,
          changed: false,
        });
      }
    },
    source: (subject) => kept.get(subject)!.source,
    end: (subject) => kept.get(subject)!.end,
    async score(values) {
      const own = (key: string): Kept<S> => kept.get(subjects.get(key)!)!;
      const sessions: SessionMap<S> = new Map(values.map(({ key }) => [key, own(key).session]));
      const scored = await scoreValues(stage, values, sessions);
      for (const [key, session] of sessions) own(key).session = session;
      return scored;
    },
    advance(subject, source, values) {
      const state = kept.get(subject)!;
      state.source = source;
      state.count += values;
      state.changed = true;
    },
    async commit() {
      const changed = Array.from(kept).filter(([, { changed }]) => changed);
      if (changed.length > 0) {
        await mayWrite();
        const revisions = await bus.states.update(
          partition,
          changed.map(([name, { session, source, count, end, revision }]) => {
            const out = end.source === source ? end.out : ASK;
            const state = session === undefined ? undefined : stage.encode(session);
            return {
              name,
              data: encodeRecord({ source, epoch: place.epoch, out, count, state, blob: undefined }),
              revision,
            };
          }),
        );
        for (const [i, [, state]] of changed.entries()) {
          const revision = revisions[i];
          if (revision === undefined) throw new Lost('another worker changed a state');
          state.revision = revision;
          state.changed = false;
        }
      }
      if (kept.size > most) kept = new Map([...kept].slice(kept.size - Math.ceil(KEPT * most)));
      return async () => undefined;
    },
  };
}
