import type { Points } from './messages.js';

/** One point of the curves; see `Points`. */
export type Point = { readonly [K in keyof Points]: Points[K][number] };

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

/** The mean of two neighbours, by the steps that each holds; counts of the run are those of the later one. */
export function mergePoints(a: Point, b: Point): Point {
  const count = a.count + b.count;
  const mean = (x: number, y: number): number => x * (a.count / count) + y * (b.count / count); // finite, as they are
  return {
    count,
    step: b.step,
    tokens: b.tokens,
    seconds: b.seconds,
    loss: mean(a.loss, b.loss),
    gradientNorm: mean(a.gradientNorm, b.gradientNorm),
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
