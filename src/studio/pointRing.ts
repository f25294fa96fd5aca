import type { Points } from './messages.js';
import { mergePoints, noPoints, type Point, pointAt, setAt } from './points.js';

/** The latest steps, each as a point, for pages that are nearly up to date. */
export interface PointRing {
  /** Points added so far. */
  readonly added: number;
  add(point: Point): void;
  /** The points after the first `from`, in at most `most` means; undefined where some have been overwritten. */
  since(from: number, most: number): Points | undefined;
}

/** Makes a ring of `capacity` points. */
export function pointRing(capacity = 16_384): PointRing {
  const ring = noPoints();
  let added = 0;
  return {
    get added() {
      return added;
    },
    add(point) {
      setAt(ring, added % capacity, point);
      added += 1;
    },
    since(from, most) {
      if (added - from > capacity || from > added) return undefined;
      const points = noPoints();
      const stride = Math.max(1, Math.ceil((added - from) / most));
      for (let i = from; i < added; i += stride) {
        let point = pointAt(ring, i % capacity);
        for (let j = i + 1; j < Math.min(i + stride, added); j++)
          point = mergePoints(point, pointAt(ring, j % capacity));
        setAt(points, points.count.length, point);
      }
      return points;
    },
  };
}
