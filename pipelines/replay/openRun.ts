// A recording from a file, marbles or a run log, read step by step.
import { visible } from '../../src/index.js';
import {
  type Bytes,
  cutLog,
  type Entry,
  fileBytes,
  openLog,
  readRecording,
  type Recording,
  type RunLog,
} from '../../src/recording.js';
import { checkReadable } from '../cli/checkReadable.js';
import { say } from '../cli/say.js';

/** A recorded run. */
export interface Run {
  /** The description that the recording carries. */
  readonly about: unknown;
  /** Number of entries. */
  readonly marbles: number;
  /** Gives the entries of each step in turn; a run log is read block by block. */
  steps(range: Range): Generator<readonly Entry[]>;
  /** Gives an excerpt as a recording. */
  cut(range: Range): Recording;
  /** The log, if the run comes from one. */
  readonly log?: RunLog;
}

/** First and last step, both included. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * Opens a recording; its first line says which kind it is. A run log is checked as a whole before it is replayed. One whose
 * writer was killed is read as far as it goes where it may be `unfinished`, which standard error says.
 */
export function openRun(path: string, { unfinished = false }: { readonly unfinished?: boolean } = {}): Run {
  checkReadable(path);
  const file = fileBytes(path);
  if (new TextDecoder().decode(file.read(0, Math.min(10, file.length))) !== 'rxrnn log ') {
    file.close();
    return runOf(readRecording(path));
  }
  const log = unfinished ? openUnfinished(path, file) : openLog(file);
  for (let i = 0; i < log.blocks.length; i++) log.read(i);
  const first = (from: number): number =>
    Math.max(
      0,
      log.blocks.findLastIndex(({ step }) => step < from),
    );
  function* entries({ from, to }: Range): Generator<Entry> {
    for (let i = first(from); i < log.blocks.length && log.blocks[i]!.step <= to; i++) yield* log.read(i);
  }
  return {
    about: log.about,
    marbles: log.entries,
    log,
    steps: (range) => groupBySteps(entries(range), range),
    cut: (range) => cutLog(log, range),
  };
}

/** Opens a log that may have been cut short. */
function openUnfinished(path: string, file: Bytes): RunLog {
  try {
    return openLog(file);
  } catch (error) {
    const log = openLog(file, { unfinished: true });
    if (log.entries === 0) throw error; // nothing is left of it
    const last = log.read(log.blocks.length - 1).at(-1)!.step;
    say(`${visible(path)} was cut short; it is read up to step ${last}`);
    return log;
  }
}

/** Does the same for a recording in memory. */
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
    steps: (range) => groupBySteps(entries, range),
    cut: (range) => ({
      about,
      tracks: tracks.map(({ title, marbles }) => ({ title, marbles: marbles.filter(inside(range)) })),
    }),
  };
}

/** Groups entries by step. */
function* groupBySteps(entries: Iterable<Entry>, { from, to }: Range): Generator<readonly Entry[]> {
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
