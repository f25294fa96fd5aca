import { recordingOf } from './cutLog.js';
import { describeDifference, marbleText, type Difference } from './difference.js';
import type { RunLog } from './openLog.js';
import type { Entry, Track } from './recording.js';
import { checkRunLog } from './checkRunLog.js';

/** The first difference between two run logs. */
export interface LogDifference extends Difference {
  /** The index of its block, from 0; `index` counts all entries of the log, from 0. */
  readonly block: number;
}

/**
 * Finds the first entry in which two run logs differ, by binary search over the digests of their blocks: it reads only
 * the first block with different digests and, for the diagrams, the one before it. `undefined` where the logs are the
 * same to the last bit. A RangeError where their blocks have different sizes.
 */
export function firstDifference(expected: RunLog, actual: RunLog): LogDifference | undefined {
  checkRunLog('firstDifference', 'expected', expected);
  checkRunLog('firstDifference', 'actual', actual);
  if (expected.block !== actual.block) {
    throw new RangeError(
      `firstDifference: blocks must have the same size, got ${expected.block} and ${actual.block} entries`,
    );
  }
  let low = 0; // blocks known to be the same
  let high = Math.max(expected.blocks.length, actual.blocks.length); // the first block known to differ
  const same = (i: number): boolean => expected.blocks[i]?.digest === actual.blocks[i]?.digest;
  if (high === 0 || same(high - 1)) return undefined;
  high -= 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (same(middle)) low = middle + 1;
    else high = middle;
  }
  const [one, other] = [expected, actual].map((log) => (low < log.blocks.length ? log.read(low) : []));
  let at = 0;
  while (entryText(one![at]) === entryText(other![at])) at += 1; // the digests say that they differ
  const { title } = one![at] ?? other![at]!;
  const [left, right] = [expected, actual].map((log) => around(log, low, title));
  const index = low * expected.block + at;
  const described = describeDifference([left!, right!], [one![at], other![at]], `entry ${index + 1}`);
  return { ...described, index, block: low };
}

function entryText(entry: Entry | undefined): string {
  return entry === undefined ? '' : `${entry.title} ${marbleText(entry)}`;
}

/** One track of a block and of the block before it. */
function around(log: RunLog, block: number, title: string): Track {
  const indices = [block - 1, block].filter((i) => i >= 0 && i < log.blocks.length);
  const { tracks } = recordingOf(
    log.about,
    indices.flatMap((i) => log.read(i)),
  );
  return tracks.find((track) => track.title === title) ?? { title, marbles: [] };
}
