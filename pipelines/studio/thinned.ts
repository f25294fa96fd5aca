import { Observable, type MonoTypeOperatorFunction } from 'rxjs';
import type { Entry } from '../../src/recording.js';

/**
 * Passes one in `every` of the steps of a recording, and its last step, so that a replay ends where the run did; everything
 * of other tracks passes, in order.
 */
export function thinned(every: number): MonoTypeOperatorFunction<Entry> {
  return (entries$) =>
    new Observable((subscriber) => {
      let held: Entry | undefined; // the latest step, where it was not passed
      function passHeld(): void {
        if (held) subscriber.next(held);
        held = undefined;
      }
      return entries$.subscribe({
        next(entry) {
          const isStep = entry.title === 'steps' && entry.kind === 'N';
          if (isStep && entry.step % every !== 0) {
            held = entry;
            return;
          }
          if (isStep) held = undefined;
          else if (entry.title === 'steps') passHeld(); // the end, or an error
          subscriber.next(entry);
        },
        error: (error: unknown) => subscriber.error(error),
        complete() {
          passHeld();
          subscriber.complete();
        },
      });
    });
}
