import { productError } from '../kernel/math/productError.js';

/** ln 2 to 42 bits, so that its product with an exponent is exact; and the rest. */
const LN2 = 0.6931471805598903;
const LN2_REST = 5.497923018708371e-14;

/** 1/9, 1/7, 1/5, 1/3, 1: the first terms of artanh, last first, as pairs. */
const TERMS = [9, 7, 5, 3, 1].map((n) => 1 / n);
const TERM_RESTS = TERMS.map((term, i) => oneMinus(term, 9 - 2 * i) / (9 - 2 * i));

/** The high word of a number just above the square root of one half, where the exponent changes. */
const EDGE = 0x3fe6a09f;

const view = new Float64Array(1);
const words = new Int32Array(view.buffer);
const HIGH = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 1 : 0;

/**
 * Computes the natural logarithm of a positive finite normal number, correctly rounded (computed to a relative error of
 * about 2^-78, so that about one result in ten million could be the neighbouring number).
 *
 * NumPy's normal deviates use C's logarithm; to agree with them draw for draw, this one must be correctly rounded. The
 * kernel's logarithm, for losses, is faster and less exact (this one takes about 40 ns). ln x = k ln 2 + 2 artanh(s), s
 * = (z - 1) / (z + 1), the series in pairs of doubles (Dekker, Numerische Mathematik 18, 1971) where the terms are
 * large and in doubles where they are small.
 */
export function log(x: number): number {
  view[0] = x;
  const k = (words[HIGH]! - EDGE) >> 20;
  words[HIGH] = words[HIGH]! - (k << 20);
  const z = view[0];

  const above = z - 1;
  const below = z + 1;
  const belowRest = z - (below - 1);
  const s = above / below;
  const product = s * below;
  const sRest = (above - product - productError(s, below, product) - s * belowRest) / below;

  const w = s * s;
  const wRest = productError(s, s, w) + 2 * s * sRest;
  let sum =
    1 / 11 +
    w *
      (1 / 13 + w * (1 / 15 + w * (1 / 17 + w * (1 / 19 + w * (1 / 21 + w * (1 / 23 + w * (1 / 25 + w * (1 / 27))))))));
  let rest = 0;
  for (let i = 0; i < 5; i++) {
    const term = TERMS[i]!;
    const part = w * sum;
    const partRest = productError(w, sum, part) + (w * rest + wRest * sum);
    sum = term + part;
    rest = term - sum + part + (TERM_RESTS[i]! + partRest);
  }

  const small = 2 * s * sum;
  const smallRest = productError(2 * s, sum, small) + 2 * (s * rest + sRest * sum);
  const large = k * LN2;
  const whole = large + small;
  return whole + (large - whole + small + (smallRest + k * LN2_REST));
}

/** `1 - term * n`, exactly, for a term near 1/n. */
function oneMinus(term: number, n: number): number {
  return 1 - term * n - productError(term, n, term * n);
}
