import { type MonoTypeOperatorFunction, type OperatorFunction, pipe } from 'rxjs';
import { callable } from '../check/callable.js';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { reasonOf } from '../check/reasonOf.js';
import { operator } from '../flow/operator.js';
import { backpropagate } from '../learn/backpropagate.js';
import { clipGradNorm } from '../learn/clipGradNorm.js';
import { checkGenerator } from '../learn/checkGenerator.js';
import { checkOptimizer } from '../learn/checkOptimizer.js';
import { optimize } from '../learn/optimize.js';
import type { Optimizer } from '../learn/optimizer.js';
import type { Differentiated, Scored, Unrolled } from '../learn/stages.js';
import { keptWindows } from './keptWindows.js';
import { unroll } from '../learn/unroll.js';
import { checkModel } from '../model/checkModel.js';
import type { Model } from '../model/model.js';
import type { Random } from '../random/random.js';
import type { SeriesRow } from '../series/checkRow.js';
import type { Scaling } from '../series/scalingOf.js';
import type { Numbers, State, TrainingStep } from '../types.js';
import { checkStreaming } from './checkStreaming.js';
import { checkRowHead } from './checkRowHead.js';
import { type Expected, type RowHead, rowHead } from './rowHead.js';
import { checkScaling } from '../series/checkScaling.js';
import { READ_FROM_CHECKS } from './scorer.js';
import { learner } from './learner.js';
import { streamOfRows } from './streamOfRows.js';

/** How a model learns a series while it reads it. */
export interface PredictThenLearnRowsOptions {
  /** What updates the parameters; each model needs its own. */
  readonly optimizer: Optimizer;
  /** What the model's outputs are: it says which loss trains them, and whether a surprisal is known. */
  readonly head: RowHead;
  /** Brings the columns to a common size; rows, predictions and errors are in the units of the data. By default none. */
  readonly scaling?: Scaling | undefined;
  /** Targets per window: how far back the gradient reaches; 25 by default, 1 learns after every row. */
  readonly steps?: number;
  /** That of the head by default. */
  readonly loss?: OperatorFunction<Unrolled, Scored>;
  /** `clipGradNorm(5)` by default; rxjs's `identity` for none. */
  readonly clip?: MonoTypeOperatorFunction<Differentiated>;
  /** The generator that layers with dropout draw from while learning; without it nothing is dropped. */
  readonly dropoutRandom?: Random | undefined;
  /** The state before the first row; zeros by default. */
  readonly initialState?: State;
  /**
   * Receives each row that does not fit the model, such as one with a number that is not finite or too large; the others
   * go on as if it had not come. Without it, that is the error of the result.
   */
  readonly onInvalid?: ((invalid: InvalidSeriesRow) => void) | undefined;
}

/** A row that does not fit the model. */
export interface InvalidSeriesRow {
  readonly row: SeriesRow;
  /** The text of the error that it would have been. */
  readonly reason: string;
}

/** A row, and what was expected of it before the model learned from it; plain JSON, in the units of the data. */
export interface ProgressiveRow extends Expected {
  readonly row: readonly number[];
  /** The row less what was expected. */
  readonly error: readonly number[];
  /** How surprising it was, in bits of the scaled numbers; absent where the head is a value. See `predictThenLearn`. */
  readonly bits?: number;
  /** Rows predicted so far, this one included: the first of the series is read only. */
  readonly rows: number;
  /** Their mean squared error, scaled: the progressive (prequential) loss. */
  readonly meanSquare: number;
  /** The update that followed this row, if it was the last of a window. */
  readonly learned?: TrainingStep;
}

/** The form of `predictThenLearn` for rows of numbers. */
export function predictThenLearnRows(
  model: Model,
  given: PredictThenLearnRowsOptions,
): OperatorFunction<SeriesRow, ProgressiveRow> {
  checkModel('predictThenLearn', 'model', model);
  given = options('predictThenLearn', given, {
    optimizer: checkOptimizer,
    head: checkRowHead,
    scaling: optional(checkScaling),
    steps: optional(positiveInteger),
    loss: optional(callable),
    clip: optional(callable),
    dropoutRandom: optional(checkGenerator),
    initialState: READ_FROM_CHECKS.initialState,
    onInvalid: optional(callable),
  });
  const { optimizer, head, scaling, steps = 25, loss = rowHead(head).loss(), clip = clipGradNorm(5) } = given;
  const { initialState, dropoutRandom, onInvalid } = given;
  checkStreaming('predictThenLearn', model);
  const unrolled = unroll(model, { ...(initialState && { initialState }), ...(dropoutRandom && { dropoutRandom }) });
  const learn = pipe(loss, backpropagate(model), clip, optimize(model, optimizer));

  return operator((subscriber) => {
    // what predicting computes is what learning begins with, unless numbers are dropped there
    const stream = streamOfRows('predictThenLearn', model, { head, scaling }, dropoutRandom ? 1 : steps);
    const { tape, kept, take, read, judge, window } = stream;
    if (initialState) tape.setState(initialState);
    const forward = kept ? keptWindows(model, steps, kept) : unrolled;
    const learnFrom = learner(pipe(forward, learn), subscriber);
    let pending: Numbers[] = []; // the last row read, and those since that are not learned
    let index = 0;
    let rows = 0; // predicted
    let squares = 0;

    function learnPending(): TrainingStep | undefined {
      if (pending.length < 2) return undefined;
      const items = pending;
      pending = pending.slice(-1);
      return learnFrom(window(items));
    }
    return {
      next(row) {
        let scaled: Numbers;
        try {
          scaled = take(row, index++);
        } catch (error) {
          if (onInvalid === undefined) throw error;
          return onInvalid({ row, reason: reasonOf(error) });
        }
        const before = pending.at(-1);
        const judged = before && (read(before), judge(scaled));
        pending.push(scaled);
        const learned = pending.length > steps ? learnPending() : undefined; // before `next`, which may bring the next row
        if (!judged || subscriber.closed) return;
        const { squared, ...rest } = judged;
        squares += squared;
        rows += 1;
        subscriber.next({
          row: Array.from(row),
          ...rest,
          error: Array.from(row, (x, d) => x - rest.predicted[d]!),
          rows,
          meanSquare: squares / rows,
          ...updateOf(learned),
        });
      },
      error(error) {
        learnPending();
        subscriber.error(error);
      },
      complete() {
        learnPending();
        subscriber.complete();
      },
      close: tape.release,
    };
  });
}

function updateOf(learned: TrainingStep | undefined): { readonly learned?: TrainingStep } {
  return learned ? { learned } : {};
}
