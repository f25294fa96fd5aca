import { Observable } from 'rxjs';
import { checkWritable } from './checkWritable.js';
import { sink } from './sink.js';
import type { Writable } from './stream.js';

/**
 * Emits once and completes when nobody reads a stream any more: `train(…), concatMapBounded(inFlight, write),
 * takeUntil(closed())` stops under `| head`, with exit status 0.
 *
 * ```
 * closed()  -----(x|)     the reader has left: EPIPE, or the stream was closed
 * ```
 *
 * It notices at the first write after the reader has left. Other errors of the stream are errors of `write`, not of
 * this.
 */
export function closed(stream: Writable = process.stdout): Observable<void> {
  checkWritable('closed', 'stream', stream);
  return new Observable((subscriber) => {
    const out = sink(stream);

    function look(): void {
      if (out.closed) {
        subscriber.next();
        subscriber.complete();
      } else if (out.failure === undefined) {
        out.settled.add(look);
      }
    }
    look();
    return () => void out.settled.delete(look);
  });
}
