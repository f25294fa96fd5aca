import { show } from '../check/show.js';
import type { Tensor } from '../types.js';

/** Whether a value has a shape and float32 or float64 numbers; whether these fit each other, is for the caller. */
export function isTensor(value: unknown): value is Tensor {
  const { shape, data } = (value ?? {}) as { readonly shape?: unknown; readonly data?: unknown };
  return Array.isArray(shape) && (data instanceof Float32Array || data instanceof Float64Array);
}

/** A tensor in a message, or what came in its place. */
export function tensorText(value: unknown): string {
  if (!isTensor(value)) {
    const { data } = (value ?? {}) as { readonly data?: unknown };
    return data === undefined ? show(value) : `numbers in ${show(data)}`;
  }
  const { shape, data } = value;
  return `[${shape.map(show).join(', ')}] of ${data.length} numbers`;
}
