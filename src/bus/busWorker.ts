import { randomUUID } from 'node:crypto';
import { asyncScheduler } from 'rxjs';
import { reasonOf } from '../check/reasonOf.js';
import { steadyClock } from '../flow/steadyClock.js';
import { announceModel } from './announceModel.js';
import type { Bus } from './bus.js';
import type { BusEvent } from './busEvent.js';
import { claimBus } from './claimBus.js';
import { heldPartitions } from './heldPartitions.js';
import { leaseKeeper } from './leaseKeeper.js';
import { Lost } from './Lost.js';
import { pace } from './pace.js';
import { committedTo } from './partitionCursor.js';
import type { Pipeline } from './pipeline.js';
import { pipelineStages } from './pipelineStages.js';
import type { RunPartitionsOptions } from './runPartitionsOptions.js';

/** A worker of a bus. */
export interface BusWorker {
  /** Works until everything is idle or it is stopped; rejects where the pipeline cannot be opened. */
  run(): Promise<void>;
  /** Ends it at once, as a crash would. */
  abandon(): void;
}

/** The most milliseconds that a partition without values waits for one. */
const PATIENCE = 500;
/** Milliseconds after which a bus that failed is tried again: at first, and at most. */
const PAUSE = 100;
const LONGEST_PAUSE = 5000;

/**
 * Makes a worker: in rounds, three per lifetime of a lease, it renews its leases, takes what is free up to its share,
 * and gives back what is above it.
 */
export function busWorker<S>(
  bus: Bus,
  pipeline: Pipeline<S>,
  given: RunPartitionsOptions,
  emit: (event: BusEvent) => void,
): BusWorker {
  const {
    worker = randomUUID(),
    leaseMilliseconds: ttl = 3000,
    idleMilliseconds = Infinity,
    scheduler = asyncScheduler,
  } = given;
  const clock = steadyClock(given.scheduler ?? performance); // the time of day may jump
  const keeper = leaseKeeper(bus.leases, worker, { partitions: bus.partitions, ttl, clock });
  const stages = pipelineStages(bus.blobs, pipeline, (error) => {
    fatal ??= { error };
    wake?.();
  });
  const partitions = heldPartitions(bus, {
    scope: pipeline.scope ?? 'key',
    settings: {
      commitFrames: given.commitFrames ?? 64,
      commitMilliseconds: given.commitMilliseconds ?? 200,
      maxSessions: given.maxSessions ?? 10_000,
      patience: Math.min(PATIENCE, Math.ceil(idleMilliseconds / 3)),
      trim: given.trim ?? false,
    },
    stages,
    keeper,
    pace: pace(given.batch ?? 64, ttl),
    clock,
    scheduler,
    isOver: () => fatal !== undefined || abandoned,
    emit,
    ended: () => wake?.(),
  });
  let stopping = false;
  let abandoned = false;
  let fatal: { readonly error: unknown } | undefined;
  let wake: (() => void) | undefined;

  const over = (): boolean => stopping || fatal !== undefined || abandoned;

  /** Asks the log, too: a reader that has found nothing may only wait for a slow server. */
  async function isIdle(): Promise<boolean> {
    if (partitions.idleFor() < idleMilliseconds) return false;
    for (let partition = 0; partition < bus.partitions; partition++) {
      if ((await bus.log.end('in', partition)) > (await committedTo(bus, partition))) return false;
    }
    return partitions.idleFor() >= idleMilliseconds;
  }
  function sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = scheduler.schedule(() => wake?.(), milliseconds);
      wake = () => {
        timer.unsubscribe();
        wake = undefined;
        resolve();
      };
      if (over()) wake();
    });
  }

  /** Sees that this worker and the bus are of one mind, before it changes anything. */
  async function prepare(): Promise<void> {
    await claimBus(bus, pipeline);
    const { model, states } = given;
    if (model === undefined) return;
    try {
      stages.check(model);
    } catch (error) {
      fatal ??= { error };
      throw error;
    }
    await announceModel(bus, model, { ...(states && { states }) });
  }

  async function rounds(): Promise<void> {
    let pause = PAUSE;
    let prepared = false;
    let away = false;
    let next = clock();
    while (!over()) {
      try {
        if (!prepared) await prepare();
        prepared = true;
        await partitions.tidy(stopping);
        if (clock() >= next) {
          next = clock() + ttl / 3;
          const excess = await keeper.round();
          for (const partition of excess) await partitions.stop(partition);
          const kept = keeper.held().filter((partition) => !excess.includes(partition));
          for (const partition of kept) if (!partitions.has(partition)) partitions.start(partition);
        }
        if (away) emit({ kind: 'available' });
        away = false;
        if (idleMilliseconds < Infinity && (await isIdle())) return;
        pause = PAUSE;
        await sleep(Math.max(1, Math.min(next - clock(), idleMilliseconds / 4)));
      } catch (error) {
        if (error instanceof Lost) fatal ??= { error: new Error(`runPartitions: ${error.message}`) };
        if (fatal || abandoned) break;
        emit({ kind: 'unavailable', reason: reasonOf(error) });
        away = true;
        await sleep(pause);
        pause = Math.min(2 * pause, LONGEST_PAUSE);
        next = clock();
      }
    }
  }

  return {
    async run() {
      const stop = given.stop$?.subscribe(() => {
        stopping = true;
        wake?.();
      });
      try {
        await rounds();
        await (fatal ? partitions.abandonAll() : partitions.stopAll());
        await keeper.leave().catch(() => undefined); // others wait for the leases to end
      } finally {
        stop?.unsubscribe();
      }
      if (fatal) throw fatal.error;
    },
    abandon() {
      abandoned = true;
      void partitions.abandonAll();
      wake?.();
    },
  };
}
