import type { Points } from './messages.js';
import { mergePoints, noPoints, type Point, pointAt, setAt } from './points.js';

/** The curves of a whole run in bounded memory. */
export interface CurveHistory {
  readonly points: Points;
  add(point: Point): void;
  clear(): void;
}

/**
 * Keeps the curves of a run of any length in at most `capacity` points: where they are full, each two neighbours become
 * their mean, and from then on a point holds twice as many steps. No step is left out of a mean.
 */
export function curveHistory(capacity = 4096): CurveHistory {
  const points = noPoints();
  let stride = 1; // steps per point

  function halve(): void {
    const { length } = points.count;
    const all = Array.from({ length }, (_, i) => pointAt(points, i));
    stride *= 2;
    for (const column of Object.values(points)) column.length = 0;
    for (const point of all) put(point);
  }
  function put(point: Point): void {
    const last = points.count.length - 1;
    if (last >= 0 && points.count[last]! + point.count <= stride)
      setAt(points, last, mergePoints(pointAt(points, last), point));
    else setAt(points, last + 1, point);
  }
  return {
    points,
    add(point) {
      put(point);
      while (points.count.length > capacity) halve();
    },
    clear() {
      for (const column of Object.values(points)) column.length = 0;
      stride = 1;
    },
  };
}
