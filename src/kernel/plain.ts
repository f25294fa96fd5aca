import type { Dtype, Numbers } from '../types.js';
import { activate, activateBack } from './activate.js';
import { binaryCrossEntropy } from './binaryCrossEntropy.js';
import { setColumns } from './setColumns.js';
import { crossEntropy } from './crossEntropy.js';
import { gruCell, gruCellBack } from './gruCell.js';
import type { Kernel } from './kernel.js';
import { lstmCell, lstmCellBack } from './lstmCell.js';
import { logSoftmax, logSoftmaxBack } from './logSoftmax.js';
import { mask } from './mask.js';
import { multiply, multiplyBack, outer } from './multiply.js';
import { clamp, norm, scale } from './norm.js';
import { addRows, setRows, sumRows } from './rows.js';
import { softCrossEntropy } from './softCrossEntropy.js';
import { softmax, softmaxBack } from './softmax.js';
import { squaredError } from './squaredError.js';
import { gather, multiplyTokens, outerTokens, scatter } from './tokens.js';
import { adagrad, adam, rmsprop, sgd } from './updates.js';

/**
 * The arithmetic in plain TypeScript: the one to read, the oracle in tests, and the fallback where nothing faster may
 * run. Sums and functions are computed in double precision; float32 rounds where a number is stored.
 */
export function plain(dtype: Dtype): Kernel {
  return {
    dtype,
    allocate: (length) => allocate(dtype, length),
    setRows,
    addRows,
    sumRows,
    multiply,
    multiplyBack,
    outer,
    multiplyTokens,
    outerTokens,
    gather,
    scatter,
    activate,
    activateBack,
    lstmCell,
    lstmCellBack,
    gruCell,
    gruCellBack,
    setColumns,
    mask,
    softmax,
    softmaxBack,
    logSoftmax,
    logSoftmaxBack,
    crossEntropy,
    softCrossEntropy,
    binaryCrossEntropy,
    squaredError,
    norm,
    scale,
    clamp,
    sgd,
    adagrad,
    rmsprop,
    adam,
  };
}

function allocate(dtype: Dtype, length: number): Numbers {
  return dtype === 'float64' ? new Float64Array(length) : new Float32Array(length);
}
