import { oneOf } from '../check/oneOf.js';
import { wholeNumber } from '../check/wholeNumber.js';
import type { Dtype, HalfDtype } from '../types.js';
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
   * --disable-wasm-trap-handler` and in Node 24). Without this option `model.kernel.backend` is `plain` there, and one
   * warning says so; `backend: 'wasm'` is an Error that says why. A policy allows WebAssembly, and no other code from
   * text, by `script-src 'self' 'wasm-unsafe-eval'`.
   */
  readonly backend?: Backend | undefined;
  /**
   * Threads that share large products among them, 1 by default: worth it where a window takes milliseconds, or a step
   * of generation some tens of microseconds. The bits are those of one thread. They end when the model is disposed or
   * dropped, by `model.kernel.close()`, and with the process.
   */
  readonly workers?: number | undefined;
}

const checkDtype = oneOf('float32', 'float64');
const checkBackend = oneOf('wasm', 'plain', 'native');
const checkWorkers = wholeNumber(1, 64);

/** The kernel that a model's options ask for. */
export function createKernel(
  model: string,
  dtype: Dtype,
  options: KernelOptions & { readonly weights?: HalfDtype | undefined },
): Kernel {
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
    return wasm(dtype, workers > 1 ? threads(workers) : undefined, options.weights === 'bfloat16');
  } catch (cause) {
    if (!(cause instanceof Unavailable) || (backend === 'wasm' && workers === 1)) throw cause;
    if (workers > 1) {
      const advice = backend === 'wasm' ? '' : '; leave workers out for backend plain';
      throw new Error(`${model}: workers need WebAssembly, got ${workers}: ${cause.message}${advice}`, { cause });
    }
    warnOnce(cause.message);
    return plain(dtype);
  }
}

let warned = false;

/** Says, once, that models compute without WebAssembly, which is slow: as a warning of Node's, or in the console. */
function warnOnce(reason: string): void {
  if (warned) return;
  warned = true;
  const { process, console } = globalThis as {
    readonly process?: { emitWarning?: (text: string) => void };
    readonly console?: { warn?: (text: string) => void };
  };
  const text = `${reason}. Models compute with backend plain, about ten times slower.`;
  if (process?.emitWarning) process.emitWarning(text);
  else console?.warn?.(`rxrnn: ${text}`);
}
