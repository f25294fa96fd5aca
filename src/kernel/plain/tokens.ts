import type { Numbers } from '../../types.js';

export function multiplyTokens(
  y: Numbers,
  tokens: Int32Array,
  w: Numbers,
  rows: number,
  inputs: number,
  outputs: number,
): void {
  for (let r = 0, i = 0; r < rows; r++) {
    const token = tokens[r]!;
    if (token < 0) {
      i += outputs;
      continue;
    }
    for (let n = 0, wn = token; n < outputs; n++, i++, wn += inputs) y[i]! += w[wn]!;
  }
}

export function outerTokens(
  dw: Numbers,
  dy: Numbers,
  tokens: Int32Array,
  rows: number,
  inputs: number,
  outputs: number,
): void {
  for (let r = 0, i = 0; r < rows; r++) {
    const token = tokens[r]!;
    if (token < 0) {
      i += outputs;
      continue;
    }
    for (let n = 0, wn = token; n < outputs; n++, i++, wn += inputs) dw[wn]! += dy[i]!;
  }
}

export function gather(y: Numbers, tokens: Int32Array, w: Numbers, rows: number, width: number): void {
  for (let r = 0, i = 0; r < rows; r++) {
    const token = tokens[r]!;
    for (let n = 0; n < width; n++, i++) y[i] = token < 0 ? 0 : w[token * width + n]!;
  }
}

export function scatter(dw: Numbers, dy: Numbers, tokens: Int32Array, rows: number, width: number): void {
  for (let r = 0, i = 0; r < rows; r++) {
    const token = tokens[r]!;
    if (token < 0) {
      i += width;
      continue;
    }
    for (let n = 0; n < width; n++, i++) dw[token * width + n]! += dy[i]!;
  }
}
