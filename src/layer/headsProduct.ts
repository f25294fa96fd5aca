import { show } from '../check/show.js';
import type { Kernel } from '../kernel/kernel.js';
import type { Numbers } from '../types.js';
import { product, type Product } from './product.js';

export interface HeadsProductOptions {
  readonly kernel: Kernel;
  readonly allocate: (length: number) => Numbers;
  /** One matrix per head, one after another. */
  readonly weight: Numbers;
  /** Numbers of a row, of which each head has as many. */
  readonly size: number;
  readonly heads: number;
  /** Rows of outputs per row of inputs, `size` numbers each and side by side; 1 by default. */
  readonly count?: number;
  /** Whether a head's matrix is `inputs × outputs`; `outputs × inputs` by default. Only with a count of 1. */
  readonly transposed?: boolean;
  /** The most rows of a call. */
  readonly rows: number;
}

/**
 * The product with a matrix of blocks, one per head: each head's outputs see its own part of the input.
 *
 * Output j of head k in row g of outputs is number `g · size + k · (size / heads) + j`.
 */
export function headsProduct(options: HeadsProductOptions): Product {
  const { kernel, allocate, weight, size, heads, count = 1, transposed = false, rows: capacity } = options;
  const width = size / heads; // of one head
  const blocks = Array.from({ length: heads }, (_, k): Product => {
    const length = count * width * width;
    const own = product(kernel, weight.subarray(k * length, (k + 1) * length), width, count * width);
    if (!transposed) return own;
    return {
      multiply: (y, x, rows) => own.multiplyBack(y, x, rows),
      multiplyBack: (dx, dy, rows) => own.multiply(dx, dy, rows),
      outer: (dw, dy, x, rows) => own.outer(dw, x, dy, rows),
    };
  });
  if (heads === 1) return blocks[0]!;
  const [x, y] = [allocate(capacity * width), allocate(capacity * count * width)]; // of one head

  /** Copies a head's columns of `from`, `groups` parts of each row, to `to`, or back. */
  function columns(to: Numbers, from: Numbers, groups: number, k: number, rows: number, back: boolean): void {
    for (let g = 0; g < groups; g++) {
      const [own, all] = [g * width, g * size + k * width];
      if (back) kernel.setColumns(to, groups * size, all, from, groups * width, own, rows, width);
      else kernel.setColumns(to, groups * width, own, from, groups * size, all, rows, width);
    }
  }

  return {
    multiply(out, input, rows) {
      for (const [k, block] of blocks.entries()) {
        columns(x, input, 1, k, rows, false);
        columns(y, out, count, k, rows, false);
        block.multiply(y, x, rows);
        columns(out, y, count, k, rows, true);
      }
    },
    multiplyBack(dInput, dOut, rows) {
      for (const [k, block] of blocks.entries()) {
        columns(x, dInput, 1, k, rows, false);
        columns(y, dOut, count, k, rows, false);
        block.multiplyBack(x, y, rows);
        columns(dInput, x, 1, k, rows, true);
      }
    },
    outer(dWeight, dOut, input, rows) {
      const length = count * width * width;
      for (const [k, block] of blocks.entries()) {
        columns(x, input, 1, k, rows, false);
        columns(y, dOut, count, k, rows, false);
        block.outer(dWeight.subarray(k * length, (k + 1) * length), y, x, rows);
      }
    },
  };
}

/** Numbers of one head; a RangeError where heads do not divide the state. */
export function headSize(who: string, heads: number, hiddenSize: number): number {
  if (hiddenSize % heads === 0) return hiddenSize / heads;
  throw new RangeError(`${who}: heads must divide hiddenSize, ${show(hiddenSize)}, got ${show(heads)}`);
}
