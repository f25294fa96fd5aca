import { randomBytes } from 'node:crypto';
import { finalize, defer, type MonoTypeOperatorFunction, type Observable } from 'rxjs';
import { callable } from '../check/callable.js';
import { checkRecord } from '../check/checkRecord.js';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { reasonOf } from '../check/reasonOf.js';
import { refuse } from '../check/refuse.js';
import { string } from '../check/string.js';
import { visible } from '../check/visible.js';
import { wholeNumber } from '../check/wholeNumber.js';
import { writeFileAtomic } from '../checkpoint/writeFileAtomic.js';
import type { Credit } from '../flow/credit.js';
import { checkModel } from '../model/checkModel.js';
import { checkVocabulary } from '../token/checkVocabulary.js';
import type { TrainingStep } from '../types.js';
import { type DeskOptions, desk } from './desk.js';
import { exportText } from './exportText.js';
import type { Attention, ComparedRun } from './messages.js';
import { pageFiles } from './pageFiles.js';
import type { SeriesPoint } from './seriesBook.js';
import { servePage } from './servePage.js';

/** What the page shows of a run besides its steps, and where it is. */
export interface StudioOptions extends DeskOptions {
  /** The port on 127.0.0.1; one that is free by default. */
  readonly port?: number | undefined;
  /** Called with the address of the page when it can be opened; by default it is printed on standard error. */
  readonly onUrl?: ((url: string) => void) | undefined;
}

/** An operator that passes training steps on and shows them, with the page that shows them. */
export interface Studio {
  <S extends TrainingStep>(step$: Observable<S>): Observable<S>;
  /** The address of the page, with the token that steering needs. Rejected where the port cannot be used. */
  readonly url: Promise<string>;
  /** Passes any stream on, and shows it as a lane of marbles. */
  lane<T>(title: string): MonoTypeOperatorFunction<T>;
  /** Shows the items that a credit holds. */
  credit(title: string, credit: Pick<Credit, 'held' | 'peak'>): void;
  /** Passes on numbers with what was expected of them, such as forecasts and what came, and draws the latest 600. */
  series<P extends SeriesPoint>(title: string): MonoTypeOperatorFunction<P>;
  /** Passes on any items, and draws the numbers that `pointOf` finds in them. */
  series<T>(title: string, pointOf: (item: T) => SeriesPoint): MonoTypeOperatorFunction<T>;
  /** Shows which source symbols a decoder attended to. */
  attention(attention: Attention): void;
  /** Takes a sample now, such as one of each checkpoint. */
  sample(): void;
  /** Writes what the page shows as one HTML file, whole or not at all, which needs no network. */
  export(path: string): Promise<void>;
  /** Ends the page and its server. */
  close(): Promise<void>;
}

/**
 * Opens a page on 127.0.0.1 on which a person watches a run and steers it: the result is an operator for its training
 * steps, and has the address of the page.
 *
 * ```
 * train                  --t1--t2--t3--|
 * studio({ … })          --t1--t2--t3--|     the same, to the bit, with the page open, slow or closed
 * ```
 *
 * ```ts
 * import { lastValueFrom } from 'rxjs';
 * import { adam, linear, pull, rnn, sequential, train, windows } from 'rxrnn';
 * import { studio } from 'rxrnn/studio';
 *
 * const model = sequential({
 *   rnn: rnn({ inputSize: 3, hiddenSize: 8 }),
 *   linear: linear({ inputSize: 8, outputSize: 3 }),
 * });
 * const page = studio({ title: 'three letters', onUrl: () => undefined });
 * const steps$ = pull([0, 1, 2, 0, 1, 2, 0]).pipe(windows({ steps: 2 }), train(model, { optimizer: adam() }), page);
 * const { step } = await lastValueFrom(steps$);
 * console.log(step, new URL(await page.url).hostname); // -> 3 127.0.0.1
 * await page.close();
 * ```
 *
 * While no page is open a step costs a few numbers that are kept; the curve of a run of any length has at most 4,096
 * points. While one is open, reading text for it takes about 1 % of the time, and a page that reads slowly is sent
 * less. The source must give the event loop its turn (`yielding`), or the server is not heard. The server keeps the
 * process alive while steps are watched, and no longer.
 *
 * Every request must name this machine as its `Host` (else 421) and come from this page (`Origin`, else 403); whatever
 * steers needs the token (else 403). A TypeError or RangeError for options that are not as they must be.
 */
export function studio(given: StudioOptions = {}): Studio {
  given = options('studio', given, {
    title: optional(string),
    model: optional(checkModel),
    vocabulary: optional(checkVocabulary),
    text: optional(checkText),
    steering: optional(checkRecord),
    settings: optional(checkRecord),
    runs: optional(checkRuns),
    seed: optional(string),
    sampleLength: optional(positiveInteger),
    port: optional(wholeNumber(0, 65_535)),
    onUrl: optional(callable),
  });
  const { port, onUrl = printUrl } = given;
  const shown = desk(randomBytes(6).toString('hex'), given);
  const served = servePage(shown, port);
  served.url.then(onUrl, (error: unknown) => {
    if (given.onUrl === undefined) process.stderr.write(`${visible(reasonOf(error))}\n`); // else `url` is awaited
  });
  let watching = 0;

  function watch<S extends TrainingStep>(step$: Observable<S>): Observable<S> {
    return defer(() => {
      watching += 1;
      served.keep(true);
      return step$.pipe(
        shown.watch<S>(),
        finalize(() => {
          watching -= 1;
          if (watching === 0) served.keep(false);
        }),
      );
    });
  }
  return Object.assign(watch, {
    url: served.url,
    lane: shown.lane,
    credit: shown.credit,
    series: <T>(title: string, pointOf?: (item: T) => SeriesPoint): MonoTypeOperatorFunction<T> =>
      shown.series(title, pointOf ?? ((item) => item as SeriesPoint)), // without it items are points
    attention: shown.attention,
    sample: shown.sampleNow,
    async export(path: string) {
      string('studio.export', 'path', path);
      const text = exportText(shown.board, await pageFiles());
      writeFileAtomic(path, new TextEncoder().encode(text), 'studio.export');
    },
    async close() {
      shown.end();
      shown.close();
      await served.close();
    },
  });
}

function printUrl(url: string): void {
  process.stderr.write(`studio: ${url}\n`);
}

/** Accepts a text, or the tokens of one: anything that has a length, of numbers. */
function checkText(who: string, option: string, value: unknown): void {
  if (typeof value === 'string') return;
  const length = typeof value === 'object' && value !== null && 'length' in value ? value.length : undefined;
  if (!Number.isInteger(length) || (Array.isArray(value) && value.some((token) => typeof token !== 'number'))) {
    refuse(who, option, 'a string or an array of tokens', value, 'none');
  }
}

/** Accepts runs to compare with; the message names the part that is something else. */
function checkRuns(who: string, option: string, value: unknown): void {
  if (!Array.isArray(value)) refuse(who, option, 'an array of runs', value, 'none');
  for (const [i, run] of (value as readonly unknown[]).entries()) {
    const where = `${option}[${i}]`;
    checkRecord(who, where, run);
    const { name, settings, steps, losses } = run as Partial<ComparedRun>;
    string(who, `${where}.name`, name);
    checkRecord(who, `${where}.settings`, settings);
    if (!areNumbers(steps)) refuse(who, `${where}.steps`, 'an array of numbers', steps, 'none');
    if (!areNumbers(losses)) refuse(who, `${where}.losses`, 'an array of numbers', losses, 'none');
    if (steps.length === losses.length) continue;
    throw new RangeError(
      `${who}: ${where} must have a loss for each of its steps, got ${losses.length} for ${steps.length}`,
    );
  }
}

function areNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((number) => typeof number === 'number');
}
