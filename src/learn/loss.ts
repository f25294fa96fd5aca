import { showName } from '../check/showName.js';
import { defer, map, type OperatorFunction } from 'rxjs';
import { callable } from '../check/callable.js';
import { finite } from '../check/finite.js';
import { oneOf } from '../check/oneOf.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { refuse } from '../check/refuse.js';
import { show } from '../check/show.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { wholeNumber } from '../check/wholeNumber.js';
import { zeros } from '../kernel/zeros.js';
import { checkWindow } from '../model/checkWindow.js';
import type { Model, Tape } from '../model/model.js';
import type { Numbers, Window } from '../types.js';
import { countedTargets } from './countedTargets.js';
import { checkFresh, type Scored, type Unrolled } from './stages.js';
import { whyNotFinite } from './whyNotFinite.js';

const SUBNORMAL = 1.401298464324817e-45; // the least number of float32, 2^−149

/** What every loss accepts. */
export interface LossOptions {
  /**
   * Which gradient back-propagation starts from: that of the mean over the targets that count (default) or of their
   * sum. The loss that is emitted is the mean either way.
   */
  readonly reduction?: 'mean' | 'sum' | undefined;
}

/**
 * How a loss of your own is computed from the outputs of one model: what `loss` calls.
 *
 * `mask` and `targetMask` are already merged in its windows: `mask` is 0 wherever a target does not count, and
 * `targetMask` is absent. Targets are zeros there.
 */
export interface LossMeasure {
  /** Losses per step and lane: 1, or one per output. */
  readonly width: number;
  /** Checks a window's targets, except those that the mask hides, and returns how many count. `rows`: steps × lanes. */
  count(window: Window, rows: number): number;
  /** What the mean divides by; by default the count. */
  divisor?(window: Window, rows: number): number;
  /** Whether the target of a row, `step · lanes + lane`, counts where the mask lets it; by default it does. */
  readonly counts?: (window: Window, row: number) => boolean;
  /** Whether the losses of a window are −ln p of its tokens: then `evaluate` gives bits and perplexity, too. */
  ofTokens?(window: Window): boolean;
  /**
   * Writes the loss of each target into `losses` (rows × width) and the gradient of their sum at the outputs into
   * `tape.outputGradient` (rows × outputs), both 0 where the mask is 0; returns the sum of those losses. `tape.output`
   * has the outputs, rows × outputs.
   */
  sum(
    losses: Numbers,
    tape: Pick<Tape, 'output' | 'outputGradient' | 'targetLosses'>,
    window: Window,
    rows: number,
  ): number;
}

/**
 * Makes a loss of your own: an operator like `crossEntropy`, between `unroll` and `backpropagate`, with the same mean,
 * reductions and errors.
 *
 * ```
 *   unroll     --u0-----u1-----u2--|
 *   loss(…)    --s0-----s1-----s2--|     s: mean loss per target, and its gradient at the outputs
 * ```
 *
 * `measure` is called once per tape, usually once per subscription, with the model that the windows ran through.
 *
 * ```ts
 * import { last, of, repeat } from 'rxjs';
 * import { countUnmasked, linear, loss, type LossOptions, sequential, sgd, train, type Window } from 'rxrnn';
 *
 * // the absolute error |output − target|, `torch.nn.L1Loss`
 * const absoluteError = (options: LossOptions = {}) =>
 *   loss('absoluteError', options, ({ outputSize }) => ({
 *     width: outputSize,
 *     count(window, rows) {
 *       if (window.targets.length === rows * outputSize) return countUnmasked(window) * outputSize;
 *       throw new RangeError(`absoluteError: needs ${rows * outputSize} targets, got ${window.targets.length}`);
 *     },
 *     sum(losses, { output, outputGradient }, { targets, mask }, rows) {
 *       let sum = 0;
 *       for (let i = 0; i < rows * outputSize; i++) {
 *         const error = mask?.[Math.floor(i / outputSize)] === 0 ? 0 : output[i]! - targets[i]!;
 *         outputGradient[i] = Math.sign(error);
 *         sum += losses[i] = Math.abs(error);
 *       }
 *       return sum;
 *     },
 *   }));
 * const model = sequential({ linear: linear({ inputSize: 2, outputSize: 1 }) });
 * const [inputs, targets] = [Float32Array.of(1, 0, 0, 1), Float32Array.of(3, -1)];
 * const window: Window = { steps: 2, lanes: 1, inputs, targets };
 * of(window)
 *   .pipe(repeat(500), train(model, { optimizer: sgd({ learningRate: 0.02 }), loss: absoluteError() }), last())
 *   .subscribe(({ loss, tokens }) => console.log(loss < 0.05, tokens)); // -> true 1000
 * ```
 *
 * Errors where the loss is not finite: they name the window, the layer whose output is not, the last norms, and the first
 * feature, target or weight that is not finite.
 */
export function loss(
  name: string,
  options: LossOptions,
  measure: (model: Model) => LossMeasure,
): OperatorFunction<Unrolled, Scored> {
  if (typeof name !== 'string' || name === '') refuse('loss', 'name', 'the name of the loss', name, 'none');
  options = checkOptions(name, options, { reduction: optional(oneOf('mean', 'sum')) });
  callable(name, 'measure', measure);
  const { reduction = 'mean' } = options;
  return (unrolled$) =>
    defer(() => {
      let measuredOn: Tape | undefined;
      let measured: LossMeasure;
      let losses: Numbers;
      return unrolled$.pipe(
        map((unrolled): Scored => {
          checkFresh(name, unrolled);
          const { window, model, tape, pass, norms } = unrolled;
          if (tape !== measuredOn) {
            measured = measureOf(name, measure(model));
            positiveInteger(name, 'width', measured.width);
            losses = zeros(model.dtype, tape.steps * tape.lanes * measured.width);
            measuredOn = tape;
          }
          const rows = window.steps * window.lanes;
          checkWindow(name, window);
          const counted = countedTargets(window);
          const count = measured.count(counted, rows);
          wholeCount(name, 'count', count);
          checkCount(name, count, rows * Math.max(measured.width, model.outputSize));
          const divisor = measured.divisor?.(counted, rows) ?? count;
          if (divisor !== count) positiveOrZero(name, 'divisor', divisor);
          const sum = measured.sum(losses, tape, counted, rows);
          if (!Number.isFinite(sum)) throw notFinite(name, unrolled, sum);
          checkSum(name, sum, losses, rows * measured.width, unrolled);
          if (reduction === 'mean' && divisor !== 1) {
            model.kernel.scale(tape.outputGradient, divisor > 0 ? 1 / divisor : 0, rows * model.outputSize);
          }
          const loss = divisor > 0 ? sum / divisor : 0;
          const ofTokens = measured.ofTokens?.(counted) ?? false;
          const { counts } = measured;
          return {
            window,
            model,
            tape,
            pass,
            norms,
            loss,
            count,
            losses,
            divisor,
            ofTokens,
            ...(counts && { counts: (row: number) => counts(counted, row) }),
          };
        }),
      );
    });
}

const wholeCount = wholeNumber();
const positiveOrZero = finite(0);

/** Accepts the measure that a loss of your own makes. */
function measureOf(name: string, measure: LossMeasure): LossMeasure {
  const { count, sum } = (measure as Partial<LossMeasure> | null | undefined) ?? {};
  if (typeof count === 'function' && typeof sum === 'function') return measure;
  return refuse(name, 'what measure returns', 'an object with width, count and sum', measure, 'none');
}

function checkCount(name: string, count: number, most: number): void {
  if (count > most)
    throw new RangeError(`${showName(name)}: count must be at most ${most} in this window, got ${count}`);
}

/**
 * Refuses a sum that is not that of the losses, from which `evaluate` and `validate` compute their figures: the two would
 * differ from what is trained. Losses in float32 are rounded to 6e-8 of themselves, below 1e-38 to 1.4e-45, or to 0.
 */
function checkSum(name: string, sum: number, losses: Numbers, length: number, unrolled: Unrolled): void {
  let total = 0;
  let magnitude = 0;
  for (let i = 0; i < length; i++) {
    total += losses[i]!;
    magnitude += Math.abs(losses[i]!);
  }
  if (!Number.isFinite(total)) throw notFinite(name, unrolled, total); // a loss is beyond float32, though the sum is not
  const least = losses instanceof Float32Array ? SUBNORMAL * length : 0;
  if (!(Math.abs(sum - total) > 1e-3 * Math.max(magnitude, Math.abs(sum)) + least)) return;
  throw new RangeError(
    `${showName(name)}: sum must return the sum of the losses that it writes, ${total} in window ${unrolled.pass}, got ${sum}; ` +
      'width is the number of losses of a step and lane',
  );
}

function notFinite(name: string, unrolled: Unrolled, sum: unknown): Error {
  if (typeof sum !== 'number') return new TypeError(`${name}: sum must return a number, got ${show(sum)}`);
  const why = Number.isNaN(sum)
    ? whyNotFinite(unrolled, 'the outputs are finite, so that sum itself gave NaN', '')
    : whyNotFinite(unrolled, 'the outputs are finite but too large');
  return new RangeError(`${showName(name)}: the loss of window ${unrolled.pass} is not finite: ${why}`);
}
