import { defer, Subject, tap, type MonoTypeOperatorFunction, type Observable } from 'rxjs';
import { anything } from '../check/anything.js';
import { flag } from '../check/flag.js';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { string } from '../check/string.js';
import { checkTitle } from './checkTitle.js';
import { describe } from './describe.js';
import { parseValue } from './parseValue.js';
import type { Entry, ErrorText, Marble, Recording } from './recording.js';
import { valueText } from './valueText.js';

/** How a run is recorded. */
export interface RecorderOptions {
  /** The title of the track whose values are the steps; by default the first that `record` is called with. */
  readonly clock?: string | undefined;
  /** What the recording is of; `null` by default. */
  readonly about?: unknown;
  /** With `false` nothing is kept in memory: use `entries$`; `recording` throws an Error. `true` by default. */
  readonly keep?: boolean | undefined;
}

/** Records the streams of one run. */
export interface Recorder {
  /** Passes a stream on and records it; each subscription is a track: `title`, `title (2)` and so on. */
  record<T>(title: string): MonoTypeOperatorFunction<T>;
  /** Records a value that does not come from a stream: a sample, a snapshot, the path of a checkpoint. */
  mark(title: string, value: unknown): void;
  /** The entries as they are recorded, in the order of events; completes at `end`. */
  readonly entries$: Observable<Entry>;
  /** Ends the recording: nothing more will come. */
  end(): void;
  /** Copies what was recorded so far. A TypeError where a value could not be recorded. */
  recording(): Recording;
}

/**
 * Records the streams of a run on a clock of steps: each value of the clock's track begins a step, from 1, and
 * everything until its next value belongs to that step.
 *
 * ```
 * tokens$                    -a----b--c|
 * run.record('tokens')       -a----b--c|        the same: a tap does not change the run
 * run.recording(), tokens    -ab(c|)            one step per frame
 * ```
 *
 * A value is turned into text when it comes, so that later changes to it do not matter. A value without a text (see
 * `valueText`) stops the recording but not the run: `recording` and `entries$` then fail.
 *
 * ```ts
 * import { from, map } from 'rxjs';
 * import { recorder } from 'rxrnn/recording';
 *
 * const run = recorder();
 * from('hello')
 *   .pipe(
 *     run.record('letters'),
 *     map((letter) => letter.charCodeAt(0)),
 *     run.record('codes'),
 *   )
 *   .subscribe();
 * for (const { title, marbles } of run.recording().tracks) console.log(title, marbles.length);
 * // -> letters 6
 * // -> codes 6
 * ```
 */
export function recorder(given: RecorderOptions = {}): Recorder {
  given = options('recorder', given, { clock: optional(string), about: anything, keep: optional(flag) });
  const { clock, about = null, keep = true } = given;
  const entries$ = new Subject<Entry>();
  const tracks = new Map<string, Kept[]>();
  const subscriptions = new Map<string, number>();
  let clockTitle = clock;
  let step = 0;
  let failure: TypeError | undefined;

  function add(title: string, marble: Kept): void {
    if (failure !== undefined) return;
    if (keep) tracks.get(title)!.push(marble);
    if (entries$.observed) entries$.next({ title, ...read(marble) });
  }
  function addValue(title: string, value: unknown): void {
    try {
      add(title, { step, kind: 'N', text: valueText(value) });
    } catch (error) {
      if (failure !== undefined) return;
      failure = new TypeError(`record: "${title}" at step ${step}: ${(error as Error).message}`);
      entries$.error(failure);
    }
  }
  function openTrack(title: string): string {
    const count = (subscriptions.get(title) ?? 0) + 1;
    subscriptions.set(title, count);
    const name = count === 1 ? title : `${title} (${count})`;
    if (!tracks.has(name)) tracks.set(name, []);
    return name;
  }

  return {
    record<T>(title: string): MonoTypeOperatorFunction<T> {
      checkTitle('record', title);
      clockTitle ??= title;
      if (!tracks.has(title)) tracks.set(title, []); // in the order of the pipeline, not of subscription
      return (source) =>
        defer(() => {
          const name = openTrack(title);
          return source.pipe(
            tap({
              next(value: T) {
                if (title === clockTitle) step += 1;
                addValue(name, value);
              },
              error: (error: unknown) => add(name, { step, kind: 'E', error: errorText(error) }),
              complete: () => add(name, { step, kind: 'C' }),
            }),
          );
        });
    },
    mark(title, value) {
      checkTitle('mark', title);
      if (!tracks.has(title)) tracks.set(title, []);
      addValue(title, value);
    },
    entries$: entries$.asObservable(),
    end: () => entries$.complete(),
    recording() {
      if (failure !== undefined) throw failure;
      if (!keep)
        throw new Error('recorder: nothing was kept (keep: false); read the entries from where they were written');
      return { about, tracks: Array.from(tracks, ([title, kept]) => ({ title, marbles: kept.map(read) })) };
    },
  };
}

/** A marble whose value stays text until it is asked for. */
type Kept = Exclude<Marble, { kind: 'N' }> | { readonly step: number; readonly kind: 'N'; readonly text: string };

function read(kept: Kept): Marble {
  if (kept.kind !== 'N') return kept;
  const impossible = (message: string): never => {
    throw new Error(`recorder: ${message} in a text of its own`);
  };
  return { step: kept.step, kind: 'N', value: parseValue(kept.text, 0, impossible) };
}

function errorText(error: unknown): ErrorText {
  if (error instanceof Error) return { name: error.name, message: error.message };
  return { name: 'Error', message: describe(error) };
}
