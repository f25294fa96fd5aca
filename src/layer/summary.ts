import { flag } from '../check/flag.js';
import { oneOf } from '../check/oneOf.js';
import { options as checkOptions } from '../check/options.js';
import { optional } from '../check/optional.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { refuse } from '../check/refuse.js';
import type { Layer } from './layer.js';
import { type Pool, pooledState, poolTape } from './poolTape.js';

/** How many numbers per step, and what becomes of those of a sequence. */
export interface SummaryOptions {
  /** Numbers per step, of input and output alike. */
  readonly size: number;
  /** What is taken of the steps so far: the last, their mean, or the largest of each number; no default. */
  readonly pool: Pool;
  /**
   * Whether the second half of the numbers is a direction that runs from the last step to the first, as the outputs of a
   * bidirectional layer: `pool: 'last'` then takes it at the first step, where it has read all. To be given, `true` or
   * `false`, for the last step after a bidirectional layer; elsewhere `false` by default.
   */
  readonly bidirectional?: boolean;
}

/**
 * A layer without parameters that makes one row of the steps of a sequence, for a label of the whole.
 *
 * The row of all steps is at the lane's last step, where `labelled` puts the label. What it gives at the steps before is
 * the row of the steps so far, so that a stream can be read as well, and a label be asked for at any time; its state is
 * that row. Steps that a mask passes over do not count; the output there is zeros. Takes features, gives as many.
 *
 * `last` is what torch's packed sequences give: the output of each lane's last step that exists; in both directions,
 * that of the first half at the last step and of the second at the first. Bidirectional layers need whole sequences:
 * windows that reset; `sequential` refuses `last` after one where `bidirectional` is not said. A RangeError for a size that is not a positive integer, and odd in both directions.
 *
 * ```ts
 * import { of } from 'rxjs';
 * import { outputs, sequential, summary, unroll } from 'rxrnn';
 *
 * const model = sequential({ mean: summary({ size: 1, pool: 'mean' }) });
 * const window = { steps: 3, lanes: 1, inputs: Float32Array.of(1, 3, 5), targets: new Float32Array(3) };
 * of(window)
 *   .pipe(unroll(model))
 *   .subscribe((unrolled) => console.log(outputs(unrolled).data.join(' '))); // -> 1 2 3
 * ```
 */
export function summary(options: SummaryOptions): Layer {
  options = checkOptions('summary', options, {
    size: positiveInteger,
    pool: oneOf('last', 'mean', 'max'),
    bidirectional: optional(flag),
  });
  const { size, pool, bidirectional: given } = options;
  const bidirectional = given ?? false;
  if (bidirectional && size % 2 !== 0) refuse('summary', 'size', 'even where bidirectional', size, 'number');
  return {
    kind: 'summary',
    inputSize: size,
    outputSize: size,
    takes: 'features',
    parameters: [],
    state: pooledState(pool, size),
    ...(given !== undefined && { bidirectional }), // what nobody said is absent, so that `sequential` can ask
    options: { size, pool, bidirectional },
    tape: (context) => poolTape(pool, size, bidirectional && pool === 'last', context),
  };
}
