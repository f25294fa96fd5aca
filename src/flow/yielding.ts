import { asyncScheduler, type SchedulerLike, type Subscription } from 'rxjs';
import type { Demand, Puller } from './demand.js';

/** Pulls between two looks at the clock, at most. */
const SELDOM = 64;

/**
 * The same demand with a pause in it: after `slice` milliseconds of pulling, the event loop gets a turn, so that timers,
 * signals and other streams are served while a source never has to wait.
 *
 * ```
 * pull(tokens):                    (abcdefgh…        and nothing else until the end
 * pull(tokens, yielding(unlimited)) (abcd)-(efgh)-…   a turn of the event loop at each dash
 * ```
 *
 * The clock is looked at once in up to 64 pulls, and at every pull where a few of them fill the slice: items may be
 * tokens of nanoseconds or windows of milliseconds, and one pause is late by at most 64 items, once. A `slice` that is
 * not a positive number is a RangeError; a second source at the same time is an Error.
 */
export function yielding(demand: Demand, slice = 16, scheduler: SchedulerLike = asyncScheduler): Demand {
  if (!(slice > 0)) throw new RangeError(`yielding: slice must be a positive number of milliseconds, got ${slice}`);
  let puller: Puller | undefined;
  let pause: Subscription | undefined;
  let started = 0; // of this slice
  let looked = 0; // at the clock
  let seldom = 1;
  let left = 2; // pulls until the next look, which sees what `seldom` items took

  function look(): void {
    const now = scheduler.now();
    seldom = now - looked > slice / 4 ? 1 : Math.min(2 * seldom, SELDOM);
    left = seldom;
    looked = now;
    if (now - started < slice) return;
    pause = scheduler.schedule(resume);
  }

  function resume(): void {
    pause = undefined;
    started = looked = scheduler.now();
    left = seldom + 1;
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
      started = looked = scheduler.now();
      seldom = 1;
      left = 2;
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
