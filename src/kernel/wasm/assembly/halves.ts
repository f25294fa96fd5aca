// Products of one row with weights in bfloat16, which take half the memory of float32: where weights do not fit a cache,
// reading them is what a step costs. For the module of float32 only.
import { LANES } from './memory';
import { half1, half2, half3, half4, half5, half6, half7 } from './halfTiles';

/** Bytes of a panel's row of eight numbers. */
const HALF_ROW: usize = 16;

/**
 * Packs float32 weights that bfloat16 holds exactly: panels[p][k] is w[8 p + i][k] for i below 8, in the order that
 * halfTiles.mjs explains; zeros beyond `outputs`.
 */
export function packHalves(panels: usize, w: usize, inputs: i32, outputs: i32): void {
  for (let p = 0; p * 8 < outputs; p++) {
    for (let k = 0; k < inputs; k++, panels += HALF_ROW) {
      for (let i = 0; i < 8; i++) {
        const n = p * 8 + i;
        const bits = n < outputs ? load<u32>(w + ((<usize>(n * inputs + k)) << 2)) : 0;
        store<u16>(panels + ((<usize>(i < 4 ? 2 * i : 2 * (i - 4) + 1)) << 1), <u16>(bits >> 16));
      }
    }
  }
}

/** y[n] += Σ_k x[k] · w[n][k] for one row, from the panels of packHalves. */
export function multiplyHalves(y: usize, x: usize, panels: usize, inputs: i32, outputs: i32): void {
  if (sizeof<Real>() == 8) return;
  const bs = (<usize>inputs) * HALF_ROW;
  for (let left = outputs; left > 0; ) {
    const vectors = (left + LANES - 1) / LANES;
    const some = vectors > 9 ? 6 : vectors > 7 ? 4 : vectors;
    const count = min(left - (some - 1) * LANES, LANES);
    if (some == 6) half6(inputs, x, panels, bs, y, count);
    else if (some == 4) half4(inputs, x, panels, bs, y, count);
    else if (some == 7) half7(inputs, x, panels, bs, y, count);
    else if (some == 5) half5(inputs, x, panels, bs, y, count);
    else if (some == 3) half3(inputs, x, panels, bs, y, count);
    else if (some == 2) half2(inputs, x, panels, bs, y, count);
    else half1(inputs, x, panels, bs, y, count);
    left -= some * LANES;
    panels += (<usize>(some >> 1)) * bs;
    y += 16 * some;
  }
}
