import { Buffer } from 'node:buffer';
import type { Bus } from './bus.js';
import { Lost } from './Lost.js';
import type { OutputEnd } from './outputs.js';
import { continued, type PartitionStates, type PartitionStatesOptions } from './partitionStates.js';
import type { PipelineStage } from './pipeline.js';
import { replayableState } from './replayableState.js';
import { decodeRecord, encodeRecord } from './stateRecord.js';

/** The name of the state of a partition. */
const NAME = 'state';
/** Bytes before a state in a blob: with the partition and the place in them no two blobs are the same. */
const PREFIX = 12;

/** One state for all values of a partition, such as weights that learn; large ones are kept as blobs. */
export async function sharedState<S>(
  bus: Bus,
  partition: number,
  stage: PipelineStage<S>,
  { place, most, outputEnd, mayWrite }: PartitionStatesOptions,
): Promise<PartitionStates> {
  const [found] = await bus.states.get(partition, [NAME]);
  const record = found && decodeRecord(found.data);
  let revision = found?.revision ?? 0;
  let blob = record?.blob;
  const bytes = blob === undefined ? record?.state : (await bus.blobs.get(blob)).subarray(PREFIX);
  // decoded once here to see whether it fits, and again by what holds it
  const fits = record && continued(stage.decode, { state: bytes, epoch: record.epoch }, place) !== undefined;
  const state = replayableState(stage, fits ? bytes : undefined);
  let ends = new Map<string, OutputEnd>();
  let source = record?.source ?? 0;
  let committed = source;
  let count = record?.count ?? 0;

  return {
    async load(keys) {
      if (ends.size > most) ends = new Map();
      const missing = [...keys].filter(([subject]) => !ends.has(subject));
      const found = await Promise.all(missing.map(([subject, key]) => outputEnd(key, subject)));
      for (const end of found) ends.set(end.subject, end);
    },
    source: () => committed,
    end: (subject) => ends.get(subject)!,
    score: (values) => state.score(values),
    advance(_, last, values) {
      source = Math.max(source, last);
      count += values;
    },
    async commit() {
      if (source === committed) return async () => undefined;
      await mayWrite();
      const bytes = state.commit();
      const old = blob;
      blob = bytes && bytes.length > bus.maxBytes / 2 ? await bus.blobs.put(unique(bytes)) : undefined;
      const inline = blob === undefined ? bytes : undefined;
      const data = encodeRecord({ source, epoch: place.epoch, out: 0, count, state: inline, blob });
      await mayWrite();
      const [next] = await bus.states.update(partition, [{ name: NAME, data, revision }]);
      if (next === undefined) throw new Lost('another worker changed the state');
      revision = next;
      committed = source;
      return async () => {
        if (old !== undefined && old !== blob) await bus.blobs.remove(old);
      };
    },
  };

  function unique(bytes: Uint8Array): Uint8Array {
    const all = Buffer.alloc(PREFIX + bytes.length);
    all.writeUInt32LE(partition, 0);
    all.writeDoubleLE(source, 4);
    all.set(bytes, PREFIX);
    return all;
  }
}
