import { type MonoTypeOperatorFunction } from 'rxjs';
import { operator } from '../../src/index.js';
import type { PlacedLine } from './logSource.js';

export interface SampleBehindOptions {
  /** Whether the reader is too far behind the writer now. */
  readonly behind: () => boolean;
  /** Called for each line that is left out. */
  readonly leftOut: () => void;
}

const FIRST = 10; // lines of a kind that are kept
const ONE_IN = 10; // of those after them
const MOST_KINDS = 10_000;
const KIND = 120; // characters

/**
 * Leaves out frequent lines while the reader is behind, so that it catches up: of lines that differ in numbers alone the
 * first ten are kept, then one in ten. What is rare is never left out.
 *
 * ```
 * behind          ff…………tttttttttttttttt…ff
 * lines           -a-b-a-a(11 times)-c-a-…
 * sampleBehind()  -a-b-a-a(10 times)-c---…
 * ```
 */
export function sampleBehind({ behind, leftOut }: SampleBehindOptions): MonoTypeOperatorFunction<PlacedLine> {
  return operator<PlacedLine, PlacedLine>((subscriber) => {
    const counts = new Map<string, number>();
    return {
      next(line) {
        if (!behind()) {
          if (counts.size > 0) counts.clear();
          return subscriber.next(line);
        }
        const kind = line.line.slice(0, KIND).replaceAll(/\d+/g, '#');
        const count = (counts.get(kind) ?? 0) + 1;
        if (counts.size === MOST_KINDS && count === 1) counts.clear();
        counts.set(kind, count);
        if (count <= FIRST || count % ONE_IN === 0) subscriber.next(line);
        else leftOut();
      },
    };
  });
}
