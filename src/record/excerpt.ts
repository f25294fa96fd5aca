import { diagram, tick, type Legend, type Message } from './diagram.js';
import type { Marble, Track } from './recording.js';

/** Part of a run. */
export interface ExcerptOptions {
  /** First step; 0 by default. */
  readonly from?: number;
  /** Last step; all of them by default. */
  readonly to?: number;
  /** Marbles given so far, to go on with in a later stretch; those of this one are added. */
  readonly legend?: Legend;
}

/**
 * A stretch of several tracks as diagrams one above the other, and below them what the marbles stand for.
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
export function excerpt(tracks: readonly Track[], options: ExcerptOptions = {}): string {
  const { from = 0, to = Infinity, legend = new Map() } = options;
  const cut = tracks.map(({ marbles }) =>
    marbles.filter(({ step }) => step >= from && step <= to).map((marble) => shifted(marble, from)),
  );
  const scale = tick(...cut);
  const width = Math.max(0, ...tracks.map(({ title }) => title.length));
  const rows = cut.map(
    (messages, i) => `${tracks[i]!.title.padEnd(width)}  ${diagram(messages, { legend, tick: scale })}`,
  );
  const first = from > 0 ? [`from step ${from}`] : [];
  const scaled = scale > 1 ? [`(each step drawn as ${scale} frames, to give groups room)`] : [];
  const values = [...legend].filter(([text, marble]) => text !== JSON.stringify(marble));
  const blank = values.length > 0 ? [''] : [];
  return [...first, ...rows, ...scaled, ...blank, ...values.map(([text, marble]) => `${marble} := ${text}`)].join('\n');
}

function shifted({ step, ...marble }: Marble, from: number): Message {
  const frame = step - from;
  if (marble.kind !== 'E') return { frame, notification: marble };
  const { name, message } = marble.error;
  return { frame, notification: { kind: 'E', error: Object.assign(new Error(message), { name }) } };
}
