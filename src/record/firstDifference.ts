import { recordingOf } from './cutLog.js';
import { describeDifference, marbleText, type Difference } from './difference.js';
import type { RunLog } from './openLog.js';
import type { Entry, Track } from './recording.js';

/** Where two tapes part. */
export interface LogDifference extends Difference {
  /** The block in which it lies, from 0; `index` counts all entries of the tape, from 0. */
  readonly block: number;
}

/**
 * The first entry in which two tapes differ, found by halving over the digests of their blocks: of the entries only
 * those of the block where the digests part are read, and of the one before it, for the diagrams. Undefined where the
 * tapes are the same to the last bit. A RangeError where their blocks are of different sizes.
 */
export function firstDifference(expected: RunLog, actual: RunLog): LogDifference | undefined {
  if (expected.block !== actual.block) {
    throw new RangeError(
      `firstDifference: blocks must be of one size, got ${expected.block} and ${actual.block} entries`,
    );
  }
  let low = 0; // blocks that are known to be the same
  let high = Math.max(expected.blocks.length, actual.blocks.length); // the first of which it is known that they are not
  const same = (i: number): boolean => expected.blocks[i]?.digest === actual.blocks[i]?.digest;
  if (high === 0 || same(high - 1)) return undefined;
  high -= 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (same(middle)) low = middle + 1;
    else high = middle;
  }
  const [one, other] = [expected, actual].map((tape) => (low < tape.blocks.length ? tape.read(low) : []));
  let at = 0;
  while (entryText(one![at]) === entryText(other![at])) at += 1; // the digests say that they differ
  const { title } = one![at] ?? other![at]!;
  const [left, right] = [expected, actual].map((tape) => around(tape, low, title));
  const index = low * expected.block + at;
  const described = describeDifference([left!, right!], [one![at], other![at]], `entry ${index + 1}`);
  return { ...described, index, block: low };
}

function entryText(entry: Entry | undefined): string {
  return entry === undefined ? '' : `${entry.title} ${marbleText(entry)}`;
}

/** A track in a block and in the one before it. */
function around(tape: RunLog, block: number, title: string): Track {
  const indices = [block - 1, block].filter((i) => i >= 0 && i < tape.blocks.length);
  const { tracks } = recordingOf(
    tape.about,
    indices.flatMap((i) => tape.read(i)),
  );
  return tracks.find((track) => track.title === title) ?? { title, marbles: [] };
}
