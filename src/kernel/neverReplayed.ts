import type { Repeat } from './kernel.js';

/** A `Repeat` that makes every pass itself, and refuses where the one given does: no key is the equal of NaN. */
export function neverReplayed(repeat: Repeat): Repeat {
  return (_key, run) => repeat(NaN, run);
}
