import { asyncScheduler, concat, NEVER, Observable, type SchedulerLike, type Subscriber } from 'rxjs';
import { anything } from '../check/anything.js';
import { finite } from '../check/finite.js';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { unlimited, type Demand } from '../flow/demand.js';
import { pull } from '../flow/pull.js';
import type { ErrorText, Marble, Recording } from './recording.js';
import { trackOf } from './trackOf.js';

/** How a track is replayed. */
export interface ReplayOptions {
  /** When to emit; without one, as fast as the call stack downstream allows. */
  readonly demand?: Demand;
  /** Milliseconds per step, from 0 up; without it all values come at once. Not together with a demand. */
  readonly tick?: number;
  /** The clock of `tick`: `asyncScheduler` by default, which is virtual time in `marbles`. */
  readonly scheduler?: SchedulerLike;
}

/**
 * Emits the values of one track of a recording again, and its end: an error as an Error of the same name and message. A
 * track that was left before its end does not end here, either: it stays silent.
 *
 * ```
 * tokens                                       -ab(c|)      one step per frame
 * replay(recording, 'tokens')                  (abc|)
 * replay(recording, 'tokens', { tick: 10 })    ----------a 9ms b 9ms (c|)
 * ```
 *
 * Every subscriber gets the same values: copy those that you want to change. A RangeError where there is no such track,
 * and for a `tick` that is not a duration.
 *
 * ```ts
 * import { from, toArray } from 'rxjs';
 * import { recorder, replay } from 'rxrnn/recording';
 *
 * const run = recorder();
 * from([3, 1, 2]).pipe(run.record('numbers')).subscribe();
 * replay<number>(run.recording(), 'numbers')
 *   .pipe(toArray())
 *   .subscribe((numbers) => console.log(numbers)); // -> [ 3, 1, 2 ]
 * ```
 */
export function replay<T = unknown>(recording: Recording, title: string, given: ReplayOptions = {}): Observable<T> {
  options('replay', given, { demand: anything, tick: optional(finite(0)), scheduler: anything });
  const { demand = unlimited, tick, scheduler = asyncScheduler } = given;
  const marbles = trackOf(recording, title).marbles as readonly Marble<T>[];
  if (tick !== undefined) {
    if (given.demand) throw new TypeError('replay: either tick or demand, got both');
    return replayTimed(marbles, tick, scheduler);
  }
  const values$ = pull(() => values(marbles), demand);
  const last = marbles.at(-1);
  return last === undefined || last.kind === 'N' ? concat(values$, NEVER) : values$;
}

function* values<T>(marbles: readonly Marble<T>[]): Generator<T, void, void> {
  for (const marble of marbles) {
    if (marble.kind === 'E') throw errorOf(marble.error);
    if (marble.kind === 'N') yield marble.value;
  }
}

/** Emits the marbles of each step in one turn of the scheduler; only the next step is scheduled at any time. */
function replayTimed<T>(marbles: readonly Marble<T>[], tick: number, scheduler: SchedulerLike): Observable<T> {
  return new Observable((subscriber) => {
    let next = 0;
    let step = 0;
    function schedule(): void {
      const marble = marbles[next];
      if (marble === undefined || subscriber.closed) return;
      const wait = (marble.step - step) * tick;
      step = marble.step;
      subscriber.add(scheduler.schedule(play, wait));
    }
    function play(): void {
      for (; marbles[next]?.step === step && !subscriber.closed; next++) emit(marbles[next]!, subscriber);
      schedule();
    }
    schedule();
  });
}

function emit<T>(marble: Marble<T>, subscriber: Subscriber<T>): void {
  if (marble.kind === 'N') subscriber.next(marble.value);
  else if (marble.kind === 'C') subscriber.complete();
  else subscriber.error(errorOf(marble.error));
}

function errorOf({ name, message }: ErrorText): Error {
  return Object.assign(new Error(message), { name });
}
