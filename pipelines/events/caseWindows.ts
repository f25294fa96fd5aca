import { bufferCount, map, type OperatorFunction, pipe } from 'rxjs';
import type { Window } from '../../src/index.js';
import type { CaseEvent } from './cases.js';

/** Numbers of a step: the event as a token, and four times. */
export const WIDTH = 5;
/** Cases side by side. */
export const LANES = 32;

/** Rows of a case: the event, and on scales of a few units the time since the one before, since the first, of the day, of the week. */
export function features(events: readonly CaseEvent[], token: (event: string) => number): number[][] {
  const day = 86_400;
  return events.map(({ event, time }, i) => [
    token(event),
    Math.log1p(Math.max(0, time - events[Math.max(0, i - 1)]!.time)) / 10,
    Math.log1p(Math.max(0, time - events[0]!.time)) / 10,
    (time % day) / day,
    ((time / day + 3) % 7) / 7, // 1970 began on a Thursday
  ]);
}

/** Windows of cases whose targets are the next event and the time until then; counted from the prefix of `from` events on. */
export function windowsOf({ from: first, end = true }: Counting): OperatorFunction<number[][], Window> {
  return pipe(
    bufferCount(LANES),
    map((group) => {
      const lanes = group.length;
      const steps = Math.max(...group.map(({ length }) => length));
      const inputs = new Float64Array(steps * lanes * WIDTH);
      const targets = new Float64Array(steps * lanes * 2);
      const [mask, targetMask] = [new Uint8Array(steps * lanes), new Uint8Array(steps * lanes)];
      for (const [lane, rows] of group.entries()) {
        for (const [t, row] of rows.entries()) {
          const at = t * lanes + lane;
          const next = rows[t + 1];
          inputs.set(row, at * WIDTH);
          targets.set(next ? [next[0]!, next[1]!] : [0, 0], at * 2);
          mask[at] = 1;
          targetMask[at] = Number(t + 1 >= first && (end || next !== undefined));
        }
      }
      return { steps, lanes, inputs, targets, mask, targetMask, resets: new Uint8Array(lanes).fill(1) };
    }),
  );
}

/** Which targets count: after prefixes of so many events, and the ends of cases or not. */
export interface Counting {
  readonly from: number;
  readonly end?: boolean;
}
