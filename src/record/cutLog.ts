import { options } from '../check/options.js';
import type { RunLog } from './openLog.js';
import type { Entry, Marble, Recording } from './recording.js';
import { EXCERPT_CHECKS, type ExcerptOptions } from './excerpt.js';
import { checkRunLog } from './checkRunLog.js';

/**
 * Reads part of a run log, from one step to another, as a recording to `print`, to draw with `excerpt`, or to `replay`.
 * Only the blocks that hold the part are read.
 */
export function cutLog(log: RunLog, given: ExcerptOptions = {}): Recording {
  checkRunLog('cutLog', 'log', log);
  given = options('cutLog', given, EXCERPT_CHECKS);
  const { from = 0, to = Infinity } = given;
  const { blocks, about } = log;
  const entries = blocks.flatMap(({ step }, i): readonly Entry[] => {
    const next = i + 1 < blocks.length ? blocks[i + 1]!.step : Infinity;
    return step > to || next < from ? [] : log.read(i);
  });
  return recordingOf(
    about,
    entries.filter(({ step }) => step >= from && step <= to),
  );
}

/** Groups entries by track, in the order in which the tracks first appear. */
export function recordingOf(about: unknown, entries: readonly Entry[]): Recording {
  const tracks = new Map<string, Marble[]>();
  for (const { title, ...marble } of entries) {
    const marbles = tracks.get(title);
    if (marbles === undefined) tracks.set(title, [marble]);
    else marbles.push(marble);
  }
  return { about, tracks: Array.from(tracks, ([title, marbles]) => ({ title, marbles })) };
}
