import type { SchedulerLike } from 'rxjs';
import { reasonOf } from '../check/reasonOf.js';
import type { Bus } from './bus.js';
import type { BusEvent } from './busEvent.js';
import type { LeaseKeeper } from './leaseKeeper.js';
import { Lost } from './Lost.js';
import type { Pace } from './pace.js';
import { type PartitionHost, type PartitionRun, partitionRun, type PartitionSettings } from './partitionRun.js';
import type { PipelineStages } from './pipelineStages.js';

/** The partitions that a worker has, each at work. */
export interface HeldPartitions {
  has(partition: number): boolean;
  /** Starts a partition whose lease this worker has got. */
  start(partition: number): void;
  /** Ends a partition after a commit, and `tidy` gives it back; at once where it was not started. */
  stop(partition: number): Promise<void>;
  /** Gives back what has ended, and unless `stopping` starts again what had failed. */
  tidy(stopping: boolean): Promise<void>;
  /** For how many milliseconds nothing has happened and nothing was to be done; 0 where something is. */
  idleFor(): number;
  /** Ends all, each after a commit. */
  stopAll(): Promise<void>;
  /** Ends all at once; resolves when nothing is at work any more. */
  abandonAll(): Promise<void>;
}

/** What the partitions of a worker share. */
export interface HeldPartitionsOptions<S> {
  readonly scope: 'key' | 'partition';
  readonly settings: PartitionSettings;
  readonly stages: PipelineStages<S>;
  readonly keeper: LeaseKeeper;
  readonly pace: Pace;
  /** Milliseconds that never go back. */
  readonly clock: () => number;
  readonly scheduler: SchedulerLike;
  /** Whether nobody is to hear of failures any more. */
  readonly isOver: () => boolean;
  readonly emit: (event: BusEvent) => void;
  /** Called when a partition has ended. */
  readonly ended: () => void;
}

/** Milliseconds until a partition that failed is started again: at first, and at most. */
const PAUSE = 100;
const LONGEST_PAUSE = 5000;
/** Why a partition that failed is not tried again. */
const OVER = 'its lease is over';

/** A partition, and whether it is to be given back. */
interface Held {
  readonly run: PartitionRun;
  ended: boolean;
  failed: boolean;
}

/** Runs the partitions of a worker. One that fails is kept and tried again, so that no other worker fails in its turn. */
export function heldPartitions<S>(
  bus: Bus,
  { scope, settings, stages, keeper, pace, clock, scheduler, isOver, emit, ended }: HeldPartitionsOptions<S>,
): HeldPartitions {
  const held = new Map<number, Held>();
  const banned = new Map<number, { pause: number; until: number }>(); // partitions that failed
  let busy = clock(); // when something last happened

  function start(partition: number): void {
    busy = clock();
    const from = keeper.before(partition);
    emit({ kind: 'taken', partition, ...(from !== undefined && { from }) });
    run(partition);
  }
  function run(partition: number): void {
    const host: PartitionHost<S> = {
      scope,
      settings,
      clock,
      secure: () => keeper.secure(partition),
      pace,
      turn: () => new Promise<void>((resolve) => void scheduler.schedule(() => resolve())),
      openStage: (model) => stages.open(model, partition),
      committed(seq, frames, values) {
        busy = clock();
        banned.delete(partition);
        emit({ kind: 'committed', partition, seq, frames, values });
      },
      dead: (key, reason) => emit({ kind: 'dead', partition, key, reason }),
      swapped: (epoch) => emit({ kind: 'model', partition, epoch }),
    };
    const own: Held = { run: partitionRun(bus, partition, host), ended: false, failed: false };
    held.set(partition, own);
    own.run.done
      .then(
        () => emit({ kind: 'returned', partition }),
        (error: unknown) => {
          if (isOver()) return;
          own.failed = !(error instanceof Lost);
          if (own.failed) ban(partition);
          emit({ kind: own.failed ? 'failed' : 'lost', partition, reason: reasonOf(error) });
        },
      )
      .finally(() => {
        own.ended = true;
        busy = clock();
        ended();
      });
  }
  function ban(partition: number): void {
    const pause = Math.min(2 * (banned.get(partition)?.pause ?? PAUSE / 2), LONGEST_PAUSE);
    banned.set(partition, { pause, until: clock() + pause });
  }

  return {
    has: (partition) => held.has(partition),
    start,
    async stop(partition) {
      if (held.has(partition)) held.get(partition)!.run.stop();
      else await keeper.giveBack(partition);
    },
    async tidy(stopping) {
      for (const [partition, own] of held) {
        if (!own.ended) continue;
        const isOurs = keeper.held().includes(partition);
        const ban = isOurs ? banned.get(partition) : undefined;
        if (ban && ban.until > clock()) continue;
        held.delete(partition);
        if (ban && !stopping) {
          run(partition);
          continue;
        }
        if (own.failed) emit(isOurs ? { kind: 'returned', partition } : { kind: 'lost', partition, reason: OVER });
        await keeper.giveBack(partition);
      }
    },
    idleFor() {
      for (const { run } of held.values()) if (!run.idle()) return 0;
      return clock() - busy;
    },
    stopAll() {
      for (const { run } of held.values()) run.stop();
      return allEnded();
    },
    abandonAll() {
      for (const { run } of held.values()) run.abandon();
      return allEnded();
    },
  };

  async function allEnded(): Promise<void> {
    await Promise.allSettled(Array.from(held.values(), ({ run }) => run.done));
  }
}
