import { timeOf } from './timeOf.js';

/** Watches whether the times of rows go on evenly. */
export interface TimeOrder {
  /** Takes the time of the next row; a text that is not a time ends the watch. */
  add(text: string): void;
  /** What is wrong with the times so far; undefined where nothing is. */
  complaint(): string | undefined;
}

const MOST = 1_000_000; // steps that are compared
const EVEN = 1.5; // of the usual step, and its inverse: months differ less

/** Watches the times of a column called `name`: whether they go back, or with `even` whether their steps differ. */
export function timeOrder(name: string, { even }: { readonly even: boolean }): TimeOrder {
  const named = /time|date|stamp|^ts$|^ds$/i.test(name);
  const steps: number[] = [];
  let before: number | undefined;
  let back = 0;
  let isTime = true;
  return {
    add(text) {
      const time = timeOf(text, named);
      if (!isTime || Number.isNaN(time)) {
        isTime = false;
        return;
      }
      if (before !== undefined) {
        if (time < before) back += 1;
        else if (even && steps.length < MOST) steps.push(time - before);
      }
      before = time;
    },
    complaint() {
      if (!isTime) return undefined;
      if (back > 0) return `${name} goes back ${times(back)}: sort the rows by time, they are taken in the order of the file`; // prettier-ignore
      const usual = steps.toSorted((a, b) => a - b)[steps.length >> 1] ?? 0;
      const uneven = steps.filter((step) => step > EVEN * usual || step * EVEN < usual).length;
      if (uneven === 0) return undefined;
      return `rows are not evenly spaced in ${name}: ${uneven} of ${steps.length} steps differ from the usual one; rows are counted, not times`; // prettier-ignore
    },
  };
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
