import { LARGEST } from './largest.js';

/** Rows whose mean and deviation a row is compared with, and how many there must be. */
const WINDOW = 1000;
const FEWEST = 20;
/** Deviations from which there is an alarm, and rows after it without another. */
const ALARM = 6;
const REST = 120;

/** What it is, for people. */
export const Z_SCORE: string = `a moving z-score (${ALARM} deviations from the mean of up to ${WINDOW} rows)`;

/**
 * The simple detector, to compare with: how many deviations a value is from the mean of the last rows. Its scores are in
 * [0, 1], from 0.5 up an alarm, which is given once per event, as by `detector`.
 */
export function movingZScore(): (value: number) => number {
  const last = new Float64Array(WINDOW);
  let seen = 0;
  let quiet = 0; // rows to come without an alarm
  return (measured) => {
    const value = Math.max(-LARGEST, Math.min(LARGEST, measured));
    const count = Math.min(seen, WINDOW);
    const distance = count < FEWEST ? 0 : deviations(value, last.subarray(0, count));
    last[seen++ % WINDOW] = value;
    const alarm = distance >= ALARM && quiet <= 0;
    quiet = alarm ? REST : quiet - 1;
    return alarm
      ? 1 - (0.5 * ALARM) / distance
      : (0.5 * Math.min(distance, ALARM)) / (Math.min(distance, ALARM) + ALARM);
  };
}

/** Infinity for any other value than that of rows which were all the same. */
function deviations(value: number, rows: Float64Array): number {
  let sum = 0;
  for (const row of rows) sum += row;
  const mean = sum / rows.length;
  let squares = 0;
  for (const row of rows) squares += (row - mean) ** 2;
  const distance = Math.abs(value - mean);
  const rounding = 1e-12 * Math.abs(mean); // the mean of equal rows may differ from them
  return distance <= rounding ? 0 : distance / Math.sqrt(squares / rows.length);
}
