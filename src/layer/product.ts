import type { Kernel } from '../kernel/kernel.js';
import type { Numbers } from '../types.js';

/** The product of a layer's features or state with a weight, forward and back, for any number of rows. */
export interface Product {
  /** `y += W x`. */
  multiply(y: Numbers, x: Numbers, rows: number): void;
  /** `dx += Wᵀ dy`. */
  multiplyBack(dx: Numbers, dy: Numbers, rows: number): void;
  /** `dW += dy xᵀ`, over the rows. */
  outer(dw: Numbers, dy: Numbers, x: Numbers, rows: number): void;
}

/** The product with a whole matrix, `outputs × inputs`. */
export function product(kernel: Kernel, weight: Numbers, inputs: number, outputs: number): Product {
  const matrix = kernel.matrix(weight, inputs, outputs);
  return {
    multiply: (y, x, rows) => matrix.multiply(y, x, rows),
    multiplyBack: (dx, dy, rows) => matrix.multiplyBack(dx, dy, rows),
    outer: (dw, dy, x, rows) => kernel.outer(dw, dy, x, rows, inputs, outputs),
  };
}
