import { reasonOf } from '../../check/reasonOf.js';
import type { Dtype, Numbers } from '../../types.js';
import { disposable, refuseDisposed } from '../disposable.js';
import type { Kernel, Matrix } from '../kernel.js';
import { nodeModule } from '../nodeModule.js';
import { wasm } from '../wasm/wasm.js';
import type { WebAssemblyMemory } from '../wasm/webAssembly.js';

/** cblas.h: row-major, as it is, transposed. */
const [ROW_MAJOR, AS_IS, TRANSPOSED] = [101, 111, 112];

/** Where a BLAS may be found; `RXRNN_BLAS` names another. */
const LIBRARIES = [
  'libopenblas.so.0',
  'libopenblas.so',
  'libblas.so.3',
  '/opt/homebrew/opt/openblas/lib/libopenblas.dylib',
  '/System/Library/Frameworks/Accelerate.framework/Accelerate',
  'libopenblas.dll',
];

/**
 * The kernel of WebAssembly with its products of more than one row handed to the system's BLAS, on the same memory.
 *
 * Faster where windows have many lanes and layers are wide. The order of sums is the library's, so that bits differ
 * from machine to machine and a lane's numbers may depend on the other lanes. An error where the package koffi or the
 * library is missing. `threads` is given to OpenBLAS.
 */
export function native(dtype: Dtype, threads: number): Kernel {
  const kernel = wasm(dtype);
  let gemm = product(dtype, kernel.memory, threads);

  function matrix(w: Numbers, inputs: number, outputs: number): Matrix {
    const own = kernel.matrix(w, inputs, outputs);
    return {
      multiplyTokens: own.multiplyTokens,
      multiply(y, x, rows) {
        if (rows === 1) own.multiply(y, x, rows);
        else kernel.betweenCalls(() => gemm(AS_IS, TRANSPOSED, rows, outputs, inputs, x, inputs, w, inputs, y));
      },
      multiplyBack(dx, dy, rows) {
        if (rows === 1) own.multiplyBack(dx, dy, rows);
        else kernel.betweenCalls(() => gemm(AS_IS, AS_IS, rows, inputs, outputs, dy, outputs, w, inputs, dx));
      },
    };
  }

  const withBlas: Omit<Kernel, 'dispose'> = {
    ...kernel,
    backend: 'native',
    matrix,
    outer(dw, dy, x, rows, inputs, outputs) {
      kernel.betweenCalls(() => gemm(TRANSPOSED, AS_IS, outputs, inputs, rows, dy, outputs, x, inputs, dw));
    },
  };
  return disposable(withBlas, () => {
    kernel.dispose();
    gemm = refuseDisposed;
  });
}

/** `c += op(a) · op(b)`, `rows × columns` sums of `depth` terms, c as wide as it has columns. */
type Product = (
  opA: number,
  opB: number,
  rows: number,
  columns: number,
  depth: number,
  a: Numbers,
  aWidth: number,
  b: Numbers,
  bWidth: number,
  c: Numbers,
) => void;

interface Koffi {
  load(name: string): { func(declaration: string): (...args: number[]) => number };
  address(view: Uint8Array): bigint;
}

function product(dtype: Dtype, memory: WebAssemblyMemory, threads: number): Product {
  const koffi = loadKoffi();
  const library = loadLibrary(koffi);
  try {
    library.func('void openblas_set_num_threads(int n)')(threads);
  } catch {
    // a BLAS other than OpenBLAS
  }
  const [name, real] = dtype === 'float64' ? ['cblas_dgemm', 'double'] : ['cblas_sgemm', 'float'];
  const gemm = library.func(
    `void ${name}(int order, int opA, int opB, int m, int n, int k, ${real} alpha, ` +
      `uintptr_t a, int lda, uintptr_t b, int ldb, ${real} beta, uintptr_t c, int ldc)`,
  );
  const base = Number(koffi.address(new Uint8Array(memory.buffer)));
  return (opA, opB, m, n, k, a, lda, b, ldb, c) => {
    const [atA, atB, atC] = [base + a.byteOffset, base + b.byteOffset, base + c.byteOffset];
    gemm(ROW_MAJOR, opA, opB, m, n, k, 1, atA, lda, atB, ldb, 1, atC, n);
  };
}

/** Looks for koffi where this package lies and above, and nowhere else: code in the current folder is not trusted. */
function loadKoffi(): Koffi {
  const { createRequire } = nodeModule('backend native', 'node:module') as {
    createRequire(from: string): (name: string) => unknown;
  };
  try {
    return createRequire(import.meta.url)('koffi') as Koffi;
  } catch (cause) {
    throw new Error(
      `backend native: needs the package koffi where rxrnn is installed: npm install koffi (${reasonOf(cause).split('\n', 1)[0]})`,
      { cause },
    );
  }
}

function loadLibrary(koffi: Koffi): ReturnType<Koffi['load']> {
  const { env } = nodeModule('backend native', 'node:process') as { env: Record<string, string | undefined> };
  const given = env['RXRNN_BLAS'];
  const names = given ? [given] : LIBRARIES;
  for (const name of names) {
    try {
      return koffi.load(name);
    } catch {
      // perhaps under another name
    }
  }
  throw new Error(
    `backend native: found no BLAS (${names.join(', ')}); install OpenBLAS (Debian: libopenblas0) or name the library ` +
      'in RXRNN_BLAS',
  );
}
