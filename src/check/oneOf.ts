import type { Check } from './check.js';
import { show } from './show.js';

/** Accepts the values listed; the message lists them. */
export function oneOf(...choices: readonly (string | number | boolean)[]): Check {
  const listed = choices.length === 2 ? choices.join(' or ') : `one of ${choices.join(', ')}`;
  return (who, option, value) => {
    if (choices.includes(value as never)) return;
    throw new RangeError(`${who}: ${option} must be ${listed}, got ${show(value)}`);
  };
}
