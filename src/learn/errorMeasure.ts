import { countNumbers } from './countNumbers.js';
import type { LossMeasure } from './loss.js';

/** A loss that is a function of `output − target`, and its slope; `head`: which of the outputs of a target it is. */
interface ErrorLoss {
  loss(error: number, head: number): number;
  slope(error: number, head: number): number;
}

/**
 * The measure of a loss of errors: a step has `outputSize / heads` targets, and its outputs are the first of each of them,
 * then the second of each, and so on; one loss per output.
 */
export function errorMeasure(name: string, outputSize: number, heads: number, { loss, slope }: ErrorLoss): LossMeasure {
  const targetSize = outputSize / heads;
  return {
    width: outputSize,
    count: (window, rows) => countNumbers(name, window, rows, targetSize) * heads,
    sum(losses, { output, outputGradient }, { targets, mask }, rows) {
      let sum = 0;
      for (let r = 0, i = 0; r < rows; r++) {
        const counts = mask?.[r] !== 0;
        for (let n = 0; n < outputSize; n++, i++) {
          const error = counts ? output[i]! - targets[r * targetSize + (n % targetSize)]! : 0;
          const head = Math.floor(n / targetSize);
          outputGradient[i] = counts ? slope(error, head) : 0;
          sum += losses[i] = counts ? loss(error, head) : 0;
        }
      }
      return sum;
    },
  };
}
