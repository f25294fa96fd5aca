import { defer, tap, type MonoTypeOperatorFunction } from 'rxjs';
import { callable } from '../check/callable.js';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { string } from '../check/string.js';
import type { Recorder } from './recorder.js';
import { refuse } from '../check/refuse.js';

/** When snapshots are taken, and of what. */
export interface SnapshotsOptions<T, S> {
  /** Takes a snapshot after every `every`-th value. */
  readonly every: number;
  /**
   * Takes the snapshot: all that the run needs to continue from there, such as the `state()` of a trainer. Called
   * while the numbers of the value are still valid.
   */
  readonly take: (value: T) => S;
  /** The title of their track; `snapshots` by default. */
  readonly title?: string | undefined;
}

/**
 * Passes values on and records a snapshot after every `every`-th, for `timeTravel` to go back to.
 *
 * ```
 * optimize                        -a-b-c-d-|
 * snapshots(run, { every: 2 })    -a-b-c-d-|
 * the track "snapshots"           ---x---y--
 * ```
 *
 * What `take` throws is an error of the result. A RangeError for an `every` that is not a positive integer.
 */
export function snapshots<T, S>(run: Recorder, given: SnapshotsOptions<T, S>): MonoTypeOperatorFunction<T> {
  if (typeof (run as Partial<Recorder> | null | undefined)?.mark !== 'function') {
    refuse('snapshots', 'run', 'a recorder', run, 'none');
  }
  given = options('snapshots', given, { every: positiveInteger, take: callable, title: optional(string) });
  const { every, take, title = 'snapshots' } = given;
  return (source) =>
    defer(() => {
      let count = 0;
      return source.pipe(
        tap((value) => {
          count += 1;
          if (count % every === 0) run.mark(title, take(value));
        }),
      );
    });
}
