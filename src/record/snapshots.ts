import { defer, tap, type MonoTypeOperatorFunction } from 'rxjs';
import type { Recorder } from './recorder.js';

/** When snapshots are kept, and of what. */
export interface SnapshotsOptions<T, S> {
  /** A snapshot after each `every`-th value. */
  readonly every: number;
  /**
   * What is kept: all that the run needs to go on from there, such as `trainingState` of a training step. Called while
   * the value's numbers stand.
   */
  readonly take: (value: T) => S;
  /** The track they go to; `snapshots` by default. */
  readonly title?: string;
}

/**
 * Passes values on and keeps a snapshot after each `every`-th, for `timeTravel` to go back to.
 *
 * ```
 * optimize                        -a-b-c-d-|
 * snapshots(run, { every: 2 })    -a-b-c-d-|
 * the track "snapshots"           ---x---y--
 * ```
 *
 * What `take` throws is the error of the result. A RangeError for an `every` that is no positive integer.
 */
export function snapshots<T, S>(
  run: Recorder,
  { every, take, title = 'snapshots' }: SnapshotsOptions<T, S>,
): MonoTypeOperatorFunction<T> {
  if (!(Number.isInteger(every) && every >= 1)) {
    throw new RangeError(`snapshots: every must be a positive integer, got ${every}`);
  }
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
