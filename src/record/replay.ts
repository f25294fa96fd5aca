import { asyncScheduler, concat, NEVER, Observable, type SchedulerLike, type Subscriber } from 'rxjs';
import { finite } from '../check/finite.js';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { unlimited, type Demand } from '../flow/demand.js';
import { pull } from '../flow/pull.js';
import type { ErrorText, Marble, Recording } from './recording.js';
import { findTrack } from './trackOf.js';
import { refuse } from '../check/refuse.js';
import { string } from '../check/string.js';
import { checkDemand } from '../flow/checkDemand.js';
import { isMarble, MARBLE } from './isMarble.js';
import { checkRecording } from './checkRecording.js';

/** How a track is replayed. */
export interface ReplayOptions {
  /** When to emit; without one, as fast as the call stack downstream allows. */
  readonly demand?: Demand | undefined;
  /** Milliseconds per step, from 0 up; without it all values come at once. Not together with a demand. */
  readonly tick?: number | undefined;
  /** The clock of `tick`: `asyncScheduler` by default, which is virtual time in `marbles`. */
  readonly scheduler?: SchedulerLike | undefined;
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
  checkRecording('replay', 'recording', recording);
  string('replay', 'title', title);
  given = options('replay', given, {
    demand: optional(checkDemand),
    tick: optional(finite(0)),
    scheduler: optional(checkScheduler),
  });
  const { demand = unlimited, tick, scheduler = asyncScheduler } = given;
  const marbles = findTrack('replay', recording, title).marbles as readonly Marble<T>[];
  if (tick !== undefined) {
    if (given.demand) throw new TypeError('replay: either tick or demand, got both');
    marbleAt(marbles, 0); // the others are checked as they are read
    return replayTimed(marbles, tick, scheduler);
  }
  const values$ = pull(() => values(marbles), demand);
  const last = marbleAt(marbles, marbles.length - 1);
  return last === undefined || last.kind === 'N' ? concat(values$, NEVER) : values$;
}

function checkScheduler(who: string, option: string, value: unknown): void {
  if (typeof (value as Partial<SchedulerLike> | null)?.schedule === 'function') return;
  refuse(who, option, 'a scheduler such as asyncScheduler', value, 'none');
}

function* values<T>(marbles: readonly Marble<T>[]): Generator<T, void, void> {
  for (let i = 0; i < marbles.length; i++) {
    const marble = marbleAt(marbles, i)!;
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
      const marble = marbleAt(marbles, next);
      if (marble === undefined || subscriber.closed) return;
      const wait = (marble.step - step) * tick;
      step = marble.step;
      subscriber.add(scheduler.schedule(play, wait));
    }
    function play(): void {
      try {
        for (; !subscriber.closed; next++) {
          const marble = marbleAt(marbles, next);
          if (marble?.step !== step) break;
          emit(marble, subscriber);
        }
        schedule();
      } catch (error) {
        subscriber.error(error);
      }
    }
    schedule();
  });
}

/** The marble of an index, checked; undefined where there is none. */
function marbleAt<T>(marbles: readonly Marble<T>[], index: number): Marble<T> | undefined {
  const marble = marbles[index];
  const isThere = index >= 0 && index < marbles.length;
  if (isThere && !isMarble(marble)) refuse('replay', `marbles[${index}]`, MARBLE, marble, 'none');
  return marble;
}

function emit<T>(marble: Marble<T>, subscriber: Subscriber<T>): void {
  if (marble.kind === 'N') subscriber.next(marble.value);
  else if (marble.kind === 'C') subscriber.complete();
  else subscriber.error(errorOf(marble.error));
}

function errorOf({ name, message }: ErrorText): Error {
  return Object.assign(new Error(message), { name });
}
