import { finite } from '../check/finite.js';
import { optional } from '../check/optional.js';
import { type Checks, options } from '../check/options.js';
import { orInfinity } from '../check/orInfinity.js';
import { drawMessages, tick, type Legend, type Message } from './diagram.js';
import type { Marble, Track } from './recording.js';
import { checkWholeTracks } from './checkWholeTracks.js';
import { checkLegend } from './checkLegend.js';
import { marbleLetters } from './marbleLetters.js';

/** Which part of a run is drawn. */
export interface ExcerptOptions {
  /** The first step; 0 by default. */
  readonly from?: number | undefined;
  /** The last step; the last of the run by default. */
  readonly to?: number | undefined;
  /** The marbles used so far, so that a later excerpt continues with them; those of this one are added. */
  readonly legend?: Legend | undefined;
}

/** The checks of these options, for the functions that have them. */
export const EXCERPT_CHECKS: Checks<ExcerptOptions> = {
  from: optional(finite()),
  to: optional(orInfinity(finite())),
  legend: optional(checkLegend),
};

/**
 * Draws part of several tracks as diagrams, one above the other, with the values of the marbles below.
 *
 * ```
 * from step 217
 * inputs  hello
 * losses  abcde
 *
 * a := 4.17
 * …
 * ```
 *
 * All tracks share the marbles and the scale; the first frame is step `from`.
 *
 * ```ts
 * import { from } from 'rxjs';
 * import { recorder, excerpt } from 'rxrnn/recording';
 *
 * const run = recorder();
 * from('hello').pipe(run.record('letters')).subscribe();
 * console.log(excerpt(run.recording().tracks));
 * // -> letters  -hell(o|)
 * ```
 */
export function excerpt(tracks: readonly Track[], given: ExcerptOptions = {}): string {
  checkWholeTracks('excerpt', 'tracks', tracks);
  given = options('excerpt', given, EXCERPT_CHECKS);
  const { from = 0, to = Infinity, legend = new Map() } = given;
  const cut = tracks.map(({ marbles }) =>
    marbles.filter(({ step }) => step >= from && step <= to).map((marble) => shift(marble, from)),
  );
  const scale = tick(cut);
  const width = tracks.reduce((most, { title }) => Math.max(most, title.length), 0);
  const letters = marbleLetters(legend);
  const rows = cut.map((messages, i) => `${tracks[i]!.title.padEnd(width)}  ${drawMessages(messages, letters, scale)}`);
  const first = from > 0 ? [`from step ${from}`] : [];
  const scaled = scale > 1 ? [`(each step drawn as ${scale} frames, to give groups room)`] : [];
  const values = [...legend].filter(([text, marble]) => text !== JSON.stringify(marble));
  const blank = values.length > 0 ? [''] : [];
  return [...first, ...rows, ...scaled, ...blank, ...values.map(([text, marble]) => `${marble} := ${text}`)].join('\n');
}

function shift({ step, ...marble }: Marble, from: number): Message {
  const frame = step - from;
  if (marble.kind !== 'E') return { frame, notification: marble };
  const { name, message } = marble.error;
  return { frame, notification: { kind: 'E', error: Object.assign(new Error(message), { name }) } };
}
