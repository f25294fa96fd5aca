import type { Numbers } from '../types.js';

/**
 * Memory whose length is known only in each pass: `room(length)` has at least so many numbers, and is another array only
 * where the one before was too small. What it held is not kept then.
 */
export function roomFor(allocate: (length: number) => Numbers): (length: number) => Numbers {
  let kept: Numbers | undefined;
  return (length) => {
    if (!kept || kept.length < length) kept = allocate(Math.max(length, 2 * (kept?.length ?? 0)));
    return kept;
  };
}
