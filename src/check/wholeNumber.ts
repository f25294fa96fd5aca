import type { Check } from './check.js';
import { refuse } from './refuse.js';

/** Accepts the integers from `low` to `high`, both included; with `low` −Infinity, every safe integer. */
export function wholeNumber(low = 0, high: number = Number.MAX_SAFE_INTEGER): Check {
  const range =
    low === -Infinity ? '' : high === Number.MAX_SAFE_INTEGER ? ` from ${low} up` : ` from ${low} to ${high}`;
  return (who, option, value) => {
    if (Number.isSafeInteger(value) && (value as number) >= low && (value as number) <= high) return;
    refuse(who, option, `an integer${range}`, value, 'number');
  };
}
