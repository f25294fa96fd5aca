import { mkdirSync } from 'node:fs';
import type { MonoTypeOperatorFunction, Observable } from 'rxjs';
import type { Bookmark } from '../flow/bookmark.js';
import { operator } from '../flow/operator.js';
import { trainingState } from '../learn/trainingState.js';
import type { ValidatedStep } from '../learn/validate.js';
import type { Random } from '../random/random.js';
import type { Vocabulary } from '../token/vocabularyOf.js';
import { bestPath } from './checkpointFiles.js';
import type { Checkpoint } from './loadCheckpoint.js';
import { saveCheckpoint } from './saveCheckpoint.js';
import type { Snapshot, ValidationMark } from './snapshot.js';
import { startRun } from './startRun.js';
import { sweepTemporaries } from './sweepTemporaries.js';
import { writeCheckpoint } from './writeCheckpoint.js';

/** Where, when and with what else a run is saved. */
export interface CheckpointOptions {
  /** Where the files go; it is made where it is missing. One folder for one run. */
  readonly folder: string;
  /** Steps from one checkpoint to the next: after each step whose number it divides. */
  readonly every: number;
  /** How many of them stay beside the best; 3 by default. */
  readonly keep?: number;
  /** The bookmark that lies in the run's source and windows; without it no place is kept. */
  readonly bookmark?: Bookmark | undefined;
  /** What the tokens mean, to be kept with the model; by default not kept. */
  readonly vocabulary?: Vocabulary | undefined;
  /** Generators whose state is to be kept, but for that of dropout, which the run knows. */
  readonly randoms?: Readonly<Record<string, Random>> | undefined;
  /** Settings of yours to be kept, as plain JSON; none by default. */
  readonly config?: Readonly<Record<string, unknown>> | undefined;
  /** Ends the run: after the next step all is saved, and the loss of the one after it, which is not emitted, noted. */
  readonly stop$?: Observable<unknown> | undefined;
  /** What the run was resumed from: its losses and validations go on, and its first loss is checked. */
  readonly resumeFrom?: Checkpoint | undefined;
  /** Called when a file has reached the disk. */
  readonly onSaved?: (path: string, step: number) => void;
  /** Called at the first step of a run that is resumed; without it, a loss that is not the recorded one is an Error. */
  readonly onResumed?: (resumed: Resumed) => void;
}

/** How a resumed run began. */
export interface Resumed {
  readonly step: number;
  readonly loss: number;
  /** The loss of this step before the run was stopped; undefined where it did not come to it. */
  readonly recorded: number | undefined;
}

/** How many of the last losses a checkpoint keeps. */
const LOSSES = 1000;

/**
 * Saves a training run as it goes by, and lets all steps pass: behind `train`, or behind `validate`.
 *
 * ```
 *   train                        --t1--t2--t3--t4--t5--|
 *   checkpoint({ every: 2 … })   --t1--t2--t3--t4--t5--|     files of steps 2, 4 and, at the end, 5
 * ```
 *
 * ```ts
 * import { lastValueFrom, repeat, take } from 'rxjs';
 * import { adam, bookmark, checkpoint, encode, latestCheckpoint, linear, rnn, sequential } from 'rxrnn';
 * import { text, train, vocabulary, windows } from 'rxrnn';
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
 *   const steps$ = text(corpus, { bookmark: mark }).pipe(
 *     repeat(),
 *     encode(symbols),
 *     windows({ steps: 25, bookmark: mark }),
 *     train(saved?.model ?? sequential(layers), { optimizer: adam(), resumeFrom: saved?.training }),
 *     checkpoint({ folder, every: 20, bookmark: mark, vocabulary: symbols, resumeFrom: saved }),
 *   );
 *   return lastValueFrom(steps$.pipe(take(steps)));
 * }
 * console.log((await learn(50)).step); // -> 50
 * // the file of step 40 is the latest
 * console.log((await learn(50)).step); // -> 90
 * ```
 *
 * Windows that no bookmark can lie in, such as those of `sequences`, are resumed by `skip(saved.training.step)`, made
 * in the same order. A file is written before its step is emitted; the run itself is the same to the bit.
 * `best.safetensors` is the checkpoint of the lowest validation loss so far. At the start, what dead processes left is
 * swept. Errors: a file that could not be written; a number that is not finite, which is never saved; a folder that
 * holds a run of as many steps, unless this one was resumed from it; a resumed run whose first loss is another than the
 * recorded one.
 */
export function checkpoint<S extends ValidatedStep>(options: CheckpointOptions): MonoTypeOperatorFunction<S> {
  const { folder, every, keep = 3, bookmark, vocabulary, randoms, config, stop$, resumeFrom, onSaved } = options;
  for (const [name, value] of Object.entries({ every, keep })) {
    if (!(Number.isInteger(value) && value >= 1)) {
      throw new RangeError(`checkpoint: ${name} must be an integer from 1 up, got ${value}`);
    }
  }
  return operator((subscriber) => {
    const losses = [...(resumeFrom?.losses ?? [])];
    const validations: ValidationMark[] = [...(resumeFrom?.validations ?? [])];
    let best = Math.min(Infinity, ...validations.map(({ loss }) => loss));
    let first = true;
    let latest: S | undefined;
    let saved = resumeFrom?.training.step ?? 0;
    let stopping = false;
    let stopped: Snapshot | undefined; // written, and waiting for the loss that comes next
    mkdirSync(folder, { recursive: true });
    sweepTemporaries(folder);
    const stop = stop$?.subscribe(() => (stopping = true));

    return {
      next(step) {
        if (stopped) {
          save({ ...stopped, nextLoss: step.loss });
          stopped = undefined;
          return subscriber.complete();
        }
        if (first) startRun(options, step);
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
        subscriber.complete();
      },
      close: () => stop?.unsubscribe(),
    };

    function note(step: S): void {
      losses.push(step.loss);
      if (losses.length > LOSSES) losses.shift();
      if (!step.validation) return;
      const { loss } = step.validation;
      validations.push({ step: step.step, loss });
      if (!(loss < best)) return;
      // The best before the numbered one: killed between them, the run comes by here again.
      best = loss;
      writeCheckpoint(bestPath(folder), snapshot(step));
      onSaved?.(bestPath(folder), step.step);
    }
    function snapshot(step: S): Snapshot {
      return {
        training: trainingState(step),
        vocabulary,
        place: bookmark?.place(),
        randoms: randoms && Object.fromEntries(Object.entries(randoms).map(([name, it]) => [name, it.state()])),
        losses: [...losses],
        validations: [...validations],
        config,
      };
    }
    function save(taken: Snapshot): void {
      saved = taken.training.step;
      const path = saveCheckpoint(folder, taken, { keep });
      onSaved?.(path, saved);
    }
  });
}
