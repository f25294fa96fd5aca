/** How many frames are processed together, which follows how long they take. */
export interface Pace {
  frames(): number;
  took(milliseconds: number): void;
}

/** The share of a lease's lifetime from which a batch takes too long, since nothing is renewed while it is computed. */
const TOO_LONG = 1 / 6;

/** Halves batches that take too long for a lease of `ttl` milliseconds, and doubles them again where there is time. */
export function pace(most: number, ttl: number): Pace {
  let frames = most;
  return {
    frames: () => frames,
    took(milliseconds) {
      if (milliseconds > TOO_LONG * ttl) frames = Math.max(1, frames >> 1);
      else if (milliseconds < (TOO_LONG * ttl) / 4) frames = Math.min(most, 2 * frames);
    },
  };
}
