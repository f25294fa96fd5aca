import type { Dtype, Numbers } from '../types.js';

/** Zeros outside any kernel's memory: for what is handed out and may be dropped at any time. */
export function zeros(dtype: Dtype, length: number): Numbers {
  return dtype === 'float64' ? new Float64Array(length) : new Float32Array(length);
}
