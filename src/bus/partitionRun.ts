import { count, object, text } from '../check/schema.js';
import { reasonOf } from '../check/reasonOf.js';
import { announced, type AnnouncedModel, ensureAnnounced, initialModel, MODEL_SUBJECT } from './announceModel.js';
import type { Bus, LogReader, Stored } from './bus.js';
import { decodeIn, keyBytes, PART_BYTES, VALUE_BYTES } from './frames.js';
import { keptJson } from './keptJson.js';
import { keyedStates } from './keyedStates.js';
import { keySubject, subjectKey } from './keySubject.js';
import { Lost } from './Lost.js';
import { type DeadLetter, type FrameResults, type OutputEnd, outputs } from './outputs.js';
import type { Pace } from './pace.js';
import { partitionOf } from './partitionOf.js';
import type { ModelPlace, PartitionStates } from './partitionStates.js';
import type { BusValue } from './pipeline.js';
import type { OpenStage } from './pipelineStages.js';
import type { Scored } from './scoreValues.js';
import { sharedStates } from './sharedStates.js';

/** How often a partition is committed, and how much of it is kept in memory. */
export interface PartitionSettings {
  /** Frames after which results are committed. */
  readonly commitFrames: number;
  /** Milliseconds after which they are. */
  readonly commitMilliseconds: number;
  /** Keys whose states are kept in memory. */
  readonly maxSessions: number;
  /** Milliseconds that a partition without values waits before it looks whether it is still held. */
  readonly patience: number;
  /** Whether values are deleted once their results are committed. */
  readonly trim: boolean;
}

/** What a partition needs of the worker that has it. */
export interface PartitionHost<S> {
  readonly scope: 'key' | 'partition';
  readonly settings: PartitionSettings;
  /** Milliseconds that never go back. */
  readonly clock: () => number;
  /** Whether the lease is still this worker's; one that is over is renewed, unless another worker has it. */
  secure(): Promise<boolean>;
  /** How many frames to process together: fewer where timers wait so long for it that leases are at risk. */
  readonly pace: Pace;
  /** Gives timers their turn. */
  turn(): Promise<void>;
  openStage(model: AnnouncedModel | undefined): Promise<OpenStage<S>>;
  committed(seq: number, frames: number, values: number): void;
  dead(key: string, reason: string): void;
  swapped(epoch: number): void;
}

/** A partition while a worker has it. */
export interface PartitionRun {
  /**
   * Resolves after `stop`, when all is committed; rejects with `Lost` where the partition is another's, or with an
   * error.
   */
  readonly done: Promise<void>;
  /** Whether it has processed and committed all that there was. */
  idle(): boolean;
  /** Ends it after what was begun is committed. */
  stop(): void;
  /** Ends it at once: what is not committed is another worker's to repeat. */
  abandon(): void;
}

interface Cursor {
  readonly seq: number;
  readonly epoch: number;
  readonly hash: string;
  readonly resetSince: number;
}
const CURSOR = object<Cursor>({ seq: count, epoch: count, hash: text, resetSince: count });
const CURSOR_NAME = 'cursor';

/** A frame at hand. */
interface Frame {
  readonly seq: number;
  readonly subject: string;
  readonly key: string;
  readonly values: readonly Uint8Array[];
  /** Why it is not a frame. */
  readonly bad?: string;
  /** Whether it is of its key; so is something other than a frame where the subject tells the key. */
  readonly isOfKey: boolean;
}

/**
 * Processes a partition from its cursor on: step, publish, commit.
 *
 * A commit writes states, then the cursor; results were acknowledged before. Dying between any two of them means that
 * the next worker repeats steps, whose results are the same bits, and finds them published.
 */
export function partitionRun<S>(bus: Bus, partition: number, host: PartitionHost<S>): PartitionRun {
  const { settings, clock } = host;
  let state: 'running' | 'stopping' | 'abandoned' = 'running';
  let reader: LogReader | undefined;
  let opened: OpenStage<S> | undefined;
  let idle = false;
  const isRunning = (): boolean => state === 'running';

  const { publish, bury, end: outputEnd } = outputs(bus, partition, mayWrite);
  let place: ModelPlace = { epoch: 0, resetSince: 0 };
  let hash = '';
  let revision = 0; // of the cursor
  let seq = 0; // of the last frame that was processed
  let committed = 0;
  let frames = 0; // since the last commit
  let values = 0;
  let due = Infinity;

  async function mayWrite(): Promise<void> {
    if (state === 'abandoned') throw new Lost('it was given up');
    if (!(await host.secure())) throw new Lost('its lease is over');
  }

  async function run(): Promise<void> {
    const [found] = await bus.states.get(partition, [CURSOR_NAME]);
    const cursor = found && cursorOf(found.data, partition);
    revision = found?.revision ?? 0;
    seq = committed = cursor?.seq ?? 0;
    let model = cursor?.hash
      ? { epoch: cursor.epoch, hash: cursor.hash, states: 'carry' as const }
      : await initialModel(bus);
    place = { epoch: model?.epoch ?? 0, resetSince: cursor?.resetSince ?? 0 };
    await ensureAnnounced(bus, partition);
    let states = await open();
    reader = bus.log.read('in', partition, seq + 1);
    while (isRunning()) {
      const wait = frames > 0 ? Math.max(0, Math.ceil(due - clock())) : settings.patience;
      const taken = await reader.take(host.pace.frames(), wait);
      if (!isRunning()) break;
      await mayWrite();
      idle = taken.length === 0 && frames === 0;
      for (let from = 0; from < taken.length;) {
        const swap = taken.findIndex(({ subject }, i) => i >= from && subject === MODEL_SUBJECT);
        const to = swap < 0 ? taken.length : swap;
        await process(states, taken.slice(from, to));
        if (swap >= 0) {
          const next = await announced(bus, taken[swap]!.data);
          if (next === undefined) await buryForeign(taken[swap]!, 'it is not the announcement of a model of this bus');
          else if (next.epoch > place.epoch) {
            await commit(states); // the states of the old model; not this place, so that a crash comes here again
            model = next;
            place = { epoch: next.epoch, resetSince: next.states === 'reset' ? next.epoch : place.resetSince };
            states = await open();
            host.swapped(next.epoch);
          }
          note(taken[swap]!, 0);
        }
        from = to + 1;
      }
      if (frames >= settings.commitFrames || clock() >= due) await commit(states);
    }
    if (state === 'stopping') await commit(states);

    async function open(): Promise<PartitionStates> {
      const next = await host.openStage(model);
      opened?.release();
      opened = next;
      const { stage } = next;
      hash = model?.hash ?? '';
      const options = { place, most: settings.maxSessions, outputEnd, mayWrite };
      return host.scope === 'key'
        ? keyedStates(bus, partition, stage, options)
        : await sharedStates(bus, partition, stage, options);
    }
  }

  function note(last: Stored, more: number): void {
    if (frames === 0) due = clock() + settings.commitMilliseconds;
    seq = last.seq;
    frames += 1;
    values += more;
  }

  /** What another program wrote, and of which the key is not known: it has no state, and no number. */
  async function buryForeign({ seq, subject, data }: Stored, reason: string): Promise<void> {
    await bury({ key: subject, subject }, seq, [{ index: 0, value: data, reason }]);
    host.dead(subject, reason);
  }

  async function process(states: PartitionStates, entries: readonly Stored[]): Promise<void> {
    if (entries.length === 0) return;
    const frames = entries.map((stored) => frameOf(stored, bus.partitions));
    for (const [i, { bad, isOfKey }] of frames.entries()) if (!isOfKey) await buryForeign(entries[i]!, bad!);
    const all = frames.filter(({ isOfKey }) => isOfKey);
    await states.load(new Map(all.map(({ subject, key }) => [subject, key])));
    const fresh = all.filter(({ subject, seq }) => seq > states.source(subject));
    const good = fresh.filter(({ bad }) => bad === undefined);
    const began = clock();
    const turned = host.turn().then(() => host.pace.took(clock() - began)); // for so long nothing could be renewed
    const scored = await states.score(
      good.flatMap(({ key, values }): BusValue[] => values.map((value) => ({ key, value }))),
    );
    await turned;
    let at = 0;
    const results = new Map<OutputEnd, FrameResults[]>();
    for (const frame of fresh) {
      const own = frame.bad === undefined ? scored.slice(at, (at += frame.values.length)) : [{ reason: frame.bad }];
      const end = states.end(frame.subject);
      const list = results.get(end) ?? [];
      list.push(resultsOf(frame, own, bus.maxBytes));
      results.set(end, list);
    }
    await publish(results);
    for (const [{ key }, list] of results) {
      for (const { dead } of list) for (const { reason } of dead) host.dead(key, reason);
    }
    for (const { subject, seq, values } of fresh) states.advance(subject, seq, values.length);
    for (const [i, { isOfKey, values }] of frames.entries()) note(entries[i]!, isOfKey ? values.length : 0);
  }

  async function commit(states: PartitionStates): Promise<void> {
    if (seq === committed) return;
    const clean = await states.commit();
    await mayWrite();
    const data = new TextEncoder().encode(JSON.stringify({ seq, hash, ...place }));
    const [next] = await bus.states.update(partition, [{ name: CURSOR_NAME, data, revision }]);
    if (next === undefined) throw new Lost('another worker moved the cursor');
    revision = next;
    committed = seq;
    host.committed(seq, frames, values);
    frames = values = 0;
    due = Infinity;
    await clean();
    if (settings.trim) await bus.log.trim('in', partition, seq + 1);
  }

  return {
    done: run().finally(() => {
      reader?.close();
      opened?.release();
    }),
    idle: () => idle,
    stop() {
      if (state === 'running') state = 'stopping';
      reader?.close();
    },
    abandon() {
      state = 'abandoned';
      reader?.close();
    },
  };
}

/** The sequence number up to which a partition is committed, by the bus; 0 where nothing is. */
export async function committedTo(bus: Bus, partition: number): Promise<number> {
  const [found] = await bus.states.get(partition, [CURSOR_NAME]);
  return found ? cursorOf(found.data, partition).seq : 0;
}

function cursorOf(data: Uint8Array, partition: number): Cursor {
  return keptJson(CURSOR, data, `the cursor of partition ${partition}`);
}

/** Decodes a frame; what is not a frame, or in a place where its key does not belong, is one bad value. */
function frameOf({ seq, subject, partition, data }: Stored, partitions: number): Frame {
  try {
    const frame = decodeIn(subject, data);
    const own = partitionOf(frame.key, partitions);
    if (own !== partition) throw new RangeError(`its key belongs to partition ${own} of ${partitions}`);
    return { seq, subject, ...frame, isOfKey: true };
  } catch (error) {
    const key = subjectKey(subject);
    const isOfKey = key !== undefined && keySubject(key) === subject;
    return { seq, subject, key: key ?? subject, values: [data], bad: reasonOf(error), isOfKey };
  }
}

/** The results of a frame; the largest become dead letters while they do not fit an entry together. */
function resultsOf({ key, subject, seq, values }: Frame, scored: readonly Scored[], maxBytes: number): FrameResults {
  const results = scored.map(({ result }) => result);
  const dead: DeadLetter[] = [];
  const bury = (index: number, reason: string): void => void dead.push({ index, value: values[index]!, reason });
  for (const [index, { reason }] of scored.entries()) if (reason !== undefined) bury(index, reason);
  let size = results.reduce(
    (sum, result) => sum + VALUE_BYTES + (result?.length ?? 0),
    keyBytes(key, subject) + PART_BYTES,
  );
  while (size > maxBytes && results.some((result) => result !== undefined)) {
    const length = results.reduce((largest, result) => Math.max(largest, result?.length ?? 0), 0);
    const index = results.findIndex((result) => result?.length === length);
    bury(index, `its result has ${length} bytes, and an entry of the bus at most ${maxBytes}`);
    results[index] = undefined;
    size -= length;
  }
  return { source: seq, values: results, dead: dead.toSorted((a, b) => a.index - b.index) };
}
