import { powerOfTwo } from './powerOfTwo.js';

/** ln 2 to 42 bits, so that its product with an exponent is exact; and what it lacks. */
const LN2 = 0.6931471805598903;
const LN2_REST = 5.497923018708371e-14;

const TO_54 = 18014398509481984;
const SMALLEST_NORMAL = 2.2250738585072014e-308;

/** High word of the number at which the exponent changes: about the root of one half, on the edge of a place. */
const EDGE = 0x3fe6a000;

/** One number seen as its bits; `HIGH` is where its sign and exponent are on this machine. */
const view = new Float64Array(1);
const words = new Int32Array(view.buffer);
const HIGH = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 1 : 0;

/** For each of the 128 places of a number near 1: a short number c near its inverse, and -ln c as a pair. */
export const logTables: readonly [Float64Array, Float64Array, Float64Array] = places();
const [inverses, logs, rests] = logTables;

/**
 * Gives the natural logarithm in double precision, correctly rounded except for one argument in a thousand (near 1.0077, the
 * worst place, six); the error is under 0.52 units in the last place.
 *
 * -Infinity for 0 and -0, NaN for negative numbers and NaN. The same bits on every engine. x = 2^k z with z near 1;
 * ln x = k ln 2 - ln c + ln(1 + r), where c is short and near 1/z and r = z c - 1 is exact in two parts. Tang,
 * Table-driven implementation of the logarithm function in IEEE floating-point arithmetic, ACM TOMS 16 (1990).
 */
export function log(x: number): number {
  let number = x;
  let shift = 0;
  if (!(x >= SMALLEST_NORMAL && x < Infinity)) {
    if (!(x > 0)) return x === 0 ? -Infinity : NaN;
    if (x === Infinity) return x;
    number = x * TO_54;
    shift = 54;
  }
  view[0] = number;
  const over = words[HIGH]! - EDGE;
  const exponent = over >> 20;
  const z = number * powerOfTwo(-exponent);
  const place = (over >> 13) & 127;
  const inverse = inverses[place]!;

  const zHigh = Math.fround(z);
  const near = zHigh * inverse - 1;
  const far = (z - zHigh) * inverse;
  const r = near + far;
  const rRest = near - r + far;

  const k = exponent - shift;
  const tableHigh = logs[place]!;
  const base = k * LN2 + tableHigh;
  const baseRest = k * LN2 - base + tableHigh + (k * LN2_REST + rests[place]!);

  const square = r * r;
  const fourth = square * square;
  const curve =
    square *
    (-0.5 + r * (1 / 3) + square * (-1 / 4 + r * (1 / 5)) + fourth * (-1 / 6 + r * (1 / 7) + square * (-1 / 8)));
  // `base` is 0 or larger than r in size, so that the sum's rest is exact.
  if (base === 0) return r + curve;
  const sum = base + r;
  return sum + (base - sum + r + (curve + rRest * (1 - r) + baseRest));
}

/** The tables of `log`: c = n / 512 nearest to the inverse of the middle of each place, 1 for the two next to 1. */
function places(): [Float64Array, Float64Array, Float64Array] {
  const count = 128;
  const inverses = new Float64Array(count);
  const logs = new Float64Array(count);
  const rests = new Float64Array(count);
  for (let place = 0; place < count; place++) {
    const start = EDGE + place * 0x2000;
    view[0] = 0;
    words[HIGH] = start;
    const low = view[0];
    words[HIGH] = start + 0x2000;
    const high = view[0];
    const n = low === 1 || high === 1 ? 512 : Math.round(1024 / (low + high));
    inverses[place] = n / 512;
    let sum = 0;
    let rest = 0;
    // -ln(n / 512) as a sum of ln((m + 1) / m) = 2 artanh(1 / (2 m + 1)), term by term in pairs.
    for (let m = Math.min(n, 512); m < Math.max(n, 512); m++) {
      const d = 2 * m + 1;
      const term = 2 / d;
      const square = 1 / (d * d);
      const headHigh = Math.fround(term);
      const remainder = 2 - headHigh * d - (term - headHigh) * d;
      const termRest = remainder / d + term * square * (1 / 3 + square * (1 / 5 + square * (1 / 7)));
      const next = sum + term;
      const bridge = next - sum;
      rest += sum - (next - bridge) + (term - bridge) + termRest;
      sum = next;
    }
    const value = sum + rest;
    const sign = n < 512 ? 1 : -1;
    logs[place] = sign * value;
    rests[place] = sign * (sum - value + rest);
  }
  return [inverses, logs, rests];
}
