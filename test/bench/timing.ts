import type { Each } from './job.js';

/** The result of a run. */
interface Timing {
  /** Units per second: the median of some fifteen chunks. */
  readonly rate: number;
  /** The very first loss, and the mean over the last chunk; null where there is none. */
  readonly lossFirst: number | null;
  readonly lossLast: number | null;
}

export interface Stopwatch {
  readonly each: Each;
  result(): Timing;
}

/**
 * Warms up for three tenths of `seconds`, then times chunks of a fifteenth of it; the clock is read once per
 * chunk. Where a single call takes longer than all of that, there are fewer chunks.
 */
export function stopwatch(units: number, seconds: number): Stopwatch {
  const limit = seconds * 1000;
  const rates: number[] = [];
  let started = performance.now();
  let chunk = 0; // calls per chunk; 0 while warming up
  let chunkStarted = 0;
  let calls = 0;
  let sum = 0;
  let lossFirst: number | null = null;
  let lossLast: number | null = null;

  function warm(): boolean {
    const now = performance.now();
    const elapsed = now - started;
    if ((calls < 3 || elapsed < 0.3 * limit) && elapsed < 2 * limit) return true;
    chunk = Math.max(1, Math.floor(((calls / elapsed) * limit) / 15));
    started = chunkStarted = now;
    calls = sum = 0;
    return true;
  }

  function lap(): boolean {
    const now = performance.now();
    rates.push((1000 * chunk * units) / (now - chunkStarted));
    if (lossFirst !== null) lossLast = sum / chunk;
    chunkStarted = now;
    calls = sum = 0;
    const elapsed = now - started;
    return elapsed < limit || (rates.length < 5 && elapsed < 4 * limit);
  }

  return {
    each(loss) {
      calls++;
      if (loss !== undefined) {
        lossFirst ??= loss;
        sum += loss;
      }
      if (chunk === 0) return warm();
      return calls < chunk || lap();
    },
    result() {
      if (rates.length === 0) throw new Error('the run ended before anything was measured');
      return { rate: median(rates), lossFirst, lossLast };
    },
  };
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** `count` decimals, or null. */
export function roundTo(x: number | null, count: number): number | null {
  return x === null ? null : Number(x.toFixed(count));
}
