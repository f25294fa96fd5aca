import type { SchedulerLike, Subscriber, Subscription } from 'rxjs';
import { guarded } from '../flow/guarded.js';
import type { SessionStore } from './sessionStore.js';

export interface IdleSweepOptions {
  readonly sessions: Pick<SessionStore<unknown, unknown>, 'evict' | 'oldest'>;
  /** Milliseconds without a token after which a session is evicted. */
  readonly idle: number;
  readonly scheduler: SchedulerLike;
  readonly clock: () => number;
  /** What throws while sessions are evicted is its error. */
  readonly subscriber: Subscriber<unknown>;
  /** Done before sessions are evicted. */
  readonly before?: () => void;
}

/** Evicts sessions that have been idle for long enough, at the time when the least recent one has. */
export interface IdleSweep {
  /** Schedules the next look, unless one is; to be called after sessions were used. */
  watch(): void;
  stop(): void;
}

export function idleSweep({ sessions, idle, scheduler, clock, subscriber, before }: IdleSweepOptions): IdleSweep {
  let sweeping: Subscription | undefined;

  function watch(): void {
    const oldest = sessions.oldest();
    if (idle === Infinity || sweeping !== undefined || oldest === undefined || subscriber.closed) return;
    sweeping = scheduler.schedule(sweep, Math.max(1, oldest + idle - clock()));
  }
  const sweep = guarded(subscriber, () => {
    sweeping = undefined;
    before?.();
    sessions.evict(clock() - idle, 'idle');
    watch();
  });
  return { watch, stop: () => sweeping?.unsubscribe() };
}
