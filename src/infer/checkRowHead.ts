import { show } from '../check/show.js';
import { areQuantiles } from '../learn/areQuantiles.js';
import type { RowHead } from './rowHead.js';

/** Accepts what says what the outputs of a model of numbers are. */
export function checkRowHead(who: string, option: string, value: unknown): asserts value is RowHead {
  if (value === 'value' || value === 'gaussian' || areQuantiles(value)) return;
  throw new RangeError(
    `${who}: ${option} must be value, gaussian or ascending quantiles between 0 and 1, got ${show(value)}`,
  );
}
