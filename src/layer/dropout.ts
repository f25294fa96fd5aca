import { fraction } from '../check/fraction.js';
import { options as checkOptions } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { dropoutMask } from './dropoutMask.js';
import { features } from './features.js';
import type { Layer } from './layer.js';

/** How many numbers per step, and how many of them are dropped. */
export interface DropoutOptions {
  /** Numbers per step, of input and output alike. */
  readonly size: number;
  /** The share of numbers that is dropped while learning, in [0, 1]; no default. */
  readonly rate: number;
}

/**
 * A layer without parameters that zeroes each number with the probability `rate` while learning and multiplies the
 * others by `1 / (1 − rate)`: inverted dropout. Otherwise its output is its input.
 *
 * It learns where `unroll` or `train` is given a generator, as `train` always is: each number of each step takes one
 * draw of it. Scoring and generating drop nothing. Between the layers of one recurrent layer, and on its state, its own
 * `dropout` and `recurrentDropout` do the same. Takes features, gives as many; a TypeError for tokens, when it runs.
 * Srivastava et al., Dropout: A Simple Way to Prevent Neural Networks from Overfitting, 2014; `torch.nn.Dropout`.
 *
 * ```ts
 * import { of } from 'rxjs';
 * import { dropout, outputs, seeded, sequential, unroll } from 'rxrnn';
 *
 * const model = sequential({ dropout: dropout({ size: 4, rate: 0.5 }) });
 * const window = { steps: 1, lanes: 1, inputs: Float32Array.of(1, 2, 3, 4), targets: new Float32Array(4) };
 * of(window)
 *   .pipe(unroll(model, { dropoutRandom: seeded(10) }))
 *   .subscribe((unrolled) => console.log(outputs(unrolled).data.join(' '))); // -> 2 0 6 0
 * of(window)
 *   .pipe(unroll(model))
 *   .subscribe((unrolled) => console.log(outputs(unrolled).data.join(' '))); // -> 1 2 3 4
 * ```
 */
export function dropout(options: DropoutOptions): Layer {
  options = checkOptions('dropout', options, { size: positiveInteger, rate: fraction });
  const { size, rate } = options;
  return {
    kind: 'dropout',
    inputSize: size,
    outputSize: size,
    takes: 'features',
    parameters: [],
    state: {},
    options: { size, rate },
    tape({ kernel, steps, lanes, allocate }) {
      const output = allocate(steps * lanes * size);
      const mask = dropoutMask(kernel, allocate, rate, steps * lanes * size);
      let dropping = false; // in the last forward pass
      return {
        output,
        state: {},
        inRows: true,
        repeats: ({ dropoutRandom }) => dropoutRandom === undefined || rate === 0,
        forward(input, steps, { dropoutRandom } = {}) {
          const x = features('dropout', input);
          const length = steps * lanes * size;
          dropping = dropoutRandom !== undefined && rate > 0;
          if (!dropping) {
            kernel.copy(output, x, length);
            return;
          }
          mask.draw(dropoutRandom!, length);
          mask.apply(output, x, length);
        },
        differentiate: ({ outputGradient }) => ({
          stateGradient: {},
          backward(_input, inputGradient, steps) {
            if (!inputGradient) return;
            const length = steps * lanes * size;
            if (dropping) mask.apply(outputGradient, outputGradient, length);
            kernel.accumulate(inputGradient, outputGradient, length);
          },
        }),
      };
    },
  };
}
