import { oneOf } from '../../check/oneOf.js';
import { reasonOf } from '../../check/reasonOf.js';
import type { Dtype } from '../../types.js';
import { nodeModule } from '../nodeModule.js';
import { compile } from './compile.js';
import { choose, type Compiled, type Exports, instanceOf } from './instantiate.js';
import { type Most, trialCalls, triedNames } from './trialCalls.js';
import { webAssembly } from './webAssembly.js';

/** What `wideVectors` could do. */
export interface WideVectors {
  /** Bits of the vectors that models compute with which are made from now on. */
  readonly bits: 128 | 256;
  /** Why they are not 256. */
  readonly reason: string | undefined;
}

/** The part of Node that is used here. */
interface Process {
  readonly arch: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly versions: Readonly<Record<string, string | undefined>>;
}

/** The part of `node:worker_threads` that is used here. */
interface Threads {
  readonly isMainThread: boolean;
  getEnvironmentData(key: string): unknown;
  setEnvironmentData(key: string, value: unknown): void;
}

/** The first Node whose V8 does it rightly. */
const NODE = 24;

/** Without inlining, for which Node 26 wants counts of calls that there are none of without its first compiler, Liftoff. */
const FLAGS = ['experimental-wasm-revectorize', 'no-liftoff', 'no-wasm-lazy-compilation', 'no-wasm-inlining'];
const DEFAULTS = ['no-experimental-wasm-revectorize', 'liftoff', 'wasm-lazy-compilation', 'wasm-inlining'];

/** Shapes of the test: tiles of every height, and vectors and panels that are not full. */
const SHAPES: Most = { rows: 6, width: 56 };
/** Calls of each function in the test: four of every number of rows. */
const CALLS = 24;

/** Rounds of the comparison of speed: the best of each side counts. */
const ROUNDS = 20;
/** Its memory, and where arrays begin there. */
const PAGES = 8;
const START = 16_384;

const OFF = ['0', 'false', 'off', 'no'];
const ON = ['1', 'true', 'on', 'yes'];

const checkDtype = oneOf('float32', 'float64');
const checkSwitch = oneOf(...OFF, ...ON);
/** Wide kernels that gave the right bits. */
const tested = new Map<Dtype, Compiled>();
/** Those that models are made with. */
const widened = new Set<Dtype>();

/**
 * Has models of a dtype that are made from now on compute with vectors of 256 bits: the same bits, up to twice as fast.
 *
 * WebAssembly has vectors of 128 bits. V8 joins pairs of them where its experimental flag
 * `--experimental-wasm-revectorize` is set, from Node 24 on and on x64 processors with AVX2. This function sets the flag,
 * compiles the kernel at once and takes the flag back, so that other modules are compiled without it: 0.15 to 0.3 seconds
 * of processor time per dtype in all. Before the kernel is used, every function of it must give the bits of the kernel
 * of 128 bits over shapes that use every path, and its products must be faster; otherwise models compute as before, and
 * the next call compares the speed once more. Calls after a success cost nothing.
 *
 * Flags are those of the process, not of a thread: call it in the main thread, and before other threads compile
 * WebAssembly. Worker threads that are started afterwards get the kernel by calling it, too, at no cost. The flags that V8
 * has after a call are its defaults: what the command line says of `--experimental-wasm-revectorize`, `--liftoff`,
 * `--wasm-lazy-compilation` and `--wasm-inlining` is replaced.
 *
 * Products of several rows (batches, lanes) gain most. Models that exist already stay as they are;
 * `model.kernel.vectorBits` tells of each. The environment variable `RXRNN_WIDE` turns it off where it is 0, false, off or
 * no; 1, true, on and yes are what it is without. Only in Node.
 *
 * Throws a RangeError for another dtype or value of `RXRNN_WIDE`, an Error where there is no Node; any other obstacle is the `reason` of an answer.
 *
 * @example
 * import { wideVectors } from 'rxrnn';
 *
 * const { bits, reason } = wideVectors();
 * console.log(reason === undefined ? bits === 256 : bits === 128); // -> true
 */
export function wideVectors(dtype: Dtype = 'float32'): WideVectors {
  checkDtype('wideVectors', 'dtype', dtype);
  if (widened.has(dtype)) return { bits: 256, reason: undefined };
  const reason = obstacle() ?? widen(dtype);
  if (reason !== undefined) return { bits: 128, reason };
  widened.add(dtype);
  return { bits: 256, reason };
}

/** Why it is not worth trying. */
function obstacle(): string | undefined {
  const { arch, env, versions } = nodeModule('wideVectors', 'node:process') as Process;
  const wanted = env['RXRNN_WIDE'] || '1';
  checkSwitch('wideVectors', 'RXRNN_WIDE', wanted.toLowerCase());
  if (OFF.includes(wanted.toLowerCase())) return `RXRNN_WIDE is ${wanted}`;
  if (!webAssembly) return 'this platform has no WebAssembly';
  if (arch !== 'x64') return `the processor must be x64, this one is ${arch}`;
  if (!(Number.parseInt(versions['node'] ?? '', 10) >= NODE) || versions['v8'] === undefined) {
    return `Node must be ${NODE} or later, this is ${versions['node']}`;
  }
  return undefined;
}

/** Has the wide kernel taken from now on; says why not where it cannot be. */
function widen(dtype: Dtype): string | undefined {
  const threads = nodeModule('wideVectors', 'node:worker_threads') as Threads;
  const key = `rxrnn: wide kernel of ${dtype}`;
  if (!threads.isMainThread) {
    const module = threads.getEnvironmentData(key) as Compiled['module'] | undefined;
    if (!module)
      return `a worker thread has them where the main thread called wideVectors('${dtype}') before starting it`;
    choose(dtype, { module, vectorBits: 256 });
    return undefined;
  }
  try {
    const wide = tested.get(dtype) ?? compileWide(dtype);
    tested.set(dtype, wide);
    if (!isFaster(dtype, wide))
      return 'products are no faster with them: the processor has no AVX2, V8 does not join vectors, or the machine is busy';
    choose(dtype, wide);
    threads.setEnvironmentData(key, wide.module); // a clone of it, with the same code, goes to all threads started later
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

/** The wide module; an error where any of its functions gives other bits. */
function compileWide(dtype: Dtype): Compiled {
  const narrow: Compiled = { module: compile(dtype), vectorBits: 128 };
  const expected = hashes(dtype, narrow); // before the flag is set: V8 may compile functions that are called often again
  const wide: Compiled = { module: compileWithFlags(dtype), vectorBits: 256 };
  const found = hashes(dtype, wide);
  const wrong = triedNames.filter((name) => found.get(name) !== expected.get(name));
  if (wrong.length > 0) throw new Error(`functions gave other bits: ${wrong.join(', ')}`);
  return wide;
}

/** Compiles the module with the flag, and every function at once by the compiler that heeds it. */
function compileWithFlags(dtype: Dtype): Compiled['module'] {
  const { setFlagsFromString } = nodeModule('wideVectors', 'node:v8') as { setFlagsFromString(flag: string): void };
  try {
    for (const flag of FLAGS) setFlagsFromString(`--${flag}`);
    return compile(dtype, true);
  } finally {
    for (const flag of DEFAULTS) setFlagsFromString(`--${flag}`);
  }
}

/** A hash of what each function does over all shapes. */
function hashes(dtype: Dtype, compiled: Compiled): ReadonlyMap<string, number> {
  const call = trialCalls(dtype, compiled, SHAPES);
  return new Map(
    triedNames.map((name) => {
      let hash = 0;
      for (let seed = 0; seed < CALLS; seed++) hash = Math.imul(hash ^ call(name, seed), 16_777_619);
      return [name, hash];
    }),
  );
}

/** Whether large tiles are faster than small ones: they are with 256 bits only, since 128 have too few registers. */
function isFaster(dtype: Dtype, wide: Compiled): boolean {
  const memory = new webAssembly!.Memory({ initial: PAGES, maximum: PAGES, shared: true });
  const [small, large] = [{ ...wide, vectorBits: 128 } as const, wide].map((one) => instanceOf(one, memory).exports);
  const size = dtype === 'float64' ? 8 : 4;
  const [rows, width] = [5, 128];
  const x = START + rows * width * size;
  const panels = x + rows * width * size;

  function time({ multiply }: Exports): number {
    const begun = performance.now();
    for (let i = 0; i < 4; i++) multiply(START, x, panels, rows, width, width, width);
    return performance.now() - begun;
  }
  let [best, bestLarge] = [Infinity, Infinity];
  for (let round = 0; round < ROUNDS; round++) {
    best = Math.min(best, time(small!));
    bestLarge = Math.min(bestLarge, time(large!));
  }
  return bestLarge < best;
}
