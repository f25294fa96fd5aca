import { defer, Subject, tap, type MonoTypeOperatorFunction, type Observable } from 'rxjs';
import { checkTitle } from './checkTitle.js';
import { describe } from './describe.js';
import { parseValue } from './parseValue.js';
import type { Entry, ErrorText, Marble, Recording } from './recording.js';
import { valueText } from './valueText.js';

/** How a run is recorded. */
export interface RecorderOptions {
  /** The track whose values are the steps; by default the first that `record` is called for. */
  readonly clock?: string;
  /** What it is a recording of; `null` by default. */
  readonly about?: unknown;
  /** False keeps nothing in memory: `entries$` is the way out, and `recording` an Error. */
  readonly keep?: boolean;
}

/** What keeps a run. */
export interface Recorder {
  /** Passes a stream on and keeps what it does; each subscription is a track, `title`, `title (2)` and so on. */
  record<T>(title: string): MonoTypeOperatorFunction<T>;
  /** Keeps a value on a track that is no stream of the run: a sample, a snapshot, the path of a checkpoint. */
  mark(title: string, value: unknown): void;
  /** The marbles as they are kept, in the order in which things happen; completes at `end`. */
  readonly entries$: Observable<Entry>;
  /** There is no more to come. */
  end(): void;
  /** What was kept so far, as copies. A TypeError when there was a value that cannot be recorded. */
  recording(): Recording;
}

/**
 * Keeps what the streams of a run do, on a clock of steps: a value of the clock's track is a step, from 1, and what
 * happens until its next value happens at that step.
 *
 * ```
 * tokens$                    -a----b--c|
 * run.record('tokens')       -a----b--c|        the same: a tap cannot change the run
 * run.recording(), tokens    -ab(c|)            a step a frame
 * ```
 *
 * A value is turned into its text when it comes, so that what becomes of it later changes nothing. One that has no
 * text (`valueText` says which) stops the recording and not the run: `recording` and `entries$` fail with it.
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
export function recorder({ clock, about = null, keep = true }: RecorderOptions = {}): Recorder {
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
  function open(title: string): string {
    const count = (subscriptions.get(title) ?? 0) + 1;
    subscriptions.set(title, count);
    const name = count === 1 ? title : `${title} (${count})`;
    if (!tracks.has(name)) tracks.set(name, []);
    return name;
  }

  return {
    record<T>(title: string): MonoTypeOperatorFunction<T> {
      checkTitle(title);
      clockTitle ??= title;
      if (!tracks.has(title)) tracks.set(title, []); // in the order of the pipeline, and not of subscription
      return (source) =>
        defer(() => {
          const name = open(title);
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
      checkTitle(title);
      if (!tracks.has(title)) tracks.set(title, []);
      addValue(title, value);
    },
    entries$: entries$.asObservable(),
    end: () => entries$.complete(),
    recording() {
      if (failure !== undefined) throw failure;
      if (!keep) throw new Error('record: nothing was kept (keep: false); read the entries where they were written to');
      return { about, tracks: Array.from(tracks, ([title, kept]) => ({ title, marbles: kept.map(read) })) };
    },
  };
}

/** A marble whose value is text until it is asked for. */
type Kept = Exclude<Marble, { kind: 'N' }> | { readonly step: number; readonly kind: 'N'; readonly text: string };

function read(kept: Kept): Marble {
  if (kept.kind !== 'N') return kept;
  const impossible = (message: string): never => {
    throw new Error(`record: ${message} in a text of ours`);
  };
  return { step: kept.step, kind: 'N', value: parseValue(kept.text, 0, impossible) };
}

function errorText(error: unknown): ErrorText {
  if (error instanceof Error) return { name: error.name, message: error.message };
  return { name: 'Error', message: describe(error) };
}
