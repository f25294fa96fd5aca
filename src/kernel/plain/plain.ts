import type { Dtype } from '../../types.js';
import { activate, activateBack, setSoftplus } from './activate.js';
import { binaryCrossEntropy } from './binaryCrossEntropy.js';
import { crossEntropy } from './crossEntropy.js';
import { gruCell, gruCellBack } from './gruCell.js';
import { bufferScope, type Lender } from '../bufferScope.js';
import { disposable, refuseDisposed } from '../disposable.js';
import type { Kernel } from '../kernel.js';
import { lstmCell, lstmCellBack } from './lstmCell.js';
import { logSoftmax, logSoftmaxBack } from './logSoftmax.js';
import { multiply, multiplyBack, outer } from './multiply.js';
import * as rgLruCells from './rgLruCell.js';
import * as rgLruGates from './rgLruGates.js';
import * as rows from './rows.js';
import * as scans from './scan.js';
import { slstmCell, slstmCellBack } from './slstmCell.js';
import { softCrossEntropy } from './softCrossEntropy.js';
import { softmax, softmaxBack } from './softmax.js';
import { largest, softmaxRow } from './softmaxRow.js';
import { squaredError } from './squaredError.js';
import { gather, multiplyTokens, outerTokens, scatter } from './tokens.js';
import { zeros } from '../zeros.js';
import * as updates from './updates.js';

/**
 * The arithmetic in plain TypeScript: the one to read, the oracle in tests, and the fallback where nothing faster may
 * run. Sums and functions are computed in double precision; float32 rounds where a number is stored.
 */
export function plain(dtype: Dtype): Kernel {
  let version = 0;
  let disposed = false;
  const lender: Lender = {
    allocate: (length) => zeros(dtype, length),
    allocateTokens: (length) => new Int32Array(length),
    repeat: () => (_key, run) => {
      if (disposed) refuseDisposed();
      run();
    },
    free() {
      // the garbage collector takes it once nobody holds it
    },
  };
  const kernel: Omit<Kernel, 'dispose'> = {
    backend: 'plain',
    vectorBits: undefined,
    dtype,
    allocate: lender.allocate,
    allocateTokens: lender.allocateTokens,
    scope: () => bufferScope(lender),
    zero: (y, length) => void y.fill(0, 0, length),
    copy: (y, x, length) => y.set(x.length === length ? x : x.subarray(0, length)),
    ...rows,
    matrix: (w, inputs, outputs) => ({
      multiply: (y, x, rows) => (disposed ? refuseDisposed() : multiply(y, x, w, rows, inputs, outputs)),
      multiplyTokens: (y, tokens, rows) =>
        disposed ? refuseDisposed() : multiplyTokens(y, tokens, w, rows, inputs, outputs),
      multiplyBack: (dx, dy, rows) => (disposed ? refuseDisposed() : multiplyBack(dx, dy, w, rows, inputs, outputs)),
    }),
    weightsChanged() {
      version++; // and no more: products read the weights where they are
    },
    weightsVersion: () => version,
    close() {
      // there are no other threads
    },
    outer,
    outerTokens,
    gather,
    scatter,
    activate,
    activateBack,
    setSoftplus,
    lstmCell,
    lstmCellBack,
    gruCell,
    gruCellBack,
    slstmCell,
    slstmCellBack,
    ...rgLruCells,
    ...rgLruGates,
    ...scans,
    softmax,
    softmaxRow(p, x, width) {
      const m = largest(x, 0, width);
      return { largest: m, rest: softmaxRow(p, x, 0, width, m) };
    },
    softmaxBack,
    logSoftmax,
    logSoftmaxBack,
    crossEntropy,
    softCrossEntropy,
    binaryCrossEntropy,
    squaredError,
    ...updates,
  };
  return disposable(kernel, () => (disposed = true));
}
