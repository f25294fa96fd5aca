// A recording in a file of either kind, marbles or tape, to be gone through step by step.
import {
  cutLog,
  type Entry,
  fileBytes,
  openLog,
  readRecording,
  type Recording,
  type RunLog,
} from '../../src/recording.js';
import { checkReadable } from '../cli/checkReadable.js';

export interface Run {
  readonly about: unknown;
  readonly marbles: number;
  /** The entries of a step, step after step; a tape is read block by block. */
  steps(range: Range): Generator<readonly Entry[]>;
  /** A stretch as a recording. */
  cut(range: Range): Recording;
  /** Set where it is a tape. */
  readonly tape?: RunLog;
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** Opens a recording; the kind is told by its first line. A tape is checked as a whole before it is played. */
export function openRun(path: string): Run {
  checkReadable(path);
  const file = fileBytes(path);
  if (new TextDecoder().decode(file.read(0, Math.min(10, file.length))) !== 'rxrnn log ') {
    file.close();
    return runOf(readRecording(path));
  }
  const tape = openLog(file);
  for (let i = 0; i < tape.blocks.length; i++) tape.read(i);
  const first = (from: number): number =>
    Math.max(
      0,
      tape.blocks.findLastIndex(({ step }) => step < from),
    );
  function* entries({ from, to }: Range): Generator<Entry> {
    for (let i = first(from); i < tape.blocks.length && tape.blocks[i]!.step <= to; i++) yield* tape.read(i);
  }
  return {
    about: tape.about,
    marbles: tape.entries,
    tape,
    steps: (range) => grouped(entries(range), range),
    cut: (range) => cutLog(tape, range),
  };
}

/** The same for a recording that is in memory. */
export function runOf({ about, tracks }: Recording): Run {
  const entries = tracks
    .flatMap(({ title, marbles }) => marbles.map((marble): Entry => ({ title, ...marble })))
    .toSorted((a, b) => a.step - b.step);
  const inside =
    ({ from, to }: Range) =>
    ({ step }: { step: number }): boolean =>
      step >= from && step <= to;
  return {
    about,
    marbles: entries.length,
    steps: (range) => grouped(entries, range),
    cut: (range) => ({
      about,
      tracks: tracks.map(({ title, marbles }) => ({ title, marbles: marbles.filter(inside(range)) })),
    }),
  };
}

function* grouped(entries: Iterable<Entry>, { from, to }: Range): Generator<readonly Entry[]> {
  let group: Entry[] = [];
  for (const entry of entries) {
    if (entry.step < from || entry.step > to) continue;
    if (group.length > 0 && group[0]!.step !== entry.step) {
      yield group;
      group = [];
    }
    group.push(entry);
  }
  if (group.length > 0) yield group;
}
