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
  const [before, after] = [a.count / count, b.count / count]; // weights of a mean that is finite where they are
  return {
    count,
    step: b.step,
    tokens: b.tokens,
    seconds: b.seconds,
    loss: before * a.loss + after * b.loss,
    gradientNorm: before * a.gradientNorm + after * b.gradientNorm,
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
