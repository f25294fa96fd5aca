import type { Repeat } from './kernel.js';

/** A `Repeat` that runs every pass, since NaN is never the same key; it refuses where `repeat` does. See callCapture.ts. */
export function neverReplayed(repeat: Repeat): Repeat {
  return (_key, run) => repeat(NaN, run);
}
