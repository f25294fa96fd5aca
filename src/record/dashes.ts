/** Dashes that are still easier to take in than a number. */
const LONGEST = 8;

/** So many frames in which nothing happens, in RxJS run-mode marbles: dashes, or ` 31ms ` where they would be long. */
export function dashes(frames: number): string {
  return Number.isInteger(frames) && frames <= LONGEST ? '-'.repeat(frames) : ` ${frames}ms `;
}
