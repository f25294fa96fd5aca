import type { Check } from './check.js';

/** Accepts `undefined` besides what `check` accepts. */
export function optional(check: Check): Check {
  return (who, option, value) => {
    if (value !== undefined) check(who, option, value);
  };
}
