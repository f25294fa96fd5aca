import type { Points } from './messages.js';
import { mergePoints, noPoints, type Point, pointAt, setAt } from './points.js';

/** The curves of a whole run in bounded memory. */
export interface CurveHistory {
  /** All points; the arrays are those of the history, to be read before the next step. */
  readonly points: Points;
  add(point: Point): void;
  clear(): void;
}

/**
 * Keeps the curves of a run of any length in at most `capacity` points: where they are full, each two neighbours become
 * their mean, and from then on a point holds twice as many steps. No step is left out of a mean.
 */
export function curveHistory(capacity = 4096): CurveHistory {
  const columns = noPoints(); // those that are closed and, after a look, the open one
  let closed = 0;
  let open: Point | undefined; // takes steps until it holds `stride` of them; arrays are not written for every step
  let stride = 1; // steps per point

  function look(): Points {
    if (open !== undefined) setAt(columns, closed, open);
    return columns;
  }
  function put(point: Point): void {
    if (open === undefined) open = point;
    else if (open.count + point.count <= stride) open = mergePoints(open, point);
    else {
      setAt(columns, closed++, open);
      open = point;
    }
  }
  function full(): boolean {
    return closed >= capacity;
  }
  function halve(): void {
    const { length } = look().count;
    const all = Array.from({ length }, (_, i) => pointAt(columns, i));
    stride *= 2;
    empty();
    for (const point of all) put(point);
  }
  function empty(): void {
    for (const column of Object.values(columns)) column.length = 0;
    closed = 0;
    open = undefined;
  }
  return {
    get points() {
      return look();
    },
    add(point) {
      put(point);
      while (full()) halve(); // once, or where points came that hold many steps, more often
    },
    clear() {
      empty();
      stride = 1;
    },
  };
}
