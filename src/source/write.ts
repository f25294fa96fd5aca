import { string } from '../check/string.js';
import { callable } from '../check/callable.js';
import { Observable } from 'rxjs';
import { sink } from './sink.js';
import type { Writable } from './stream.js';

/**
 * Writes a line on subscription and completes when the stream can take another: `concatMapBounded(inFlight, (line) =>
 * write(line))`. Another `ending`, such as an empty one, writes pieces of a line.
 *
 * ```
 * write('step 1')  |        at once, while the stream's buffer has space
 * write('step 2')  ---|     when the buffer has drained
 * ```
 *
 * A reader that leaves, as `| head` does, is not an error: every line then completes at once and is dropped. A pipeline
 * that has nothing else to do ends with `takeUntil(closed())`. Other errors of the stream, such as a full disk, are
 * errors of this and all later lines.
 */
export function write(line: string, stream: Writable = process.stdout, ending = '\n'): Observable<never> {
  string('write', 'line', line);
  callable('write', 'stream.write', (stream as Partial<Writable> | null)?.write);
  string('write', 'ending', ending);
  return new Observable((subscriber) => {
    const out = sink(stream);

    function answer(): void {
      if (out.failure === undefined) subscriber.complete();
      else subscriber.error(out.failure);
    }
    const more = out.write(line + ending);
    if (more || out.closed || out.failure !== undefined) return answer();
    out.settled.add(answer);
    return () => void out.settled.delete(answer);
  });
}
