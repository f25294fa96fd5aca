import type { Observable, SchedulerLike } from 'rxjs';

/** How a worker shares partitions with others, commits and ends. */
export interface RunPartitionsOptions {
  /** The worker's name, of letters, digits, `-` and `_`, unlike that of any other; a random one by default. */
  readonly worker?: string | undefined;
  /** The model of the pipeline: the bus's from now on, unless it is already. By default the one that the bus has. */
  readonly model?: Uint8Array | undefined;
  /** What becomes of the states if `model` replaces another; `carry` by default, see `announceModel`. */
  readonly states?: 'carry' | 'reset' | undefined;
  /** Milliseconds without renewal after which a worker is taken for dead; 3000 by default. */
  readonly leaseMilliseconds?: number | undefined;
  /** Frames of a partition that are processed together; 64 by default. */
  readonly batch?: number | undefined;
  /** Frames of a partition after which it is committed; 64 by default. */
  readonly commitFrames?: number | undefined;
  /** Milliseconds after which it is, with fewer; 200 by default. */
  readonly commitMilliseconds?: number | undefined;
  /** Keys per partition whose states stay in memory; 10,000 by default. The bus keeps all. */
  readonly maxSessions?: number | undefined;
  /** Whether values are deleted from the bus once their results are committed; `false` by default. */
  readonly trim?: boolean | undefined;
  /**
   * Completes when everything on the bus has been processed, by any worker, for so many milliseconds; never by
   * default.
   */
  readonly idleMilliseconds?: number | undefined;
  /** Its first value ends the run after a commit; others can take over at once. Never by default. */
  readonly stop$?: Observable<unknown> | undefined;
  /** The clock and the timers; by default those of the process, which do not jump with the time of day. */
  readonly scheduler?: SchedulerLike | undefined;
}
