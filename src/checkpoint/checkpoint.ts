import { stream } from '../check/stream.js';
import { renameSync } from 'node:fs';
import type { MonoTypeOperatorFunction, Observable } from 'rxjs';
import { anything } from '../check/anything.js';
import { callable } from '../check/callable.js';
import { flag } from '../check/flag.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { reasonOf } from '../check/reasonOf.js';
import { checkRecord } from '../check/checkRecord.js';
import { string } from '../check/string.js';
import { checkTrainingStep } from '../learn/checkTrainingStep.js';
import { checkTrainingState } from '../learn/checkTrainingState.js';
import { visible } from '../check/visible.js';
import { show } from '../check/show.js';
import type { Bookmark } from '../flow/bookmark.js';
import { checkBookmark } from '../flow/checkBookmark.js';
import { operator } from '../flow/operator.js';
import type { Trainer } from '../learn/trainer.js';
import type { Figures, ValidatedStep } from '../learn/validate.js';
import type { LayerMakers } from '../model/buildModel.js';
import type { Random } from '../random/random.js';
import type { Scaling } from '../series/scalingOf.js';
import type { Vocabulary } from '../token/vocabularyOf.js';
import type { TrainingStep } from '../types.js';
import { bestPath, checkpointFiles } from './checkpointFiles.js';
import type { Checkpoint } from './loadCheckpoint.js';
import { lockFolder } from './lockFolder.js';
import { makeFolder } from './makeFolder.js';
import { writeNumbered } from './saveCheckpoint.js';
import type { Snapshot, ValidationMark } from './snapshot.js';
import { sweepTemporaries } from './sweepTemporaries.js';
import { checkScaling } from '../series/checkScaling.js';
import { writeCheckpoint } from './writeCheckpoint.js';

/** The run that is saved, and where, when and with what else. */
export interface CheckpointOptions {
  /** The run whose steps these are: what `trainer` made. */
  readonly trainer: Pick<Trainer, 'state'>;
  /** The folder of the files, made if it is missing. Each run needs one of its own, and locks it until it ends. */
  readonly folder: string;
  /** Steps from one checkpoint to the next: after each step whose number it divides. */
  readonly every: number;
  /** How many checkpoints to keep in addition to the best; 3 by default. */
  readonly keep?: number | undefined;
  /** The bookmark in the run's source and windows; without it the place in the corpus is not kept. */
  readonly bookmark?: Bookmark | undefined;
  /** The vocabulary of the tokens, to be kept with the model; by default not kept. */
  readonly vocabulary?: Vocabulary | undefined;
  /** The scaling of the series, to be kept with the model; by default not kept. */
  readonly scaling?: Scaling | undefined;
  /** Generators whose state is to be kept, other than that of dropout, which the run knows; none by default. */
  readonly randoms?: Readonly<Record<string, Random>> | undefined;
  /**
   * A digest of the data, such as the SHA-256 of the corpus: a run that is resumed on data with another one is refused.
   * By default the data is not compared.
   */
  readonly data?: string | undefined;
  /** Resumes a run although its data has changed; false by default. */
  readonly dataChanged?: boolean | undefined;
  /** Settings of yours to be kept, as plain JSON; none by default. */
  readonly config?: Readonly<Record<string, unknown>> | undefined;
  /** Makers of your own layers by their kind, where the model has any: those that `loadCheckpoint` will need. */
  readonly layers?: LayerMakers | undefined;
  /**
   * Ends the run when it emits: after the next step everything is saved, and the loss of the one after it, which is not
   * emitted, is noted. An error of it ends the run with that error. Never by default.
   */
  readonly stop$?: Observable<unknown> | undefined;
  /**
   * The checkpoint that the run was resumed from: its losses and validations continue, and its first loss is checked.
   * Without it the folder must not hold a run yet.
   */
  readonly resumeFrom?: Checkpoint | undefined;
  /** Called when a file has reached the disk; nothing by default. */
  readonly onSaved?: ((path: string, step: number) => void) | undefined;
  /** Called at the first step of a resumed run; without it, a loss that is not the recorded one is an Error. */
  readonly onResumed?: ((resumed: Resumed) => void) | undefined;
}

/** How a resumed run began. */
export interface Resumed {
  readonly step: number;
  readonly loss: number;
  /** The loss of this step before the run was stopped; undefined where the run had not reached it. */
  readonly recorded: number | undefined;
}

/** How many of the last losses and of the last validations a checkpoint keeps. */
const KEPT = 1000;

/**
 * Saves a training run at regular steps and lets all steps pass: put it after `run.learn`, or after `validate`.
 *
 * ```
 *   run.learn                    --t1--t2--t3--t4--t5--|
 *   checkpoint({ every: 2 … })   --t1--t2--t3--t4--t5--|     files of steps 2, 4 and, at the end, 5
 * ```
 *
 * ```ts
 * import { lastValueFrom, repeat, take } from 'rxjs';
 * import { adam, bookmark, checkpoint, encode, latestCheckpoint, linear, rnn, sequential } from 'rxrnn';
 * import { text, trainer, vocabulary, windows } from 'rxrnn';
 *
 * const [corpus, folder] = ['data/dinosaurs.csv', 'run'];
 * const symbols = await lastValueFrom(text(corpus).pipe(vocabulary()));
 * const layers = {
 *   rnn: rnn({ inputSize: symbols.size, hiddenSize: 16 }),
 *   linear: linear({ inputSize: 16, outputSize: symbols.size }),
 * };
 *
 * function learn(steps: number) {
 *   const saved = latestCheckpoint(folder);
 *   const mark = bookmark(saved?.place);
 *   const model = saved?.model ?? sequential(layers);
 *   const run = trainer(model, { optimizer: adam(), resumeFrom: saved?.training });
 *   const steps$ = text(corpus, { bookmark: mark }).pipe(
 *     repeat(),
 *     encode(symbols),
 *     windows({ steps: 25, bookmark: mark }),
 *     run.learn,
 *     checkpoint({ trainer: run, folder, every: 20, bookmark: mark, vocabulary: symbols, resumeFrom: saved }),
 *   );
 *   return lastValueFrom(steps$.pipe(take(steps)));
 * }
 * console.log((await learn(50)).step); // -> 50
 * // the file of step 40 is the latest
 * console.log((await learn(50)).step); // -> 90
 * ```
 *
 * Windows without a place for a bookmark, such as those of `sequences`, are resumed by `skip(saved.training.step)`, made
 * in the same order. A file is written before its step is emitted; the run itself is the same to the bit.
 * `best.safetensors` is the checkpoint of the lowest validation loss so far. A file holds the last 1,000 losses and
 * validations, and the best validation of those before. At the start, temporary files of dead processes are removed, and
 * the folder is locked until the end. Errors: a folder that another run is using; a file that could not be written; a
 * number that is not finite, which is never saved; the error of `stop$`;
 * steps that are not the trainer's latest; data, a vocabulary or a model other than those of `resumeFrom`; a folder that holds a run of as many steps, unless this one was resumed from
 * it; a resumed run whose first loss is not the recorded one.
 */
export function checkpoint<S extends ValidatedStep<Figures>>(options: CheckpointOptions): MonoTypeOperatorFunction<S> {
  options = checkOptions('checkpoint', options, {
    trainer: hasState,
    folder: string,
    every: positiveInteger,
    keep: optional(positiveInteger),
    bookmark: optional(checkBookmark),
    vocabulary: anything, // refused when the first file is written, as settings that are not JSON
    scaling: optional(checkScaling),
    randoms: optional(checkRecord),
    data: optional(string),
    dataChanged: optional(flag),
    config: optional(checkRecord),
    layers: optional(checkRecord),
    stop$: optional(stream),
    resumeFrom: optional(checkSaved),
    onSaved: optional(callable),
    onResumed: optional(callable),
  });
  const {
    trainer,
    folder,
    every,
    keep = 3,
    bookmark,
    vocabulary,
    scaling,
    randoms,
    data,
    config,
    stop$,
    resumeFrom,
    onSaved,
  } = options;
  const { layers = {} } = options;
  if (resumeFrom) checkSame(resumeFrom, options);
  return operator((subscriber) => {
    const losses = [...(resumeFrom?.losses ?? [])];
    const validations: ValidationMark[] = []; // the last, after the best of those before them
    let best = Infinity;
    for (const mark of resumeFrom?.validations ?? []) keepMark(mark);
    let first = true;
    let latest: S | undefined;
    let saved = resumeFrom?.training.step ?? 0;
    let stopping = false;
    let stopped: Snapshot | undefined; // written, and waiting for the next loss
    makeFolder(folder);
    const unlock = lock(folder);
    sweepTemporaries(folder);
    const stop = stop$?.subscribe({
      next: () => (stopping = true),
      error: (error: unknown) => subscriber.error(error),
    });

    return {
      next(step) {
        checkTrainingStep('checkpoint', step);
        if (stopped) {
          save({ ...stopped, nextLoss: step.loss });
          stopped = undefined;
          unlock();
          return subscriber.complete();
        }
        if (first) beginRun(options, step);
        first = false;
        latest = step;
        note(step);
        if (step.step % every === 0 || stopping) {
          const taken = snapshot(step);
          save(taken);
          if (stopping) stopped = taken;
        }
        subscriber.next(step);
      },
      complete() {
        if (latest && latest.step !== saved) save(snapshot(latest));
        unlock(); // what comes after may begin the next run
        subscriber.complete();
      },
      close() {
        stop?.unsubscribe();
        unlock();
      },
    };

    function note(step: S): void {
      losses.push(step.loss);
      if (losses.length > KEPT) losses.shift();
      if (!step.validation) return;
      const { loss } = step.validation;
      if (!Number.isFinite(loss)) {
        throw new RangeError(
          `checkpoint: the validation loss of step ${step.step} must be a finite number, got ${show(loss)}; its measure ` +
            'or the model is at fault',
        );
      }
      if (!keepMark({ step: step.step, loss })) return;
      // The best before the numbered one: a run that is killed between them is resumed before this step.
      writeCheckpoint('checkpoint', bestPath(folder), snapshot(step), layers);
      onSaved?.(bestPath(folder), step.step);
    }
    /** Keeps a validation; returns whether it is the best so far. */
    function keepMark(mark: ValidationMark): boolean {
      validations.push(mark);
      if (validations.length > KEPT + 1) validations.splice(validations[0]!.loss <= validations[1]!.loss ? 1 : 0, 1);
      if (!(mark.loss < best)) return false;
      best = mark.loss;
      return true;
    }
    function snapshot(step: S): Snapshot {
      const training = trainer.state();
      if (training.step !== step.step) {
        throw new Error(
          `checkpoint: step ${step.step} came when the trainer was at step ${training.step}; between the trainer and ` +
            'here every stage must be synchronous, and the steps must be its own',
        );
      }
      return {
        training,
        vocabulary,
        scaling,
        place: bookmark?.place(),
        randoms: randoms && Object.fromEntries(Object.entries(randoms).map(([name, it]) => [name, it.state()])),
        losses: [...losses],
        validations: [...validations],
        data,
        config,
      };
    }
    function save(taken: Snapshot): void {
      saved = taken.training.step;
      const path = writeNumbered('checkpoint', folder, taken, keep, layers);
      onSaved?.(path, saved);
    }
  });
}

function lock(folder: string): () => void {
  try {
    return lockFolder(folder);
  } catch (cause) {
    throw new Error(`checkpoint: ${reasonOf(cause)}`, { cause });
  }
}

function checkSaved(who: string, option: string, value: unknown): void {
  checkRecord(who, option, value);
  const { path, training } = value as Partial<Checkpoint>;
  string(who, `${option}.path`, path);
  checkTrainingState(who, `${option}.training`, training);
}

/** Refuses to resume a run on other data, with another vocabulary or with a model of other layers. */
function checkSame(saved: Checkpoint, { data, dataChanged, vocabulary }: CheckpointOptions): void {
  const from = visible(saved.path);
  if (data !== undefined && saved.data !== undefined && data !== saved.data && dataChanged !== true) {
    throw new Error(
      `checkpoint: the data is not that of ${from}: its digest is ${show(data)}, it was ${show(saved.data)}; with ` +
        'dataChanged: true the run goes on',
    );
  }
  const [before, now] = [saved.vocabulary, vocabulary].map((it) => it && JSON.stringify([it.symbols, it.unknown]));
  if (before !== undefined && now !== undefined && before !== now) {
    const at = vocabulary!.symbols.findIndex((symbol, i) => symbol !== saved.vocabulary!.symbols[i]);
    throw new Error(
      `checkpoint: the vocabulary is not that of ${from}: ${differenceOf(vocabulary!, saved.vocabulary!, at)}; take ` +
        'the one of the checkpoint',
    );
  }
}

function differenceOf(now: Vocabulary, before: Vocabulary, at: number): string {
  if (at >= 0 && at < before.size) return `token ${at} is ${show(now.symbols[at])}, it was ${show(before.symbols[at])}`;
  if (now.size !== before.size) return `it has ${now.size} symbols, it had ${before.size}`;
  return `its unknown symbol is token ${now.unknown ?? 'none'}, it was ${before.unknown ?? 'none'}`;
}

function hasState(who: string, option: string, value: unknown): void {
  if (typeof (value as Partial<Trainer> | null | undefined)?.state === 'function') return;
  throw new TypeError(`${who}: ${option} must be what trainer(model, options) made, got ${show(value)}`);
}

/**
 * Checks the first step of a run before anything is saved: whether the folder is its own, and whether a resumed run
 * continues as the one before did. Files newer than the one resumed from, usually damaged, are set aside.
 */
function beginRun({ trainer, folder, resumeFrom, onResumed }: CheckpointOptions, { step, loss }: TrainingStep): void {
  const newer = checkpointFiles(folder).filter((file) => file.step >= step);
  if (!resumeFrom) {
    if (newer.length === 0) return;
    throw new Error(
      `checkpoint: ${visible(folder)} holds a run of ${newer[0]!.step} steps; resume it (latestCheckpoint) or take another folder`,
    );
  }
  const { training, nextLoss } = resumeFrom;
  const [was, is] = [training, trainer.state()].map(({ configuration }) => JSON.stringify(configuration));
  if (was !== is) {
    throw new Error(
      `checkpoint: the model is not that of ${visible(resumeFrom.path)}: its configuration is ${show(is)}, it was ` +
        `${show(was)}; take the one of the checkpoint`,
    );
  }
  if (step !== training.step + 1) {
    throw new Error(
      `checkpoint: the run begins at step ${step}, not after step ${training.step} of ${visible(resumeFrom.path)}; give ` +
        'its training to the trainer, too: trainer(model, { resumeFrom: saved.training })',
    );
  }
  if (onResumed) onResumed({ step, loss, recorded: nextLoss });
  else if (nextLoss !== undefined && nextLoss !== loss) {
    throw new Error(
      `checkpoint: the loss of step ${step} is ${loss}, but the stopped run had ${nextLoss}: the corpus, the place in it ` +
        'or an option differs; give onResumed to continue all the same',
    );
  }
  for (const { path } of newer) renameSync(path, `${path}.set-aside`);
}
