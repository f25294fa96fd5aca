import { roundingOf } from '../kernel/math/roundingOf.js';
import type { Dtype, Numbers } from '../types.js';
import { log } from './log.js';
import { sineCosine } from './sineCosine.js';

const BLOCK = 16;
const HALF = 8;
const TURN: number = 2 * Math.PI;

/** How an array is filled with normal deviates. */
export interface TorchNormalsOptions {
  readonly dtype: Dtype;
  /** The next number in [0, 1) of the dtype. */
  readonly unit: () => number;
  readonly mean: number;
  readonly deviation: number;
}

/**
 * Fills an array of 16 numbers or more with normal deviates, as torch fills a tensor.
 *
 * Uniform numbers fill the array; then in each block of 16 the first eight are radii and the second eight angles of Box
 * and Muller's method (Annals of Mathematical Statistics 29, 1958). Where a remainder is left, the last 16 numbers are
 * drawn again. For float32 each step is rounded to float32, in the order of torch's vectorised code, whose logarithm,
 * sine and cosine differ slightly: the float32 results agree to about 1e-7, those of float64 to the last bit or two.
 */
export function torchNormals(data: Numbers, { dtype, unit, mean, deviation }: TorchNormalsOptions): void {
  const single = dtype === 'float32';
  const round = roundingOf(dtype);
  const turn = round(TURN);
  const shift = round(mean);
  const scale = round(deviation);
  const numbers = single || data instanceof Float64Array ? data : new Float64Array(data.length);

  draw(0);
  const whole = numbers.length - (numbers.length % BLOCK);
  for (let start = 0; start < whole; start += BLOCK) transform(start);
  if (whole < numbers.length) {
    draw(numbers.length - BLOCK);
    transform(numbers.length - BLOCK);
  }
  if (numbers !== data) data.set(numbers);

  function draw(start: number): void {
    for (let i = start; i < numbers.length; i++) numbers[i] = unit();
  }

  function transform(start: number): void {
    for (let i = start; i < start + HALF; i++) {
      const radius = round(Math.sqrt(-2 * round(log(1 - numbers[i]!))));
      const [sine, cosine] = sineCosine(round(turn * numbers[i + HALF]!));
      numbers[i] = round(round(radius * round(cosine)) * scale + shift);
      numbers[i + HALF] = round(round(radius * round(sine)) * scale + shift);
    }
  }
}
