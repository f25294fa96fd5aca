import { keyBytes, PART_BYTES, VALUE_BYTES } from './frames.js';
import type { DeadLetter, FrameResults } from './outputs.js';
import type { Frame } from './readFrame.js';
import type { Scored } from './scoreValues.js';

/** The results of a frame; the largest become dead letters while they do not fit an entry together. */
export function resultsOf(
  { key, subject, seq, values }: Frame,
  scored: readonly Scored[],
  maxBytes: number,
): FrameResults {
  const results = scored.map(({ result }) => result);
  const dead: DeadLetter[] = [];
  const bury = (index: number, reason: string): void => void dead.push({ index, value: values[index]!, reason });
  for (const [index, { reason }] of scored.entries()) if (reason !== undefined) bury(index, reason);
  let size = results.reduce(
    (sum, result) => sum + VALUE_BYTES + (result?.length ?? 0),
    keyBytes(key, subject) + PART_BYTES,
  );
  while (size > maxBytes && results.some((result) => result !== undefined)) {
    const length = results.reduce((largest, result) => Math.max(largest, result?.length ?? 0), 0);
    const index = results.findIndex((result) => result?.length === length);
    bury(index, `its result has ${length} bytes, and an entry of the bus at most ${maxBytes}`);
    results[index] = undefined;
    size -= length;
  }
  return { source: seq, values: results, dead: dead.toSorted((a, b) => a.index - b.index) };
}
