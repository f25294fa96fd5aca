import type { Dtype, Numbers } from '../../types.js';
import { arena } from './arena.js';
import { instantiate } from './instantiate.js';
import { bufferScope } from '../bufferScope.js';
import { disposable, refuseDisposed } from '../disposable.js';
import type { BufferScope, Kernel, Repeat } from '../kernel.js';
import { singleThread } from './singleThread.js';
import { matrices } from './matrices.js';
import { plain } from '../plain/plain.js';
import { callCapture } from './callCapture.js';
import { growableBuffer } from './growableBuffer.js';
import { wasmUpdates } from './wasmUpdates.js';
import type { WebAssemblyMemory } from './webAssembly.js';

export interface WasmKernel extends Kernel {
  readonly memory: WebAssemblyMemory;
}

/**
 * The arithmetic in WebAssembly with vectors of 128 bits, on one memory of its own: the fast one.
 *
 * Bits depend on neither engine nor machine nor, with a team of threads, on the number of threads. In float64 forward numbers are
 * those of `plain` to the bit; float32 is computed in single precision throughout, but for the sums of a loss and of a
 * norm. What is rare (weighted losses, logSoftmax) is plain TypeScript on the same memory.
 */
export function wasm(dtype: Dtype, makeTeam: typeof singleThread = singleThread): WasmKernel {
  const allocator = arena(dtype);
  const { memory, allocate, integers, free } = allocator;
  const inPlace = new WeakSet<Int32Array>(); // tokens that lie in the memory
  const size = dtype === 'float64' ? 8 : 4;
  const team = makeTeam({ ...instantiate(dtype, memory), ...allocator, size });
  const { exports, invalidate, beforeReplay, forget, repeat } = callCapture(team.exports);
  const slow = withHook(plain(dtype), invalidate);
  const tokenRoom = growableBuffer(integers, free);
  const numberRoom = growableBuffer(allocate, free);
  const parts = new Float64Array(memory.buffer, integers(4).byteOffset, 2);
  const logSum = { largest: 0, rest: 0 };
  const { matrix, weightsChanged, needScratch, forgetMatrix } = matrices({
    size,
    exports,
    allocate,
    free,
    placed,
    team,
    beforeReplay,
  });

  /** The address of tokens, which are copied where they lie elsewhere. */
  function placed(tokens: Int32Array, rows: number): number {
    if (inPlace.has(tokens)) return tokens.byteOffset;
    invalidate();
    const copy = tokenRoom(rows);
    for (let r = 0; r < rows; r++) copy[r] = tokens[r]!;
    return copy.byteOffset;
  }

  function allocateTokens(length: number): Int32Array {
    const tokens = integers(length);
    inPlace.add(tokens);
    return tokens;
  }
  const lender = {
    allocate,
    allocateTokens,
    repeat: team.single ? repeat : () => runEach,
    free(array: Numbers | Int32Array): void {
      if (array instanceof Int32Array) inPlace.delete(array);
      else forgetMatrix(array);
      free(array);
    },
  };
  const scope = (): BufferScope => bufferScope(lender, forget);

  const kernel: Omit<WasmKernel, 'dispose'> = {
    ...slow,
    backend: 'wasm',
    memory,
    allocate,
    allocateTokens,
    scope,
    repeat: () => scope().repeat(),
    matrix,
    weightsChanged,
    close: team.close,
    zero: (y, length) => void exports.zero(y.byteOffset, length),
    copy: (y, x, length) => void exports.copy(y.byteOffset, x.byteOffset, length),
    setRows(y, bias, rows, width) {
      if (bias) exports.setRows(y.byteOffset, bias.byteOffset, rows, width);
      else exports.zero(y.byteOffset, rows * width);
    },
    addRows: (y, bias, rows, width) => void exports.addRows(y.byteOffset, bias.byteOffset, rows, width),
    sumRows: (sum, y, rows, width) => void exports.sumRows(sum.byteOffset, y.byteOffset, rows, width, width),
    outer(dw, dy, x, rows, inputs, outputs) {
      needScratch(inputs, outputs);
      exports.outer(dw.byteOffset, dy.byteOffset, x.byteOffset, rows, inputs, outputs, outputs);
    },
    outerTokens(dw, dy, tokens, rows, inputs, outputs) {
      needScratch(inputs, outputs);
      exports.outerTokens(dw.byteOffset, dy.byteOffset, placed(tokens, rows), rows, inputs, outputs, outputs);
    },
    gather(y, tokens, w, rows, width) {
      exports.gather(y.byteOffset, placed(tokens, rows), w.byteOffset, rows, width);
    },
    scatter(dw, dy, tokens, rows, width) {
      exports.scatter(dw.byteOffset, width, dy.byteOffset, width, placed(tokens, rows), rows, width);
    },
    activate(nonlinearity, y, length) {
      if (nonlinearity === 'tanh') exports.activateTanh(y.byteOffset, length);
      else if (nonlinearity === 'sigmoid') exports.activateSigmoid(y.byteOffset, length);
      else if (nonlinearity === 'relu') exports.activateRelu(y.byteOffset, length);
    },
    activateBack(nonlinearity, dy, y, length) {
      if (nonlinearity === 'tanh') exports.backTanh(dy.byteOffset, y.byteOffset, length);
      else if (nonlinearity === 'sigmoid') exports.backSigmoid(dy.byteOffset, y.byteOffset, length);
      else if (nonlinearity === 'relu') exports.backRelu(dy.byteOffset, y.byteOffset, length);
    },
    lstmCell(h, c, tanhC, gates, cBefore, rows, hidden) {
      exports.lstmCell(
        h.byteOffset,
        c.byteOffset,
        tanhC.byteOffset,
        gates.byteOffset,
        cBefore.byteOffset,
        rows,
        hidden,
      );
    },
    lstmCellBack(dGates, dc, dh, gates, cBefore, tanhC, rows, hidden) {
      exports.lstmCellBack(
        dGates.byteOffset,
        dc.byteOffset,
        dh.byteOffset,
        gates.byteOffset,
        cBefore.byteOffset,
        tanhC.byteOffset,
        rows,
        hidden,
      );
    },
    gruCell(h, gates, hiddenGates, hBefore, rows, hidden) {
      exports.gruCell(h.byteOffset, gates.byteOffset, hiddenGates.byteOffset, hBefore.byteOffset, rows, hidden);
    },
    gruCellBack(dGates, dHiddenGates, dBefore, dh, gates, hiddenGates, hBefore, rows, hidden) {
      exports.gruCellBack(
        dGates.byteOffset,
        dHiddenGates.byteOffset,
        dBefore.byteOffset,
        dh.byteOffset,
        gates.byteOffset,
        hiddenGates.byteOffset,
        hBefore.byteOffset,
        rows,
        hidden,
      );
    },
    setColumns(y, yWidth, yColumn, x, xWidth, xColumn, rows, columns) {
      exports.setColumns(y.byteOffset, yWidth, yColumn, x.byteOffset, xWidth, xColumn, rows, columns);
    },
    multiplyElementwise: (y, x, factors, length) =>
      void exports.mask(y.byteOffset, x.byteOffset, factors.byteOffset, length),
    softmax: (y, rows, width) => void exports.softmax(y.byteOffset, rows, width),
    softmaxRow(p, x, width) {
      exports.softmaxRow(p.byteOffset, x.byteOffset, parts.byteOffset, width);
      [logSum.largest, logSum.rest] = [parts[0]!, parts[1]!];
      return logSum;
    },
    crossEntropy(losses, dx, x, targets, mask, terms, rows, width) {
      if (terms.weight || terms.labelSmoothing > 0) {
        return slow.crossEntropy(losses, dx, x, targets, mask, terms, rows, width);
      }
      const counting = tokenRoom(rows);
      for (let r = 0; r < rows; r++) {
        counting[r] = mask?.[r] === 0 || targets[r] === terms.ignoreIndex ? -1 : targets[r]!;
      }
      const single = numberRoom(rows);
      exports.crossEntropy(single.byteOffset, dx.byteOffset, x.byteOffset, counting.byteOffset, rows, width);
      let sum = 0;
      for (let r = 0; r < rows; r++) {
        losses[r] = single[r]!;
        sum += single[r]!;
      }
      return sum;
    },
    squaredError(losses, dx, x, targets, mask, rows, width) {
      if (mask) return slow.squaredError(losses, dx, x, targets, mask, rows, width);
      const length = rows * width;
      const both = numberRoom(2 * length);
      for (let i = 0; i < length; i++) both[i] = targets[i]!;
      const at = both.byteOffset;
      const sum = exports.squaredError(at + length * size, dx.byteOffset, x.byteOffset, at, length);
      for (let i = 0; i < length; i++) losses[i] = both[length + i]!;
      return sum;
    },
    norm(x, length, type = 2) {
      return type === 2 ? Math.sqrt(exports.sumOfSquares(x.byteOffset, length)) : slow.norm(x, length, type);
    },
    scale: (x, factor, length) => void exports.scale(x.byteOffset, factor, length),
    clamp: (x, limit, length) => void exports.clamp(x.byteOffset, limit, length),
    ...wasmUpdates(exports),
  };
  return disposable(kernel, () => {
    team.close();
    forget();
    for (const name of Object.keys(exports)) Object.assign(exports, { [name]: refuseDisposed });
  });
}

const runEach: Repeat = (_key, run) => run();

/** The same functions, each of which calls `hook` first. */
function withHook(kernel: Kernel, hook: () => void): Kernel {
  const functions = Object.entries(kernel).map(([name, value]: [string, unknown]) => {
    if (typeof value !== 'function') return [name, value];
    return [
      name,
      (...args: unknown[]): unknown => {
        hook();
        return Reflect.apply(value, kernel, args);
      },
    ];
  });
  return Object.fromEntries(functions) as Kernel;
}
