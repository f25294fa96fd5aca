import type { Points } from './messages.js';

/** One point of the curves; see `Points`. */
export type Point = { readonly [K in keyof Points]: Points[K][number] };

/** The curves of a whole run in bounded memory. */
export interface CurveHistory {
  readonly points: Points;
  add(point: Point): void;
  clear(): void;
}

/** Makes arrays for points, empty. */
export function noPoints(): Points {
  return {
    count: [],
    step: [],
    tokens: [],
    seconds: [],
    loss: [],
    gradientNorm: [],
    learningRate: [],
    heldOut: [],
  };
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

/** The mean of two neighbours, by the steps that each holds; counts of the run are those of the later one. */
export function mergePoints(a: Point, b: Point): Point {
  const count = a.count + b.count;
  return {
    count,
    step: b.step,
    tokens: b.tokens,
    seconds: b.seconds,
    loss: (a.loss * a.count + b.loss * b.count) / count,
    gradientNorm: (a.gradientNorm * a.count + b.gradientNorm * b.count) / count,
    learningRate: b.learningRate,
    heldOut: b.heldOut ?? a.heldOut,
  };
}

/** The point at an index. */
export function pointAt(points: Points, i: number): Point {
  return {
    count: points.count[i]!,
    step: points.step[i]!,
    tokens: points.tokens[i]!,
    seconds: points.seconds[i]!,
    loss: points.loss[i]!,
    gradientNorm: points.gradientNorm[i]!,
    learningRate: points.learningRate[i]!,
    heldOut: points.heldOut[i]!,
  };
}

/** Writes a point at an index, which may be the next one. */
export function setAt(points: Points, i: number, point: Point): void {
  points.count[i] = point.count;
  points.step[i] = point.step;
  points.tokens[i] = point.tokens;
  points.seconds[i] = point.seconds;
  points.loss[i] = point.loss;
  points.gradientNorm[i] = point.gradientNorm;
  points.learningRate[i] = point.learningRate;
  points.heldOut[i] = point.heldOut;
}
