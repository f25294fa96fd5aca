import type { Dtype } from '../types.js';
import type { Backend, Kernel } from './kernel.js';
import { native } from './native/native.js';
import { plain } from './plain/plain.js';
import { threads } from './threads/threads.js';
import { wasm } from './wasm/wasm.js';
import { webAssembly } from './wasm/webAssembly.js';

/** What carries out a model's arithmetic. */
export interface KernelOptions {
  /**
   * `wasm`: WebAssembly, the default where there is any; `plain`: TypeScript, the default elsewhere; `native`: products
   * by the system's BLAS through the package koffi, whose last digits are the machine's own.
   */
  readonly backend?: Backend;
  /**
   * Threads that share large products among them, 1 by default: worth it where a window takes milliseconds, or a step
   * of generation some tens of microseconds. The bits are those of one thread. `model.kernel.close()` ends them; so does the end of the process.
   */
  readonly workers?: number;
}

/** The kernel that a model's options ask for. */
export function createKernel(model: string, dtype: Dtype, options: KernelOptions): Kernel {
  const { backend = webAssembly ? 'wasm' : 'plain', workers = 1 } = options;
  if (dtype !== 'float32' && dtype !== 'float64') {
    throw new RangeError(`${model}: dtype must be float32 or float64, got ${String(dtype)}`);
  }
  if (!(Number.isInteger(workers) && workers >= 1 && workers <= 64)) {
    throw new RangeError(`${model}: workers must be a whole number from 1 to 64, got ${workers}`);
  }
  switch (backend) {
    case 'plain':
      if (workers > 1) throw new RangeError(`${model}: backend plain has no workers, got ${workers}`);
      return plain(dtype);
    case 'wasm':
      return wasm(dtype, workers > 1 ? threads(workers) : undefined);
    case 'native':
      return native(dtype, workers);
    default:
      throw new RangeError(`${model}: backend must be wasm, plain or native, got ${String(backend)}`);
  }
}
