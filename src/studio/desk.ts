import {
  asyncScheduler,
  defer,
  interval,
  map,
  type MonoTypeOperatorFunction,
  type SchedulerLike,
  type Subscription,
  take,
  tap,
} from 'rxjs';
import { requested } from '../flow/demand.js';
import { reasonOf } from '../check/reasonOf.js';
import type { Credit } from '../flow/credit.js';
import { generateText } from '../infer/generateText.js';
import type { ValidatedStep } from '../learn/validate.js';
import type { Model } from '../model/model.js';
import { seeded } from '../random/seeded.js';
import type { Vocabulary } from '../token/vocabularyOf.js';
import type { TrainingStep } from '../types.js';
import { type Board, board, type Viewer } from './board.js';
import { checkAction } from './checkAction.js';
import { isQuestion } from './isQuestion.js';
import { marbleLanes } from './marbleLanes.js';
import type { Action, Attention, ComparedRun, Question, Sample, Topics } from './messages.js';
import { nextMark } from './nextMark.js';
import { type SeriesBook, seriesBook, type SeriesPoint } from './seriesBook.js';
import type { Steering } from './steering.js';
import { type TextProbe, textProbe } from './textProbe.js';
import { tokensOf } from './tokensOf.js';

/** What a page shows of a run besides its steps; each part may be left out. */
export interface DeskOptions {
  /** The title of the page; `a run` by default. */
  readonly title?: string | undefined;
  /** The model of the run: with a vocabulary of its tokens the page shows samples, and the text as it reads it. */
  readonly model?: Model | undefined;
  /** The vocabulary of the model's tokens. */
  readonly vocabulary?: Vocabulary | undefined;
  /** A text for the model to read on the page, best one that it does not learn; without it the page shows samples only. */
  readonly text?: string | ArrayLike<number> | undefined;
  /** The controls of the run; without them the page only looks. */
  readonly steering?: Steering | undefined;
  /** The settings of the run, shown in a table; none by default. */
  readonly settings?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  /** Earlier runs, drawn beneath this one; none by default. */
  readonly runs?: readonly ComparedRun[] | undefined;
  /** The seed of samples; `sample` by default. */
  readonly seed?: string | undefined;
  /** Characters of a sample; 120 by default. */
  readonly sampleLength?: number | undefined;
}

/** A run as its pages see it, whatever connects them: a server, a worker, a file. */
export interface Desk {
  readonly board: Board;
  /** Connects a page, which may be the first: what nobody looked at before is read soon. */
  attach(viewer: Viewer, lastId?: string): () => void;
  /** Passes training steps on, and shows them. */
  watch<S extends TrainingStep>(): MonoTypeOperatorFunction<S>;
  lane<T>(title: string): MonoTypeOperatorFunction<T>;
  credit(title: string, credit: Pick<Credit, 'held' | 'peak'>): void;
  series<T>(title: string, pointOf: (item: T) => SeriesPoint): MonoTypeOperatorFunction<T>;
  attention(attention: Attention): void;
  /** Takes a message of a page; throws where it is not one, or cannot be done. */
  receive(message: unknown): void;
  /** Shows a sample of now. */
  sampleNow(): void;
  /** Says that the run has ended; without a reason, after which step. */
  end(reason?: string): void;
  close(): void;
}

/** The share of the run's time that reading text for a page may take. */
const SHARE = 0.006;
/** Milliseconds from one reading to the next, at least, and from one capture of marbles to the next. */
const [READ_EVERY, CAPTURE_EVERY] = [400, 500];
/** The longest time from one reading to the next: the first one, of code that is not compiled yet, may take long. */
const READ_WITHIN = 5000;
const [MOST_SAMPLES, ANSWER_LENGTH, ANSWER_EVERY] = [24, 200, 25];

/** Makes the desk of a run; `run` names it, see `board`. */
export function desk(run: string, options: DeskOptions, scheduler: SchedulerLike = asyncScheduler): Desk {
  const { title = 'a run', model, vocabulary, steering, settings = {}, runs = [] } = options;
  const { seed = 'sample', sampleLength = 120 } = options;
  const shown = board(run, scheduler);
  const lanes = marbleLanes();
  const book: SeriesBook = seriesBook();
  let text: Int32Array = new Int32Array(0);
  const probe = model && vocabulary ? makeProbe(model, vocabulary) : undefined;
  const started = performance.now();
  let samples: readonly Sample[] = [];
  let updates = 0; // seen so far
  let step = 0; // of the latest update
  let sampleAt = 1;
  let readAt = 0; // the time from which the text may be read again
  let readLast = -Infinity; // when it was read
  let readAfter = -1; // updates when it was read last
  let captureAt = 0;
  let unit: number | undefined;
  let hasLanes = false;
  let answering: Subscription | undefined;
  let reading: Subscription | undefined; // that was put off
  let sampleSoon = false; // with it
  let backAt: number | undefined;
  let ended = false;

  shown.put('about', () => ({
    title,
    run,
    settings: Object.fromEntries(
      Object.entries(settings).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
    ),
    steers: steering !== undefined,
    reads: probe !== undefined,
    runs,
  }));
  const following = steering?.state$.subscribe((state) => {
    shown.put('controls', () => state);
    const wentBack = state.paused && state.backAt !== undefined && state.backAt !== backAt;
    backAt = state.backAt;
    if (wentBack) {
      step = backAt!;
      readAfter = -1; // with other weights
    }
    if (state.paused) readSoon(wentBack);
  });

  function watchStep({ step: now, tokens, loss, gradientNorm, learningRate, validation }: ValidatedStep): void {
    updates += 1;
    step = now;
    const time = performance.now();
    const heldOut = validation?.loss ?? null;
    shown.add({ count: 1, step, tokens, seconds: (time - started) / 1000, loss, gradientNorm, learningRate, heldOut });
    if (updates >= sampleAt) {
      sampleAt = nextMark(updates);
      sampleNow();
    }
    if (!shown.watched) return;
    if (time >= readAt) readNow(time);
    else if (steered()?.paused === true) readSoon();
    if (hasLanes && time >= captureAt) showPipeline(time);
  }
  function showPipeline(time: number): void {
    captureAt = time + CAPTURE_EVERY;
    const pipeline = lanes.pipeline(waiting());
    shown.put('pipeline', () => pipeline);
    lanes.capture();
  }
  function waiting(): string {
    if (ended) return 'The run has ended.';
    return steered()?.paused === true ? 'The source waits: the run is paused.' : '';
  }
  function steered(): Topics['controls'] | undefined {
    return shown.get('controls');
  }
  /** Reads the text, where that has not been done since the last update, and waits in proportion to what it took. */
  function readNow(time: number): void {
    if (!probe || text.length === 0) return;
    const began = performance.now();
    readAfter = updates;
    readLast = time;
    try {
      const text = probe.read(step, unit);
      shown.put('text', () => text);
    } catch {
      // a model whose outputs are not finite reads nothing; the run itself says why
    }
    readAt = time + Math.min(READ_WITHIN, Math.max(READ_EVERY, (performance.now() - began) / SHARE));
  }
  /** Reads the text as soon as it may be read, and samples if wanted: while a run is paused, it has time for that. */
  function readSoon(sampled = false): void {
    const paused = steered()?.paused === true;
    if (!probe || (reading && !paused)) return;
    reading?.unsubscribe();
    sampleSoon ||= sampled;
    const from = sampleSoon ? 0 : paused ? readLast + READ_EVERY : readAt;
    reading = scheduler.schedule(
      () => {
        reading = undefined;
        if (sampleSoon) sampleNow();
        sampleSoon = false;
        const time = performance.now();
        if (shown.watched && readAfter < updates && (paused || time >= readAt)) readNow(time);
        shown.flush();
      },
      Math.max(0, Math.ceil(from - performance.now())),
    );
  }
  function sampleNow(): void {
    if (!probe) return;
    try {
      const { temperature = 0.8, topP = 1 } = steered() ?? {};
      const text = probe.sample({ seed, length: sampleLength, temperature, topP });
      const others = samples.filter((sample) => sample.step !== step);
      samples = [...others, { step, text }];
      if (samples.length > MOST_SAMPLES) samples = samples.toSpliced(1, 1);
      const now = samples;
      shown.put('samples', () => now);
    } catch {
      // as in readNow
    }
  }
  function makeProbe(model: Model, vocabulary: Vocabulary): TextProbe | undefined {
    const readable =
      model.kind === 'sequential' && model.inputSize === vocabulary.size && model.outputSize === vocabulary.size;
    if (!readable || [...model.layers.values()].some(({ bidirectional }) => bidirectional)) return undefined;
    text = tokensOf(options.text ?? '', vocabulary);
    return textProbe({ model, vocabulary, text });
  }
  function ask(question: Question): void {
    if (!probe || !model) throw new RangeError('studio: this run shows no model that could be asked');
    if (question.name === 'unit') {
      unit = question.value;
      readNow(performance.now());
    } else if (question.name === 'span') {
      const matches = probe.match(question.from, question.to);
      if (!matches) throw new RangeError('studio: a span must lie within the text that is shown');
      shown.put('matches', () => matches);
    } else answer(question.value);
  }
  function answer(prompt: string): void {
    answering?.unsubscribe();
    let text = '';
    const isKnown = (symbol: string): boolean => vocabulary!.token(symbol) !== undefined;
    const unread = [...new Set(prompt)].filter((symbol) => !isKnown(symbol)).join(' ') || undefined;
    const say = (ended: boolean, problem?: string): void => {
      const now = text;
      shown.put('answer', () => ({ prompt, text: now, ended, unread, problem }));
    };
    say(false);
    try {
      const known = Array.from(prompt).filter(isKnown).join('');
      answering = generateText(model!, {
        vocabulary: vocabulary!,
        prompt: known,
        maxTokens: ANSWER_LENGTH,
        random: seeded(`${seed} answer`),
        temperature: steering?.temperature$ ?? 0.8,
        topP: steered()?.topP ?? 1,
        demand: requested(
          interval(ANSWER_EVERY, scheduler).pipe(
            map(() => 1),
            take(ANSWER_LENGTH + 1),
          ),
        ),
      }).subscribe({
        next: (generated) => {
          text += generated.text;
          say(false);
        },
        error: (error: unknown) => say(true, reasonOf(error)),
        complete: () => say(true),
      });
    } catch (error) {
      say(true, reasonOf(error));
    }
  }
  return {
    board: shown,
    attach(viewer, lastId) {
      const time = performance.now();
      if (hasLanes && time >= captureAt) showPipeline(time);
      const detach = shown.attach(viewer, lastId);
      if (readAfter < updates) readSoon(); // what there is has gone first: a first reading takes long
      return detach;
    },
    watch<S extends TrainingStep>(): MonoTypeOperatorFunction<S> {
      return (step$) =>
        defer(() => {
          if (samples.length === 0) sampleNow();
          return step$.pipe(tap((step) => watchStep(step as ValidatedStep)));
        });
    },
    lane<T>(title: string): MonoTypeOperatorFunction<T> {
      hasLanes = true;
      return lanes.lane(title);
    },
    credit(title, credit) {
      hasLanes = true;
      lanes.credit(title, credit);
    },
    series: (title, pointOf) => book.lane(title, pointOf, () => shown.put('series', () => book.read())),
    attention(attention) {
      shown.put('attention', () => attention);
    },
    receive(message) {
      if (isQuestion(message)) return ask(message);
      checkAction('studio', 'the message', message);
      if (!steering) throw new RangeError('studio: this run has no controls');
      steering.act(message satisfies Action);
      if (hasLanes) showPipeline(performance.now());
    },
    sampleNow,
    end(reason = step === 0 ? 'The run has ended.' : `The run has ended, after step ${step.toLocaleString('en')}.`) {
      ended = true;
      if (shown.watched && readAfter < updates) readNow(performance.now());
      if (hasLanes) showPipeline(performance.now());
      shown.end({ reason });
    },
    close() {
      following?.unsubscribe();
      answering?.unsubscribe();
      reading?.unsubscribe();
    },
  };
}
