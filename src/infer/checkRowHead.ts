import { show } from '../check/show.js';
import type { RowHead } from './rowHead.js';

/** Accepts what says what the outputs of a model of numbers are. */
export function checkRowHead(who: string, option: string, value: unknown): asserts value is RowHead {
  if (value === 'value' || value === 'gaussian') return;
  const listed = Array.isArray(value) && value.length > 0;
  if (listed && value.every((q, i) => q > 0 && q < 1 && (i === 0 || q > value[i - 1]))) return;
  throw new RangeError(
    `${who}: ${option} must be value, gaussian or ascending quantiles between 0 and 1, got ${show(value)}`,
  );
}
