import type { Dtype, Numbers } from '../../types.js';
import { arena } from './arena.js';
import { instantiate } from './instantiate.js';
import { bufferScope, type Lender } from '../bufferScope.js';
import { disposable } from '../disposable.js';
import type { Kernel } from '../kernel.js';
import { singleThread } from './singleThread.js';
import { calls, directCalls } from './calls.js';
import { matrices } from './matrices.js';
import { plain } from '../plain/plain.js';
import { callCapture } from './callCapture.js';
import { growableBuffer } from './growableBuffer.js';
import { wasmUpdates } from './wasmUpdates.js';
import type { WebAssemblyMemory } from './webAssembly.js';

export interface WasmKernel extends Kernel {
  /** Where its arrays are; gone when the kernel is disposed. */
  readonly memory: WebAssemblyMemory;
  /** Does work on its arrays that is not its own, now and at the same place where a pass is repeated. */
  betweenCalls(work: () => void): void;
}

/**
 * The arithmetic in WebAssembly with vectors of 128 bits, or 256 after `wideVectors`, on one memory of its own: the fast
 * one.
 *
 * Bits depend on neither the engine nor the machine nor the number of threads. In float64, forward numbers are those of
 * `plain` to the bit; float32 is computed in single precision throughout, except for the sums of a loss and of a norm.
 * With `halves`, bfloat16 holds all weights exactly, and products of one row read them in it.
 * Rare functions (weighted losses, logSoftmax) are plain TypeScript on the same memory.
 */
export function wasm(dtype: Dtype, makeTeam: typeof singleThread = singleThread, halves = false): WasmKernel {
  const allocator = arena(dtype);
  const { memory, allocate, integers, free } = allocator;
  const inPlace = new WeakSet<ArrayBufferLike>(); // of tokens in the memory, which has another buffer after it has grown
  const size = dtype === 'float64' ? 8 : 4;
  const instance = instantiate(dtype, memory);
  const team = makeTeam({ ...instance, ...allocator, size });
  const { current, invalidate, beforeReplay, betweenCalls, forget, repeat, dispose } = callCapture(team.functions);
  const onArrays = withHook(plain(dtype), invalidate);
  const tokenBuffer = growableBuffer(integers, free);
  const lossBuffer = growableBuffer(allocate, free);
  const targetBuffer = growableBuffer(allocate, free);
  const parts = new Float64Array(memory.buffer, integers(4).byteOffset, 2);
  const logSum = { largest: 0, rest: 0 };
  const module = calls(current, invalidate);
  const { matrix, weightsChanged, weightsVersion, needScratch, forgetMatrices } = matrices({
    size,
    calls: module,
    allocate,
    free,
    inMemory,
    team,
    halves: dtype === 'float32' && halves,
    beforeReplay,
  });

  /** The tokens themselves where the module can read them, else a copy. */
  function inMemory(tokens: Int32Array, rows: number): Int32Array {
    if (inPlace.has(tokens.buffer)) return tokens;
    invalidate();
    const copy = tokenBuffer(rows);
    for (let r = 0; r < rows; r++) copy[r] = tokens[r]!;
    return copy;
  }
  function allocateTokens(length: number): Int32Array {
    const tokens = integers(length);
    inPlace.add(tokens.buffer);
    return tokens;
  }
  const lender: Lender = {
    allocate,
    allocateTokens,
    repeat(buffers) {
      const own = repeat(buffers);
      return team.single ? own : (_key, run) => own(NaN, run); // NaN is never the same key: every pass runs
    },
    free(array: Numbers | Int32Array): void {
      if (!(array instanceof Int32Array)) forgetMatrices(array);
      free(array);
    },
  };
  const kernel: Omit<WasmKernel, 'dispose'> = {
    backend: 'wasm',
    vectorBits: instance.vectorBits,
    dtype,
    memory,
    betweenCalls,
    allocate,
    allocateTokens,
    scope: () => bufferScope(lender, forget),
    matrix,
    weightsChanged,
    weightsVersion,
    close: team.close,
    ...directCalls(current, invalidate),
    softmaxBack: onArrays.softmaxBack,
    logSoftmax: onArrays.logSoftmax,
    logSoftmaxBack: onArrays.logSoftmaxBack,
    softCrossEntropy: onArrays.softCrossEntropy,
    binaryCrossEntropy: onArrays.binaryCrossEntropy,
    setRows(y, bias, rows, width) {
      if (bias) module.setRows({ y, bias, rows, width });
      else kernel.zero(y, rows * width);
    },
    sumRows: (sum, y, rows, width) => module.sumRows({ sum, y, rows, columns: width, yWidth: width }),
    outer(dw, dy, x, rows, inputs, outputs) {
      needScratch(inputs, outputs);
      module.outer({ dw, dy, x, rows, inputs, outputs, dyWidth: outputs });
    },
    outerTokens(dw, dy, tokens, rows, inputs, outputs) {
      needScratch(inputs, outputs);
      module.outerTokens({ dw, dy, tokens: inMemory(tokens, rows), rows, inputs, outputs, dyWidth: outputs });
    },
    gather: (y, tokens, w, rows, width) => module.gather({ y, tokens: inMemory(tokens, rows), w, rows, width }),
    scatter(dw, dy, tokens, rows, width) {
      module.scatter({ dw, dwWidth: width, dy, dyWidth: width, tokens: inMemory(tokens, rows), rows, columns: width });
    },
    activate(nonlinearity, y, length) {
      if (nonlinearity === 'tanh') module.activateTanh({ y, length });
      else if (nonlinearity === 'sigmoid') module.activateSigmoid({ y, length });
      else if (nonlinearity === 'relu') module.activateRelu({ y, length });
    },
    activateBack(nonlinearity, dy, y, length) {
      if (nonlinearity === 'tanh') module.backTanh({ dy, y, length });
      else if (nonlinearity === 'sigmoid') module.backSigmoid({ dy, y, length });
      else if (nonlinearity === 'relu') module.backRelu({ dy, y, length });
    },
    softmaxRow(p, x, width) {
      module.softmaxRow({ p, x, parts, width });
      [logSum.largest, logSum.rest] = [parts[0]!, parts[1]!];
      return logSum;
    },
    crossEntropy(losses, dx, x, targets, mask, terms, rows, width) {
      if (terms.weight || terms.labelSmoothing > 0) {
        return onArrays.crossEntropy(losses, dx, x, targets, mask, terms, rows, width);
      }
      const counting = tokenBuffer(rows);
      for (let r = 0; r < rows; r++) {
        counting[r] = mask?.[r] === 0 || targets[r] === terms.ignoreIndex ? -1 : targets[r]!;
      }
      const single = lossBuffer(rows);
      module.crossEntropy({ losses: single, dx, x, targets: counting, rows, width });
      let sum = 0;
      for (let r = 0; r < rows; r++) {
        losses[r] = single[r]!;
        sum += single[r]!;
      }
      return sum;
    },
    squaredError(losses, dx, x, targets, mask, rows, width) {
      if (mask) return onArrays.squaredError(losses, dx, x, targets, mask, rows, width);
      const length = rows * width;
      const [near, single] = [targetBuffer(length), lossBuffer(length)];
      for (let i = 0; i < length; i++) near[i] = targets[i]!;
      const sum = module.squaredError({ losses: single, dx, x, targets: near, length });
      for (let i = 0; i < length; i++) losses[i] = single[i]!;
      return sum;
    },
    norm(x, length, type = 2) {
      return type === 2 ? Math.sqrt(module.sumOfSquares({ x, length })) : onArrays.norm(x, length, type);
    },
    ...wasmUpdates(module),
  };
  return disposable(kernel, () => {
    team.close();
    forget();
    dispose();
    delete (kernel as { memory?: WebAssemblyMemory }).memory;
  });
}

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
