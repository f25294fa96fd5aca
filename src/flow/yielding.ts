import { asyncScheduler, type SchedulerLike, type Subscription } from 'rxjs';
import { positive } from '../check/positive.js';
import type { Demand, Puller } from './demand.js';
import { steadyClock } from './steadyClock.js';

/** The most pulls between two looks at the clock. */
const MOST_PULLS = 64;

/**
 * Makes a demand that pauses: after `slice` milliseconds of pulling it gives the event loop a turn, so that timers,
 * signals and other streams are served while a source never has to wait.
 *
 * ```
 * pull(tokens):                      (abcdefgh…        and nothing else until the end
 * pull(tokens, yielding(unlimited))  (abcd)-(efgh)-…   a turn of the event loop at each dash
 * ```
 *
 * It looks at the clock once per up to 64 pulls, and at every pull where a few of them fill the slice: items may be
 * tokens of nanoseconds or windows of milliseconds, and at most one pause is late, by 64 items. A clock that is set back
 * delays a pause by one slice at most. A slice goes on where a short source ends and is subscribed to again, as by `repeat`. A RangeError for a `slice` that is not a positive number; an Error for a second
 * source at the same time.
 */
export function yielding(demand: Demand, slice = 16, scheduler: SchedulerLike = asyncScheduler): Demand {
  positive('yielding', 'slice', slice);
  const clock = steadyClock(scheduler);
  let puller: Puller | undefined;
  let pause: Subscription | undefined;
  let started = 0; // when this slice began
  let looked = 0; // when the clock was last looked at
  let interval = 1; // pulls between two looks
  let left = 2; // pulls until the next look, which sees how long `interval` items took

  function look(): void {
    const now = clock();
    interval = now - looked > slice / 4 ? 1 : Math.min(2 * interval, MOST_PULLS);
    left = interval;
    looked = now;
    if (now - started < slice) return;
    pause = scheduler.schedule(resume);
  }

  function resume(): void {
    pause = undefined;
    started = looked = clock();
    left = interval + 1;
    puller?.wake();
  }

  return {
    take() {
      if (pause !== undefined) return false;
      left -= 1;
      if (left === 0) {
        look();
        if (pause !== undefined) return false;
      }
      return demand.take();
    },
    connect(to) {
      if (puller !== undefined) throw new Error('yielding: already feeds a source; make one for each pipeline');
      puller = to;
      const now = clock();
      if (now - looked > slice) {
        started = looked = now;
        interval = 1;
        left = 2;
      } // else it is the next of many short passes: the slice goes on, or none would ever end
      const disconnect = demand.connect(to);
      return () => {
        puller = undefined;
        pause?.unsubscribe();
        pause = undefined;
        disconnect();
      };
    },
  };
}
