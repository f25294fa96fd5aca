import { oneOf } from '../check/oneOf.js';
import { wholeNumber } from '../check/wholeNumber.js';
import type { Dtype } from '../types.js';
import type { Backend, Kernel } from './kernel.js';
import { native } from './native/native.js';
import { plain } from './plain/plain.js';
import { threads } from './threads/threads.js';
import { Unavailable } from './wasm/unavailable.js';
import { wasm } from './wasm/wasm.js';

/** What carries out a model's arithmetic. */
export interface KernelOptions {
  /**
   * `wasm`: WebAssembly, the default where it can run; `plain`: TypeScript, about ten times slower, the default
   * elsewhere; `native`: products by the system's BLAS through the package koffi, whose last digits are the machine's own.
   *
   * WebAssembly cannot run where a page's Content-Security-Policy forbids it, and where the address space of a process
   * is limited to less than its memory reserves (10 GiB in Node 20 and 22, 256 MiB with `node
   * --disable-wasm-trap-handler` and in Node 24). Without this option `model.kernel.backend` is `plain` there, and Node
   * prints a warning; `backend: 'wasm'` is an Error that says why.
   */
  readonly backend?: Backend;
  /**
   * Threads that share large products among them, 1 by default: worth it where a window takes milliseconds, or a step
   * of generation some tens of microseconds. The bits are those of one thread. They end when the model is disposed or
   * dropped, by `model.kernel.close()`, and with the process.
   */
  readonly workers?: number;
}

const checkDtype = oneOf('float32', 'float64');
const checkBackend = oneOf('wasm', 'plain', 'native');
const checkWorkers = wholeNumber(1, 64);

/** The kernel that a model's options ask for. */
export function createKernel(model: string, dtype: Dtype, options: KernelOptions): Kernel {
  const { backend, workers = 1 } = options;
  checkDtype(model, 'dtype', dtype);
  checkWorkers(model, 'workers', workers);
  if (backend !== undefined) checkBackend(model, 'backend', backend);
  if (backend === 'native') return native(dtype, workers);
  if (backend === 'plain') {
    if (workers > 1) throw new RangeError(`${model}: backend plain has no workers, got ${workers}`);
    return plain(dtype);
  }
  try {
    return wasm(dtype, workers > 1 ? threads(workers) : undefined);
  } catch (cause) {
    if (!(cause instanceof Unavailable) || backend === 'wasm' || workers > 1) throw cause;
    warnOnce(cause.message);
    return plain(dtype);
  }
}

let warned = false;

/** Says in Node that models compute without WebAssembly, which is slow; elsewhere `model.kernel.backend` does. */
function warnOnce(reason: string): void {
  if (warned) return;
  warned = true;
  const { process } = globalThis as { process?: { emitWarning?: (text: string) => void } };
  process?.emitWarning?.(`${reason}. Models compute with backend plain, about ten times slower.`);
}
