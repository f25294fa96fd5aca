import type { MonoTypeOperatorFunction } from 'rxjs';
import { operator } from '../../src/index.js';
import type { Entry } from '../../src/recording.js';

/**
 * Passes one in `every` of the steps of a recording, and its last step, so that a replay ends where the run did; everything
 * of other tracks passes, in order.
 */
export function thinned(every: number): MonoTypeOperatorFunction<Entry> {
  return operator<Entry, Entry>((subscriber) => {
    let held: Entry | undefined; // the latest step, where it was not passed
    function passHeld(): void {
      if (held) subscriber.next(held);
      held = undefined;
    }
    return {
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
      complete() {
        passHeld();
        subscriber.complete();
      },
    };
  });
}
