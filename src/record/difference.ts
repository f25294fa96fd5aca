import { options } from '../check/options.js';
import type { Marble, Recording, Track } from './recording.js';
import { excerpt } from './excerpt.js';
import { valueText } from './valueText.js';
import { optional } from '../check/optional.js';
import { refuse } from '../check/refuse.js';
import { string } from '../check/string.js';
import { checkWholeTracks } from './checkWholeTracks.js';
import { checkRecording } from './checkRecording.js';

/** The first difference between two runs. */
export interface Difference {
  /** The title of its track. */
  readonly title: string;
  /** Index of the marble in its track, from 0. */
  readonly index: number;
  readonly step: number;
  /** One line that names the marble, what was expected, and what came. */
  readonly message: string;
  /** The two diagrams around it, one above the other, with their legend. */
  readonly details: string;
}

/** What is compared between two runs. */
export interface DifferenceOptions {
  /** The titles of the tracks to compare; all expected ones by default. */
  readonly titles?: readonly string[] | undefined;
}

/** Steps drawn before the marble that differs, and after it. */
const AROUND = [12, 6] as const;

/**
 * Finds the first marble in which a run differs from the expected one, in any of the tracks that are compared;
 * `undefined` where they are the same to the last bit.
 *
 * ```
 * losses: marble 3, at step 3, differs: expected 4.01, got 4.02
 *
 * Expected: -abc|
 * Actual:   -abd|
 * ```
 *
 * ```ts
 * import { from } from 'rxjs';
 * import { difference, recorder } from 'rxrnn/recording';
 *
 * function recorded(losses: number[]) {
 *   const run = recorder();
 *   from(losses).pipe(run.record('losses')).subscribe();
 *   return run.recording();
 * }
 * console.log(difference(recorded([4.2, 4.1, 4.01]), recorded([4.2, 4.1, 4.02]))?.message);
 * // -> losses: marble 3, at step 3, differs: expected 4.01, got 4.02
 * ```
 */
export function difference(
  expected: Recording,
  actual: Recording,
  given: DifferenceOptions = {},
): Difference | undefined {
  for (const [name, recording] of Object.entries({ expected, actual })) {
    checkRecording('difference', name, recording);
    checkWholeTracks('difference', `${name}.tracks`, recording.tracks);
  }
  given = options('difference', given, { titles: optional(checkTitles) });
  const { titles = expected.tracks.map(({ title }) => title) } = given;
  const [ones, others] = [expected, actual].map(({ tracks }) => byTitle(tracks));
  const found = titles.flatMap((title) => {
    const [one, other] = [ones!.get(title), others!.get(title)];
    const index = firstIndex(one?.marbles ?? [], other?.marbles ?? []);
    if (index === undefined && one && other) return [];
    const none: Track = { title, marbles: [] };
    return [describeAt(one ?? none, other ?? none, index ?? 0)];
  });
  return found.toSorted((a, b) => a.step - b.step)[0];
}

/** The tracks by title; of tracks with the same title the first. */
function byTitle(tracks: readonly Track[]): ReadonlyMap<string, Track> {
  return new Map(tracks.toReversed().map((track) => [track.title, track]));
}

function checkTitles(who: string, option: string, value: unknown): void {
  if (!Array.isArray(value)) refuse(who, option, 'an array of titles', value, 'none');
  for (const [i, title] of (value as readonly unknown[]).entries()) string(who, `${option}[${i}]`, title);
}

function firstIndex(expected: readonly Marble[], actual: readonly Marble[]): number | undefined {
  const length = Math.max(expected.length, actual.length);
  for (let i = 0; i < length; i++) if (marbleText(expected[i]) !== marbleText(actual[i])) return i;
  return undefined;
}

function describeAt(expected: Track, actual: Track, index: number): Difference {
  const [one, other] = [expected.marbles[index], actual.marbles[index]];
  return { ...describeDifference([expected, actual], [one, other], `marble ${index + 1}`), index };
}

/** Describes two marbles that differ, with the diagrams around them; `place` is what the message calls the marble. */
export function describeDifference(
  [expected, actual]: readonly [Track, Track],
  [one, other]: readonly [Marble | undefined, Marble | undefined],
  place: string,
): Omit<Difference, 'index'> {
  const { title } = expected;
  const step = Math.min(one?.step ?? Infinity, other?.step ?? Infinity);
  const rows = [
    { ...expected, title: 'Expected:' },
    { ...actual, title: 'Actual:' },
  ];
  const where = Number.isFinite(step) ? `${place}, at step ${step},` : 'the track';
  const steps = one?.step !== other?.step;
  const message = `${title}: ${where} differs: expected ${short(one, steps)}, got ${short(other, steps)}`;
  const range = Number.isFinite(step) ? { from: Math.max(0, step - AROUND[0]), to: step + AROUND[1] } : {};
  const details = excerpt(rows, range);
  return { title, step, message, details };
}

/** Writes a whole marble as one text; different marbles have different texts. */
export function marbleText(marble: Marble | undefined): string {
  return marble === undefined ? 'none' : `${marble.step} ${short(marble, false, Infinity)}`;
}

function short(marble: Marble | undefined, withStep: boolean, most = 200): string {
  if (marble === undefined) return 'nothing';
  const at = withStep ? ` at step ${marble.step}` : '';
  if (marble.kind === 'C') return `the end${at}`;
  if (marble.kind === 'E') return `the error ${marble.error.name}: ${marble.error.message}${at}`;
  const text = valueText(marble.value);
  return `${text.length > most ? `${text.slice(0, most)}…` : text}${at}`;
}
