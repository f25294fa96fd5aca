// Matrices in another layout: packed panels of two vectors' columns, which products read, and transposed matrices.
import { bytes, LANES, loadPart, PANEL, ROW } from './memory';

/** panels[p][k][i] = w[p · PANEL + i][k] for `count` panels from `first` on; zeros beyond `outputs`. */
export function pack(panels: usize, w: usize, inputs: i32, outputs: i32, first: i32, count: i32): void {
  const stride = bytes(inputs);
  for (let p = first; p < first + count; p++) {
    const to = panels + (<usize>p) * (<usize>inputs) * ROW;
    const from = w + (<usize>(p * PANEL)) * stride;
    const rows = outputs - p * PANEL;
    if (rows >= PANEL) transpose(to, ROW, from, stride, PANEL, inputs);
    else packPart(to, from, stride, rows, inputs);
  }
}

/** The panel of the last rows, fewer than a panel has columns. */
function packPart(to: usize, from: usize, stride: usize, rows: i32, inputs: i32): void {
  if (inputs < LANES) {
    memory.fill(to, 0, (<usize>inputs) * ROW);
    transposeNumbers(to, ROW, from, stride, rows, inputs);
    return;
  }
  for (let c = 0; c < inputs; c += LANES) {
    const left = min(c, inputs - LANES);
    const top = to + (<usize>left) * ROW;
    const at = from + bytes(left);
    transposePart(top, at, stride, rows);
    transposePart(top + 16, at + (<usize>LANES) * stride, stride, rows - LANES);
  }
}

/**
 * to[c][r] = from[r][c]; `ts` and `fs` bytes from row to row. Walks stretches of a cache line's columns, tile by tile;
 * the last tile of a side that is not a multiple of a tile's overlaps the one before.
 */
export function transpose(to: usize, ts: usize, from: usize, fs: usize, rows: i32, columns: i32): void {
  if (rows < LANES || columns < LANES) {
    transposeNumbers(to, ts, from, fs, rows, columns);
    return;
  }
  for (let first = 0; first < columns; first += 4 * LANES) {
    const last = min(columns, first + 4 * LANES);
    for (let r = 0; r < rows; r += LANES) {
      const top = min(r, rows - LANES);
      const below = to + bytes(top);
      const row = from + (<usize>top) * fs;
      let c = first;
      for (; c + LANES <= last; c += LANES) transposeTile(below + (<usize>c) * ts, ts, row + bytes(c), fs);
      if (c == last) continue;
      c = columns - LANES;
      transposeTile(below + (<usize>c) * ts, ts, row + bytes(c), fs);
    }
  }
}

// @ts-ignore: decorator
@inline
function transposeTile(to: usize, ts: usize, from: usize, fs: usize): void {
  if (sizeof<Real>() == 4) {
    turned4(to, ts, v128.load(from), v128.load(from + fs), v128.load(from + 2 * fs), v128.load(from + 3 * fs));
  } else turned2(to, ts, v128.load(from), v128.load(from + fs));
}

/** A tile of a panel of which only the first `rows` rows exist, none below 1: the others count as zeros. */
// @ts-ignore: decorator
@inline
function transposePart(to: usize, from: usize, fs: usize, rows: i32): void {
  const none = i32x4.splat(0);
  const a = rows > 0 ? v128.load(from) : none;
  const b = rows > 1 ? v128.load(from + fs) : none;
  if (sizeof<Real>() == 4) {
    const c = rows > 2 ? v128.load(from + 2 * fs) : none;
    turned4(to, ROW, a, b, c, rows > 3 ? v128.load(from + 3 * fs) : none);
  } else turned2(to, ROW, a, b);
}

// @ts-ignore: decorator
@inline
function turned4(to: usize, ts: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const ba = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const dc = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
  v128.store(to + ts, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
  v128.store(to + 2 * ts, v128.shuffle<f32>(ba, dc, 0, 1, 4, 5));
  v128.store(to + 3 * ts, v128.shuffle<f32>(ba, dc, 2, 3, 6, 7));
}

// @ts-ignore: decorator
@inline
function turned2(to: usize, ts: usize, a: v128, b: v128): void {
  v128.store(to, v128.shuffle<f64>(a, b, 0, 2));
  v128.store(to + ts, v128.shuffle<f64>(a, b, 1, 3));
}

/** As `transpose`, for fewer rows or columns than a tile has. */
function transposeNumbers(to: usize, ts: usize, from: usize, fs: usize, rows: i32, columns: i32): void {
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
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
        const a = v128.load(from);
        const b = v128.load(from, 16);
        v128.store(to, b, 16);
        v128.store(to, a);
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
