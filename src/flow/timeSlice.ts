import type { SchedulerLike, Subscription } from 'rxjs';
import { steadyClock } from './steadyClock.js';

/** Work done in slices, with a turn of the event loop between two of them. */
export interface TimeSlice {
  /** Begins work, or continues it: what was done less than 2 ms ago belongs to the same slice. */
  begin(): void;
  /** Whether the slice is used up; to be asked after each part of the work. */
  over(): boolean;
  /** Calls `resume` in a later turn, in which a new slice begins. */
  rest(resume: () => void): Subscription;
}

/** Milliseconds without work, on a coarse clock, in which the event loop has had its turn. */
const GAP = 2;

/**
 * Makes slices of `slice` milliseconds, for operators that have more to do than what came in this turn. In virtual time,
 * where work takes none, no slice is ever used up.
 */
export function timeSlice(scheduler: SchedulerLike, slice = 8): TimeSlice {
  const clock = steadyClock(scheduler);
  let started = -Infinity;
  let ended = -Infinity;
  return {
    begin() {
      const now = clock();
      if (now - ended >= GAP) started = now;
    },
    over() {
      ended = clock();
      return ended - started >= slice;
    },
    rest(resume) {
      ended = -Infinity;
      return scheduler.schedule(() => resume(), 1); // at 0 asapScheduler would not leave this turn
    },
  };
}
