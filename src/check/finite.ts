import type { Check } from './check.js';
import { refuse } from './refuse.js';

/** Accepts finite numbers from `low`, included, to `high`, not included. */
export function finite(low: number = -Infinity, high: number = Infinity): Check {
  return (who, option, value) => {
    if (Number.isFinite(value) && (value as number) >= low && (value as number) < high) return;
    refuse(who, option, rangeOf(low, high), value, 'number');
  };
}

function rangeOf(low: number, high: number): string {
  if (high < Infinity) return low === -Infinity ? `a number below ${high}` : `in [${low}, ${high})`;
  return low === -Infinity ? 'a finite number' : `a number from ${low} up`;
}
