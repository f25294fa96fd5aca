import type { Kernel } from '../kernel/kernel.js';
import type { Random } from '../random/random.js';
import type { Numbers } from '../types.js';

/**
 * Inverted dropout: a factor per number, 0 with the probability `rate` and else `1 / (1 − rate)`, so that the mean of
 * what is multiplied stays as it was.
 */
export interface DropoutMask {
  /** Draws the first `length` factors. */
  draw(random: Random, length: number): void;
  /** `y = x · factors`, the first `length` numbers; `y` may be `x`. */
  apply(y: Numbers, x: Numbers, length: number): void;
}

/** Up to `size` factors, which take memory from the first draw on: where nothing is dropped there are none. */
export function dropoutMask(
  kernel: Kernel,
  allocate: (length: number) => Numbers,
  rate: number,
  size: number,
): DropoutMask {
  let factors: Numbers | undefined;
  return {
    draw(random, length) {
      factors ??= allocate(size);
      for (let i = 0; i < length; i++) factors[i] = random.uniform() < rate ? 0 : 1 / (1 - rate);
    },
    apply(y, x, length) {
      kernel.multiplyElementwise(y, x, factors!, length);
    },
  };
}
