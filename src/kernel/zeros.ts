import type { Dtype, Numbers } from '../types.js';

/**
 * Zeros outside any kernel's memory: for what is handed out and may be dropped at any time. A RangeError says how many were
 * asked for where the machine has no room for them.
 */
export function zeros(dtype: Dtype, length: number): Numbers {
  try {
    return dtype === 'float64' ? new Float64Array(length) : new Float32Array(length);
  } catch (cause) {
    const size = (length * (dtype === 'float64' ? 8 : 4)) / 0x40000000;
    throw new RangeError(`model: ${length} numbers of ${dtype} (${size.toPrecision(3)} GiB) do not fit in memory`, {
      cause,
    });
  }
}
