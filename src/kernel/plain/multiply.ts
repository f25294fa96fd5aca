import type { Numbers } from '../../types.js';

/** Four outputs at a time: four independent sums keep the processor busy, and each still runs over k in order. */
export function multiply(y: Numbers, x: Numbers, w: Numbers, rows: number, inputs: number, outputs: number): void {
  for (let r = 0; r < rows; r++) {
    const from = r * inputs;
    const to = r * outputs;
    let n = 0;
    for (; n + 4 <= outputs; n += 4) {
      const w0 = n * inputs;
      const w1 = w0 + inputs;
      const w2 = w1 + inputs;
      const w3 = w2 + inputs;
      let y0 = y[to + n]!;
      let y1 = y[to + n + 1]!;
      let y2 = y[to + n + 2]!;
      let y3 = y[to + n + 3]!;
      for (let k = 0; k < inputs; k++) {
        const xk = x[from + k]!;
        y0 += xk * w[w0 + k]!;
        y1 += xk * w[w1 + k]!;
        y2 += xk * w[w2 + k]!;
        y3 += xk * w[w3 + k]!;
      }
      y[to + n] = y0;
      y[to + n + 1] = y1;
      y[to + n + 2] = y2;
      y[to + n + 3] = y3;
    }
    for (; n < outputs; n++) {
      const wn = n * inputs;
      let yn = y[to + n]!;
      for (let k = 0; k < inputs; k++) yn += x[from + k]! * w[wn + k]!;
      y[to + n] = yn;
    }
  }
}

/** Four outputs at a time: one store for four products. */
export function multiplyBack(
  dx: Numbers,
  dy: Numbers,
  w: Numbers,
  rows: number,
  inputs: number,
  outputs: number,
): void {
  for (let r = 0; r < rows; r++) {
    const from = r * outputs;
    const to = r * inputs;
    let n = 0;
    for (; n + 4 <= outputs; n += 4) {
      const d0 = dy[from + n]!;
      const d1 = dy[from + n + 1]!;
      const d2 = dy[from + n + 2]!;
      const d3 = dy[from + n + 3]!;
      const w0 = n * inputs;
      const w1 = w0 + inputs;
      const w2 = w1 + inputs;
      const w3 = w2 + inputs;
      for (let k = 0; k < inputs; k++) {
        dx[to + k] = dx[to + k]! + d0 * w[w0 + k]! + d1 * w[w1 + k]! + d2 * w[w2 + k]! + d3 * w[w3 + k]!;
      }
    }
    for (; n < outputs; n++) {
      const d = dy[from + n]!;
      const wn = n * inputs;
      for (let k = 0; k < inputs; k++) dx[to + k] = dx[to + k]! + d * w[wn + k]!;
    }
  }
}

/** Four rows at a time: one store for four products. */
export function outer(dw: Numbers, dy: Numbers, x: Numbers, rows: number, inputs: number, outputs: number): void {
  for (let n = 0; n < outputs; n++) {
    const wn = n * inputs;
    let r = 0;
    for (; r + 4 <= rows; r += 4) {
      const at = r * outputs + n;
      const d0 = dy[at]!;
      const d1 = dy[at + outputs]!;
      const d2 = dy[at + 2 * outputs]!;
      const d3 = dy[at + 3 * outputs]!;
      const x0 = r * inputs;
      const x1 = x0 + inputs;
      const x2 = x1 + inputs;
      const x3 = x2 + inputs;
      for (let k = 0; k < inputs; k++) {
        dw[wn + k] = dw[wn + k]! + d0 * x[x0 + k]! + d1 * x[x1 + k]! + d2 * x[x2 + k]! + d3 * x[x3 + k]!;
      }
    }
    for (; r < rows; r++) {
      const d = dy[r * outputs + n]!;
      const from = r * inputs;
      for (let k = 0; k < inputs; k++) dw[wn + k] = dw[wn + k]! + d * x[from + k]!;
    }
  }
}
