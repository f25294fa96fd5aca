import type { Numbers } from '../../types.js';
import { leastAverage } from '../leastAverage.js';

/** The slope of `√v` is held to that where 4 v is this. */
const LEAST = 1e-6;

/**
 * With s, 0 before the first step and 1 after it: v = (1 − s)(1 + s) + s² (1 − a²); h = s a h[t−1] + √v · gate · input, or 0
 * where that is as near to zero as `leastAverage` says: without input a state decays, and would stay subnormal.
 */
export function rgLruCell(
  h: Numbers,
  started: Numbers,
  rest: Numbers,
  decay: Numbers,
  gate: Numbers,
  input: Numbers,
  hBefore: Numbers,
  startedBefore: Numbers,
  length: number,
): void {
  const { least } = leastAverage(h);
  for (let i = 0; i < length; i++) {
    const s = startedBefore[i]!;
    const v = (1 - s) * (1 + s) + s * s * rest[i]!;
    rest[i] = v;
    const next = s * decay[i]! * hBefore[i]! + Math.sqrt(v) * gate[i]! * input[i]!;
    h[i] = Math.abs(next) < least ? 0 : next;
    started[i] = 1;
  }
}

/**
 * With keep = s a and v = 1 − keep²: dv = dh · gate · input / √(4 v), dKeep = dh h[t−1] − 2 dv keep, d log a = dKeep keep,
 * ds = dKeep a; dInput = dh √v · gate, dGate = dh √v · input · gate (1 − gate); dh[t−1] += dh · keep.
 */
export function rgLruCellBack(
  dInput: Numbers,
  dGate: Numbers,
  dDecay: Numbers,
  dBefore: Numbers,
  dStarted: Numbers,
  dh: Numbers,
  rest: Numbers,
  decay: Numbers,
  gate: Numbers,
  input: Numbers,
  hBefore: Numbers,
  startedBefore: Numbers,
  length: number,
): void {
  for (let i = 0; i < length; i++) {
    const [d, v, a, g, u, s] = [dh[i]!, rest[i]!, decay[i]!, gate[i]!, input[i]!, startedBefore[i]!];
    const keep = s * a;
    const slope = 2 * ((d * g * u) / Math.sqrt(Math.max(4 * v, LEAST)));
    const dKeep = d * hBefore[i]! - slope * keep;
    const dScaled = d * Math.sqrt(v);
    dBefore[i]! += d * keep;
    dStarted[i] = dKeep * a;
    dInput[i] = dScaled * g;
    dGate[i] = dScaled * u * g * (1 - g);
    dDecay[i] = dKeep * keep;
  }
}
