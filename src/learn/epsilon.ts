import { finite } from '../check/finite.js';
import { show } from '../check/show.js';

const fromZero = finite(0);

/** A number that single precision does not round to 0, near the smallest. */
const LEAST = 1e-38;

/** Accepts what an optimizer may add to the root that it divides by: with 0, a weight without gradients would get 0 / 0. */
export function epsilon(who: string, option: string, value: unknown): void {
  fromZero(who, option, value);
  if ((value as number) >= LEAST) return;
  throw new RangeError(
    `${who}: ${option} must be at least ${LEAST}, got ${show(value)}: ` +
      'the update of a weight that never has a gradient would be 0 / 0',
  );
}
