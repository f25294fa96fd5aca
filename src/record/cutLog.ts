import type { RunLog } from './openLog.js';
import type { Entry, Marble, Recording } from './recording.js';
import type { ExcerptOptions } from './excerpt.js';

/**
 * A stretch of a tape, by steps, as a recording: to `print`, to draw by `excerpt`, to `replay`. Only the blocks that it
 * lies in are read.
 */
export function cutLog(tape: RunLog, { from = 0, to = Infinity }: ExcerptOptions = {}): Recording {
  const { blocks, about } = tape;
  const entries = blocks.flatMap(({ step }, i): readonly Entry[] => {
    const over = i + 1 < blocks.length ? blocks[i + 1]!.step : Infinity;
    return step > to || over < from ? [] : tape.read(i);
  });
  return recordingOf(
    about,
    entries.filter(({ step }) => step >= from && step <= to),
  );
}

/** Entries sorted by their tracks, in the order in which these come first. */
export function recordingOf(about: unknown, entries: readonly Entry[]): Recording {
  const tracks = new Map<string, Marble[]>();
  for (const { title, ...marble } of entries) {
    const marbles = tracks.get(title);
    if (marbles === undefined) tracks.set(title, [marble]);
    else marbles.push(marble);
  }
  return { about, tracks: Array.from(tracks, ([title, marbles]) => ({ title, marbles })) };
}
