import type { Check } from './check.js';

/** Accepts `Infinity` besides what `check` accepts: for limits that may be absent. */
export function orInfinity(check: Check): Check {
  return (who, option, value) => {
    if (value !== Infinity) check(who, option, value);
  };
}
