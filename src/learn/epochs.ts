import { defer, type OperatorFunction, repeat, tap } from 'rxjs';
import { stream } from '../check/stream.js';
import { callable } from '../check/callable.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { orInfinity } from '../check/orInfinity.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { operator } from '../flow/operator.js';
import type { TrainingStep, Window } from '../types.js';
import { stepWeights } from './stepWeights.js';

/** How many passes over the data. */
export interface EpochsOptions {
  /** Passes; without end by default, until the run is left. */
  readonly count?: number;
}

/** What one pass over the data did; plain JSON. */
export interface Epoch extends TrainingStep {
  /** Passes so far, this one included, from 1. */
  readonly epoch: number;
  /** Mean loss of the pass per target that counted. */
  readonly loss: number;
  /** Mean norm of the gradients of the pass. */
  readonly gradientNorm: number;
}

/**
 * Learns from the windows in several passes and emits one mean per pass, instead of a step per window.
 *
 * ```
 *   windows                                        -w0-w1-w2|
 *   epochs(train(model, …), { count: 2 })          ---------e1-------(e2|)     each over w0, w1, w2
 * ```
 *
 * The windows are subscribed to again for each pass: put `shuffle` before them, and each pass has an order of its own.
 * `learn` is subscribed to once, so that the run continues from pass to pass; it must emit one step for each window.
 * `step`, `tokens` and `learningRate` are those of the last step of a pass. `validate(model, heldOut, { every: 1 })`
 * after it validates each pass; `earlyStop` ends it.
 *
 * The mean is over the targets of the pass, as `evaluate` takes it, each window's mean loss as it was before its update:
 * a window weighs as many targets as count in it or, where its loss divides by the weights of targets, their sum. Of a
 * `jointLoss` each head has a mean of its own, and `loss` is their weighted sum. Steps that are copies of those of `optimize`
 * weigh as many targets as they count. A RangeError for a pass without a window.
 *
 * ```ts
 * import { from, map } from 'rxjs';
 * import { adam, epochs, linear, lstm, seeded, sequences, sequential, shuffle, train } from 'rxrnn';
 *
 * const model = sequential({
 *   lstm: lstm({ inputSize: 4, hiddenSize: 8 }),
 *   linear: linear({ inputSize: 8, outputSize: 4 }),
 * });
 * from([[1, 2, 3], [3, 2], [2, 2, 1, 1]])
 *   .pipe(
 *     shuffle({ size: 3, random: seeded(1) }),
 *     sequences({ end: 0 }),
 *     epochs(train(model, { optimizer: adam({ learningRate: 0.02 }) }), { count: 40 }),
 *     map(({ epoch, step, loss }) => ({ epoch, step, low: loss < 0.6 })),
 *   )
 *   .subscribe((each) => {
 *     if (each.epoch % 20 === 0) console.log(each);
 *   });
 * // -> { epoch: 20, step: 60, low: false }
 * // -> { epoch: 40, step: 120, low: true }
 * ```
 */
export function epochs(
  learn: OperatorFunction<Window, TrainingStep>,
  options: EpochsOptions = {},
): OperatorFunction<Window, Epoch> {
  callable('epochs', 'learn', learn);
  options = checkOptions('epochs', options, { count: optional(orInfinity(positiveInteger)) });
  const { count = Infinity } = options;
  return (window$) => {
    stream('epochs', 'the source', window$);
    return defer(() => {
      const ends: number[] = []; // windows so far at the end of each pass that has no mean yet
      let windows = 0;
      let emitDue = (): void => undefined;
      const pass$ = defer(() => {
        const before = windows;
        return window$.pipe(
          tap({
            next: () => windows++,
            complete() {
              if (windows === before) throw noWindow();
              ends.push(windows);
              emitDue();
            },
          }),
        );
      });
      return pass$.pipe(
        repeat(Number.isFinite(count) ? { count } : {}),
        learn,
        operator<TrainingStep, Epoch>((subscriber) => {
          let epoch = 0;
          let steps = 0;
          let sums = noSums();
          let latest: TrainingStep | undefined;
          emitDue = () => {
            if (latest === undefined || steps !== ends[0]) return;
            ends.shift();
            const ended = sums;
            sums = noSums();
            subscriber.next({ ...latest, ...meansOf(ended), epoch: ++epoch });
          };
          return {
            next(step) {
              steps++;
              add(sums, step, latest?.tokens ?? tokensBefore(step));
              latest = step;
              emitDue();
            },
          };
        }),
      );
    });
  };
}

/** Sums over the steps of a pass. */
interface Sums {
  steps: number;
  norm: number;
  readonly whole: WeightedSum;
  readonly heads: Map<string, WeightedSum & { readonly weight: number }>;
}

/** A sum of mean losses, each times what it was divided by, and the sum of these divisors. */
interface WeightedSum {
  divisor: number;
  loss: number;
}

function noSums(): Sums {
  return { steps: 0, norm: 0, whole: { divisor: 0, loss: 0 }, heads: new Map() };
}

/** Adds a step to the sums; `before`: the targets of the run before it. */
function add(sums: Sums, step: TrainingStep, before: number): void {
  const weights = stepWeights(step);
  const own = weights?.divisor ?? step.tokens - before;
  sums.steps += 1;
  sums.norm += step.gradientNorm;
  addTo(sums.whole, own, step.loss);
  for (const [name, loss] of Object.entries(step.heads ?? {})) {
    const { divisor = own, weight = NaN } = weights?.heads?.[name] ?? {};
    if (!sums.heads.has(name)) sums.heads.set(name, { divisor: 0, loss: 0, weight });
    addTo(sums.heads.get(name)!, divisor, loss);
  }
}

function addTo(sum: WeightedSum, divisor: number, loss: number): void {
  sum.divisor += divisor;
  sum.loss += divisor * loss;
}

function meansOf({ steps, norm, whole, heads }: Sums): Pick<Epoch, 'loss' | 'gradientNorm' | 'heads'> {
  const each = [...heads].map(([name, sum]) => [name, sum.weight, meanOf(sum)] as const);
  const joint = each.reduce((total, [, weight, mean]) => total + weight * mean, 0); // NaN without weights
  return {
    loss: each.length > 0 && !Number.isNaN(joint) ? joint : meanOf(whole),
    gradientNorm: norm / steps,
    ...(each.length > 0 && { heads: Object.fromEntries(each.map(([name, , mean]) => [name, mean])) }),
  };
}

function meanOf({ divisor, loss }: WeightedSum): number {
  return divisor > 0 ? loss / divisor : 0;
}

/** The targets before the first step that came, of a run that may have made others: its steps are taken to be alike. */
function tokensBefore({ step, tokens }: TrainingStep): number {
  return step > 1 ? tokens - tokens / step : 0;
}

function noWindow(): RangeError {
  return new RangeError(
    'epochs: a pass over the data ended before its first window, so nothing was learned; are there data, and enough ' +
      'for one window?',
  );
}
