import type { Bus, LogReader, Stored } from './bus.js';
import { announced, type AnnouncedModel, ensureAnnounced, initialModel, MODEL_SUBJECT } from './announceModel.js';
import { keyedStates } from './keyedStates.js';
import { Lost } from './Lost.js';
import { type FrameResults, type OutputEnd, outputs } from './outputs.js';
import type { Pace } from './pace.js';
import { partitionCursor } from './partitionCursor.js';
import type { ModelPlace, PartitionStates } from './partitionStates.js';
import type { BusValue } from './pipeline.js';
import type { OpenStage } from './pipelineStages.js';
import { readFrame } from './readFrame.js';
import { resultsOf } from './resultsOf.js';
import { sharedState } from './sharedState.js';

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

/**
 * Processes a partition from its cursor on: step, publish, commit.
 *
 * A commit writes states, then the cursor; results were acknowledged before. Dying between any two of them means that
 * the next worker repeats steps, whose results are the same bits, and finds them published.
 */
export function partitionRun<S>(bus: Bus, partition: number, host: PartitionHost<S>): PartitionRun {
  const { settings, clock } = host;
  const cursor = partitionCursor(bus, partition);
  const { publish, bury, end: outputEnd } = outputs(bus, partition, mayWrite);
  let state: 'running' | 'stopping' | 'abandoned' = 'running';
  let reader: LogReader | undefined;
  let idle = false;
  const isRunning = (): boolean => state === 'running';

  // the model at work
  let model: AnnouncedModel | undefined;
  let place: ModelPlace = { epoch: 0, resetSince: 0 };
  let opened: OpenStage<S> | undefined;
  let states: PartitionStates;

  // frames that are processed, and committed
  let seq = 0;
  let id: string | undefined; // of the entry that has it
  let committed = 0;
  let frames = 0; // since the last commit
  let values = 0;
  let due = Infinity;

  async function run(): Promise<void> {
    await begin();
    while (isRunning()) {
      const wait = frames > 0 ? Math.max(0, Math.ceil(due - clock())) : settings.patience;
      const taken = await reader!.take(host.pace.frames(), wait);
      if (!isRunning()) break;
      await mayWrite();
      idle = taken.length === 0 && frames === 0;
      for (let from = 0; from < taken.length;) {
        const swap = taken.findIndex(({ subject }, i) => i >= from && subject === MODEL_SUBJECT);
        const to = swap < 0 ? taken.length : swap;
        await process(taken.slice(from, to));
        if (swap >= 0) await swapModel(taken[swap]!);
        from = to + 1;
      }
      if (frames >= settings.commitFrames || clock() >= due) await commit();
    }
    if (state === 'stopping') await commit();
  }

  async function begin(): Promise<void> {
    const found = await cursor.read();
    seq = committed = found?.seq ?? 0;
    model = found?.hash ? { epoch: found.epoch, hash: found.hash, states: 'carry' } : await initialModel(bus);
    place = { epoch: model?.epoch ?? 0, resetSince: found?.resetSince ?? 0 };
    await ensureAnnounced(bus, partition);
    await openModel();
    reader = bus.log.read('in', partition, seq + 1);
  }

  async function openModel(): Promise<void> {
    const next = await host.openStage(model);
    opened?.release();
    opened = next;
    const options = { place, most: settings.maxSessions, outputEnd, mayWrite };
    states =
      host.scope === 'key'
        ? keyedStates(bus, partition, next.stage, options)
        : await sharedState(bus, partition, next.stage, options);
  }

  /** Takes up the model that is announced, unless it is an old one. */
  async function swapModel(stored: Stored): Promise<void> {
    const next = await announced(bus, stored.data);
    if (next === undefined) await buryForeign(stored, 'it is not the announcement of a model of this bus');
    else if (next.epoch > place.epoch) {
      await commit(); // the states of the old model; not this place, so that a crash comes here again
      model = next;
      place = { epoch: next.epoch, resetSince: next.states === 'reset' ? next.epoch : place.resetSince };
      await openModel();
      host.swapped(next.epoch);
    }
    note(stored, 0);
  }

  async function process(entries: readonly Stored[]): Promise<void> {
    if (entries.length === 0) return;
    const frames = entries.map((stored) => readFrame(stored, bus.partitions));
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

  /** What another program wrote, and of which the key is not known: it has no state, and no number. */
  async function buryForeign({ seq, subject, data }: Stored, reason: string): Promise<void> {
    await bury({ key: subject, subject }, seq, [{ index: 0, value: data, reason }]);
    host.dead(subject, reason);
  }

  /** Notes that a frame of so many values is processed. */
  function note(frame: Stored, more: number): void {
    if (frames === 0) due = clock() + settings.commitMilliseconds;
    seq = frame.seq;
    id = frame.id;
    frames += 1;
    values += more;
  }

  async function commit(): Promise<void> {
    if (seq === committed) return;
    const clean = await states.commit();
    await mayWrite();
    await cursor.move({ seq, entry: id, hash: model?.hash ?? '', ...place });
    committed = seq;
    host.committed(seq, frames, values);
    frames = values = 0;
    due = Infinity;
    await clean();
    if (settings.trim) await bus.log.trim('in', partition, seq + 1);
  }

  async function mayWrite(): Promise<void> {
    if (state === 'abandoned') throw new Lost('it was given up');
    if (!(await host.secure())) throw new Lost('its lease is over');
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
