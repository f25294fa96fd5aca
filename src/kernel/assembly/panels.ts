// Matrices laid out anew: packed panels of two vectors' columns, which products read, and matrices turned over.
import { bytes, LANES, loadPart, PANEL, ROW } from './memory';

/** panels[p][k][i] = w[p · PANEL + i][k] for `count` panels from `first` on; zeros beyond `outputs`. */
export function pack(panels: usize, w: usize, inputs: i32, outputs: i32, first: i32, count: i32): void {
  const stride = bytes(inputs);
  for (let p = first; p < first + count; p++) {
    const to = panels + (<usize>p) * (<usize>inputs) * ROW;
    const rows = min(PANEL, outputs - p * PANEL);
    if (rows < PANEL) memory.fill(to, 0, (<usize>inputs) * ROW);
    transpose(to, ROW, w + (<usize>(p * PANEL)) * stride, stride, rows, inputs);
  }
}

/** to[c][r] = from[r][c]; `ts` and `fs` bytes from row to row. Walks stretches of a cache line's columns. */
export function transpose(to: usize, ts: usize, from: usize, fs: usize, rows: i32, columns: i32): void {
  const whole = rows & ~(LANES - 1);
  for (let first = 0; first < columns; first += 4 * LANES) {
    const last = min(columns, first + 4 * LANES);
    for (let r = 0; r < whole; r += LANES) {
      let c = first;
      for (; c + LANES <= last; c += LANES) {
        transposeTile(to + (<usize>c) * ts + bytes(r), ts, from + (<usize>r) * fs + bytes(c), fs);
      }
      if (c < last) transposeRest(to, ts, from, fs, r, r + LANES, c, last);
    }
    transposeRest(to, ts, from, fs, whole, rows, first, last);
  }
}

// @ts-ignore: decorator
@inline
function transposeTile(to: usize, ts: usize, from: usize, fs: usize): void {
  if (sizeof<Real>() == 4) {
    const a = v128.load(from);
    const b = v128.load(from + fs);
    const c = v128.load(from + 2 * fs);
    const d = v128.load(from + 3 * fs);
    const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
    const ba = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
    const dc = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
    v128.store(to + ts, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
    v128.store(to + 2 * ts, v128.shuffle<f32>(ba, dc, 0, 1, 4, 5));
    v128.store(to + 3 * ts, v128.shuffle<f32>(ba, dc, 2, 3, 6, 7));
  } else {
    const a = v128.load(from);
    const b = v128.load(from + fs);
    v128.store(to, v128.shuffle<f64>(a, b, 0, 2));
    v128.store(to + ts, v128.shuffle<f64>(a, b, 1, 3));
  }
}

function transposeRest(to: usize, ts: usize, from: usize, fs: usize, top: i32, end: i32, first: i32, last: i32): void {
  for (let r = top; r < end; r++) {
    for (let c = first; c < last; c++) {
      store<Real>(to + (<usize>c) * ts + bytes(r), load<Real>(from + (<usize>r) * fs + bytes(c)));
    }
  }
}

/** panels[p][n][i] = x[n][p · PANEL + i], `stride` bytes from row to row of x, for `some` panels from `first` on. */
export function packRows(panels: usize, x: usize, rows: i32, width: i32, stride: usize, first: i32, some: i32): void {
  for (let p = first; p < first + some; p++) {
    let to = panels + (<usize>p) * (<usize>rows) * ROW;
    let from = x + (<usize>p) * ROW;
    const count = min(PANEL, width - p * PANEL);
    if (count == PANEL) {
      for (let r = 0; r < rows; r++, to += ROW, from += stride) {
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from, 16), 16);
      }
    } else {
      const second = count - LANES;
      for (let r = 0; r < rows; r++, to += ROW, from += stride) {
        v128.store(to, loadPart(from, min(count, LANES)));
        v128.store(to, second > 0 ? loadPart(from + 16, second) : i32x4.splat(0), 16);
      }
    }
  }
}
