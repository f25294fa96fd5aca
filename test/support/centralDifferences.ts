import type { Numbers } from '../../src/types.js';

/** The distance of a gradient from central differences. */
export interface Apart {
  /** Length of the difference of the two vectors, over that of the longer; 0 where both are zeros. */
  readonly relative: number;
  /** Whether both are zeros, which proves nothing. */
  readonly zeros: boolean;
}

/** Compares a gradient with central differences of `objective`, which reads `numbers`; they are restored afterwards. */
export function centralDifferences(numbers: Numbers, gradient: ArrayLike<number>, objective: () => number): Apart {
  let difference = 0;
  let size = 0;
  for (let i = 0; i < numbers.length; i++) {
    const kept = numbers[i]!;
    const h = 1e-5 * Math.max(1, Math.abs(kept));
    numbers[i] = kept + h;
    const above = objective();
    numbers[i] = kept - h;
    const below = objective();
    numbers[i] = kept;
    const numeric = (above - below) / (2 * h);
    difference += (numeric - gradient[i]!) ** 2;
    size += Math.max(numeric ** 2, gradient[i]! ** 2);
  }
  return { relative: Math.sqrt(difference / (size || 1)), zeros: size === 0 };
}
