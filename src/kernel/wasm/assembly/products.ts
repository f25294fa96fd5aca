// Products of matrices. Weights come row-major, [outputs][inputs], as torch has them; products read them as packed
// panels of two vectors' columns, which are rewritten when weights have changed.
import { add, bytes, LANES, loadPart, PANEL, ROW, scratch, storePart } from './memory';
import { addRows } from './elementwise';
import { packRows, transpose } from './panels';
import { flat1, flat4, flat6, flat7, row1, row2, row3, row4, row5, row6, row7, rows2, rows3, rows4 } from './tiles';
import { wideFlat12, wideFlat4, wideFlat8, wideRow12, wideRow4, wideRow8 } from './tiles';
import { wideRows2, wideRows3, wideRows4, wideRows5 } from './tiles';

/** Whether pairs of vectors are vectors of 256 bits in this instance of the module: tiles are then larger. */
// @ts-ignore: decorator
@external('env', 'wide')
declare const wide: i32;

/** Rows of a product, and of a window in `outer`, that are worked on at a time: what the inner loop walks stays near. */
const BLOCK: i32 = 64;
const CHUNK: i32 = 256;

/** Bytes of `scratch` that `outer` and products with a narrow last panel need. */
export function scratchBytes(inputs: i32, outputs: i32): usize {
  return 256 + bytes(CHUNK * (inputs + PANEL + BLOCK)) + bytes(inputs * outputs);
}

/**
 * y[r][n] += Σ_k x[r][k] · w[n][k] from the panels of w, for the `outputs` columns of y from its address on, of `yWidth`.
 * Walks all panels for a block of rows before the next rows.
 */
export function multiply(
  y: usize,
  x: usize,
  panels: usize,
  rows: i32,
  inputs: i32,
  outputs: i32,
  yWidth: i32,
): void {
  if (rows == 1) {
    multiply1(y, x, panels, inputs, outputs);
    return;
  }
  const xs = bytes(inputs);
  const ys = bytes(yWidth);
  const panelBytes = (<usize>inputs) * ROW;
  for (; rows > 0; rows -= BLOCK, x += BLOCK * xs, y += BLOCK * ys) {
    const some = min(BLOCK, rows);
    let left = outputs;
    let to = y;
    let panel = panels;
    if (wide) {
      for (; left >= 2 * PANEL; left -= 2 * PANEL, panel += 2 * panelBytes, to += 2 * ROW) {
        byTwoPanels(to, x, panel, panelBytes, some, inputs, xs, ys);
      }
    }
    for (; left >= PANEL; left -= PANEL, panel += panelBytes, to += ROW) byPanel(to, x, panel, some, inputs, xs, ys);
    if (left > 0) narrow(to, x, panel, some, inputs, left, xs, ys);
  }
}

/** As many vectors at a time as registers hold, in whole panels, and so that the last group is not a small one. */
function multiply1(y: usize, x: usize, panels: usize, inputs: i32, outputs: i32): void {
  const bs = (<usize>inputs) * ROW;
  let left = outputs;
  if (wide) {
    for (; left >= 4 * LANES; ) {
      const some = left >= 12 * LANES ? 12 : left >= 8 * LANES ? 8 : 4;
      if (some == 12) wideRow12(inputs, x, panels, bs, y);
      else if (some == 8) wideRow8(inputs, x, panels, bs, y);
      else wideRow4(inputs, x, panels, bs, y);
      left -= some * LANES;
      panels += (<usize>(some >> 1)) * bs;
      y += 16 * some;
    }
  }
  while (left > 0) {
    const vectors = (left + LANES - 1) / LANES;
    const some = vectors > 9 ? 6 : vectors > 7 ? 4 : vectors;
    const count = min(left - (some - 1) * LANES, LANES);
    if (some == 6) row6(inputs, x, panels, bs, y, count);
    else if (some == 4) row4(inputs, x, panels, bs, y, count);
    else if (some == 7) row7(inputs, x, panels, bs, y, count);
    else if (some == 5) row5(inputs, x, panels, bs, y, count);
    else if (some == 3) row3(inputs, x, panels, bs, y, count);
    else if (some == 2) row2(inputs, x, panels, bs, y, count);
    else row1(inputs, x, panels, bs, y, count);
    left -= some * LANES;
    panels += (<usize>(some >> 1)) * bs;
    y += 16 * some;
  }
}

/** Two panels side by side, the rows in tiles of much the same height, at most 5. */
function byTwoPanels(y: usize, x: usize, panel: usize, bs: usize, rows: i32, inputs: i32, xs: usize, ys: usize): void {
  let tiles = (rows + 4) / 5;
  for (let left = rows; left > 0; tiles--) {
    const some = (left + tiles - 1) / tiles;
    if (some == 5) wideRows5(inputs, x, xs, panel, bs, y, ys);
    else if (some == 4) wideRows4(inputs, x, xs, panel, bs, y, ys);
    else if (some == 3) wideRows3(inputs, x, xs, panel, bs, y, ys);
    else if (some == 2) wideRows2(inputs, x, xs, panel, bs, y, ys);
    else wideRow4(inputs, x, panel, bs, y);
    left -= some;
    x += (<usize>some) * xs;
    y += (<usize>some) * ys;
  }
}

function byPanel(y: usize, x: usize, panel: usize, rows: i32, inputs: i32, xs: usize, ys: usize): void {
  let left = rows;
  for (; left >= 4 && left != 5; left -= 4, x += 4 * xs, y += 4 * ys) rows4(inputs, x, xs, panel, y, ys);
  if (left >= 3) {
    rows3(inputs, x, xs, panel, y, ys);
    left -= 3;
    x += 3 * xs;
    y += 3 * ys;
  }
  if (left == 2) rows2(inputs, x, xs, panel, y, ys);
  else if (left == 1) row2(inputs, x, panel, 0, y, LANES);
}

/** The last panel, where y has only `rest` columns: through a tile of full width. */
function narrow(y: usize, x: usize, panel: usize, rows: i32, inputs: i32, rest: i32, xs: usize, ys: usize): void {
  const tile = scratch;
  while (rows > 0) {
    const some = rows == 5 ? 3 : min(rows, 4);
    for (let r = 0; r < some; r++) copy(tile + (<usize>r) * ROW, y + (<usize>r) * ys, rest);
    byPanel(tile, x, panel, some, inputs, xs, ROW);
    for (let r = 0; r < some; r++) copy(y + (<usize>r) * ys, tile + (<usize>r) * ROW, rest);
    rows -= some;
    x += (<usize>some) * xs;
    y += (<usize>some) * ys;
  }
}

/** Copies 1 to PANEL numbers. */
// @ts-ignore: decorator
@inline
function copy(to: usize, from: usize, count: i32): void {
  if (count >= LANES) {
    v128.store(to, v128.load(from));
    if (count > LANES) storePart(to + 16, loadPart(from + 16, count - LANES), count - LANES);
  } else storePart(to, loadPart(from, count), count);
}

/**
 * dx[k] += Σ_n dy[n] · w[n][k], w row-major: one row needs no panels. As many columns at a time as registers hold,
 * chosen so that the last group is not a small one. Reads up to a vector past the end of w.
 */
export function multiplyBack1(dx: usize, dy: usize, w: usize, inputs: i32, outputs: i32): void {
  const stride = bytes(inputs);
  let left = inputs;
  if (wide) {
    for (; left >= 4 * LANES; ) {
      const some = left >= 12 * LANES ? 12 : left >= 8 * LANES ? 8 : 4;
      if (some == 12) wideFlat12(outputs, dy, w, stride, dx);
      else if (some == 8) wideFlat8(outputs, dy, w, stride, dx);
      else wideFlat4(outputs, dy, w, stride, dx);
      left -= some * LANES;
      dx += 16 * some;
      w += 16 * some;
    }
  }
  while (left > 0) {
    const vectors = (left + LANES - 1) / LANES;
    let some = 1;
    if (vectors == 7 || vectors == 11 || vectors >= 13) some = 7;
    else if (vectors == 6 || vectors == 10 || vectors == 12) some = 6;
    else if (vectors >= 4) some = 4;
    const count = min(left - (some - 1) * LANES, LANES);
    if (some == 7) flat7(outputs, dy, w, stride, dx, count);
    else if (some == 6) flat6(outputs, dy, w, stride, dx, count);
    else if (some == 4) flat4(outputs, dy, w, stride, dx, count);
    else flat1(outputs, dy, w, stride, dx, count);
    left -= some * LANES;
    dx += 16 * some;
    w += 16 * some;
  }
}

/**
 * dw[n][k] += Σ_r dy[r][n] · x[r][k] for the `outputs` columns of dy from its address on, of `dyWidth`: the product of the
 * transpose of dy and x in panels.
 */
export function outer(dw: usize, dy: usize, x: usize, rows: i32, inputs: i32, outputs: i32, dyWidth: i32): void {
  const turned = scratch + 256;
  const panels = turned + bytes(CHUNK * BLOCK);
  const xs = bytes(inputs);
  const dys = bytes(dyWidth);
  for (let r = 0; r < rows; r += CHUNK) {
    const some = min(CHUNK, rows - r);
    packRows(panels, x + (<usize>r) * xs, some, inputs, xs, 0, (inputs + PANEL - 1) / PANEL);
    for (let n = 0; n < outputs; n += BLOCK) {
      const count = min(BLOCK, outputs - n);
      transpose(turned, bytes(some), dy + (<usize>r) * dys + bytes(n), dys, some, count);
      multiply(dw + (<usize>n) * xs, turned, panels, count, some, inputs, inputs);
    }
  }
}

/** y[r][n] += w[n][token r] from the panels of w; a token below 0 adds nothing. */
export function multiplyTokens(y: usize, tokens: usize, panels: usize, rows: i32, inputs: i32, outputs: i32): void {
  const panelBytes = (<usize>inputs) * ROW;
  for (let r = 0; r < rows; r++, tokens += 4, y += bytes(outputs)) {
    const token = load<i32>(tokens);
    if (token < 0) continue;
    let from = panels + (<usize>token) * ROW;
    let to = y;
    let left = outputs;
    for (; left >= PANEL; left -= PANEL, from += panelBytes, to += ROW) {
      const a = add(v128.load(to), v128.load(from));
      const b = add(v128.load(to, 16), v128.load(from, 16));
      v128.store(to, b, 16);
      v128.store(to, a);
    }
    for (; left > 0; left -= LANES, from += 16, to += 16) {
      const count = min(left, LANES);
      storePart(to, add(loadPart(to, count), v128.load(from)), count);
    }
  }
}

/**
 * dw[n][token r] += dy[r][n] for the `outputs` columns of dy from its address on, of `dyWidth`: rows are added up by
 * token, in order, and then turned, where that is less work.
 */
export function outerTokens(
  dw: usize,
  dy: usize,
  tokens: usize,
  rows: i32,
  inputs: i32,
  outputs: i32,
  dyWidth: i32,
): void {
  const stride = bytes(inputs);
  const dys = bytes(dyWidth);
  if (rows <= inputs) {
    for (let r = 0; r < rows; r++, dy += dys) {
      const token = load<i32>(tokens + ((<usize>r) << 2));
      if (token < 0) continue;
      let to = dw + bytes(token);
      for (let n = 0; n < outputs; n++, to += stride) store<Real>(to, load<Real>(to) + load<Real>(dy + bytes(n)));
    }
    return;
  }
  const sums = scratch + 256;
  memory.fill(sums, 0, bytes(inputs * outputs));
  scatter(sums, outputs, dy, dyWidth, tokens, rows, outputs);
  for (let n = 0; n < outputs; n++, dw += stride) {
    for (let k = 0; k < inputs; k++) {
      store<Real>(dw + bytes(k), load<Real>(dw + bytes(k)) + load<Real>(sums + bytes(k * outputs + n)));
    }
  }
}

/** y[r] = w[token r]; zeros for a token below 0. */
export function gather(y: usize, tokens: usize, w: usize, rows: i32, width: i32): void {
  const stride = bytes(width);
  for (let r = 0; r < rows; r++, tokens += 4, y += stride) {
    const token = load<i32>(tokens);
    if (token < 0) memory.fill(y, 0, stride);
    else memory.copy(y, w + (<usize>token) * stride, stride);
  }
}

/** dw[token r] += dy[r] for `columns` columns of either from its address on; each has a width of its own. */
export function scatter(
  dw: usize,
  dwWidth: i32,
  dy: usize,
  dyWidth: i32,
  tokens: usize,
  rows: i32,
  columns: i32,
): void {
  for (let r = 0; r < rows; r++, tokens += 4, dy += bytes(dyWidth)) {
    const token = load<i32>(tokens);
    if (token >= 0) addRows(dw + (<usize>token) * bytes(dwWidth), dy, 1, columns);
  }
}
