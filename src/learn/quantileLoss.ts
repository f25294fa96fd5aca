import type { OperatorFunction } from 'rxjs';
import { options as checkOptions } from '../check/options.js';
import { show } from '../check/show.js';
import { areQuantiles } from './areQuantiles.js';
import { errorMeasure } from './errorMeasure.js';
import { loss } from './loss.js';
import type { Scored, Unrolled } from './stages.js';
import { weighted, WEIGHTED_CHECKS, type WeightedLossOptions } from './weighted.js';

/** The weights, and which quantiles are predicted. */
export interface QuantileLossOptions extends WeightedLossOptions {
  /**
   * The quantiles, each between 0 and 1 and ascending, as `forecast` reads them, such as `[0.1, 0.5, 0.9]`: a step of the model has as many outputs per target,
   * the first quantile of each target, then the second of each, and so on.
   */
  readonly quantiles: readonly number[];
}

/**
 * Quantile loss ("pinball loss"): trains outputs to be quantiles of the target, for a band beside the forecast.
 *
 * ```
 *   unroll        --u0-----u1-----u2--|
 *   quantileLoss  --s0-----s1-----s2--|     s: mean loss per output; its gradient 1 − q above the target, −q below
 * ```
 *
 * For quantile q, output x and target t: `max(q (t − x), (q − 1)(t − x))`; where they are equal the gradient is the
 * mean of both sides, (1 − 2q) / 2. Koenker and Bassett, Regression Quantiles, 1978. A RangeError where the model's
 * outputs are not a multiple of the quantiles; errors where the targets are tokens or too few, and where the loss is not
 * finite.
 *
 * ```ts
 * import { last, of, repeat } from 'rxjs';
 * import { adam, linear, outputs, quantileLoss, sequential, train, unroll, type Window } from 'rxrnn';
 *
 * const model = sequential({ linear: linear({ inputSize: 1, outputSize: 2 }) });
 * const targets = Float32Array.from({ length: 101 }, (_, i) => i); // 0 to 100 in one step each
 * const window: Window = { steps: 101, lanes: 1, inputs: new Float32Array(101), targets };
 * const loss = quantileLoss({ quantiles: [0.1, 0.9] });
 * of(window)
 *   .pipe(repeat(1000), train(model, { optimizer: adam({ learningRate: 0.5 }), loss }), last())
 *   .subscribe();
 * of(window)
 *   .pipe(unroll(model))
 *   .subscribe((unrolled) => console.log([...outputs(unrolled).data.subarray(0, 2)].map(Math.round))); // -> [ 10, 90 ]
 * ```
 */
export function quantileLoss(options: QuantileLossOptions): OperatorFunction<Unrolled, Scored> {
  options = checkOptions('quantileLoss', options, { ...WEIGHTED_CHECKS, quantiles: checkQuantiles });
  const { reduction, quantiles: given, ...weights } = options;
  const quantiles = [...given];
  return loss('quantileLoss', { ...(reduction && { reduction }) }, ({ outputSize }) => {
    const heads = quantiles.length;
    if (outputSize % heads !== 0) {
      throw new RangeError(
        `quantileLoss: ${heads} quantiles need a multiple of ${heads} outputs, the model has ${outputSize}`,
      );
    }
    const measure = errorMeasure('quantileLoss', outputSize, heads, {
      loss: (error, head) => Math.max((1 - quantiles[head]!) * error, -quantiles[head]! * error),
      slope: (error, head) => (error === 0 ? 0.5 : error > 0 ? 1 : 0) - quantiles[head]!,
    });
    return weighted('quantileLoss', weights, outputSize / heads, outputSize, measure);
  });
}

function checkQuantiles(who: string, option: string, quantiles: unknown): void {
  if (areQuantiles(quantiles)) return;
  throw new RangeError(
    `${who}: ${option} must be ascending numbers between 0 and 1, at least one, got ${show(quantiles)}`,
  );
}
