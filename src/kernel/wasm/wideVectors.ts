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

const checkDtype = oneOf('float32', 'float64');
const known = new Map<Dtype, WideVectors>();

/**
 * Has models of a dtype that are made from now on compute with vectors of 256 bits: the same bits, up to twice as fast.
 *
 * WebAssembly has vectors of 128 bits. V8 joins pairs of them where its experimental flag
 * `--experimental-wasm-revectorize` is set, from Node 24 on and on x64 processors with AVX2. This function sets the flag,
 * compiles the kernel at once and takes the flag back, so that other modules are compiled without it: a tenth or two of a
 * second in all. Before the kernel is used, every function of it must give the bits of the kernel of 128 bits over
 * shapes that use every path, and its products must be faster; otherwise models compute as before. What was decided is
 * returned, and returned again by further calls.
 *
 * The flags that V8 has after a call are its defaults: what the command line says of `--experimental-wasm-revectorize`,
 * `--liftoff`, `--wasm-lazy-compilation` and `--wasm-inlining` is replaced.
 *
 * Products of several rows (batches, lanes) gain most. Models that exist already stay as they are;
 * `model.kernel.vectorBits` tells of each. The environment variable `RXRNN_WIDE=0` turns it off. Only in Node.
 *
 * Throws a RangeError for another dtype, an Error where there is no Node; any other obstacle is the `reason` of an answer.
 *
 * @example
 * import { wideVectors } from 'rxrnn';
 *
 * const { bits, reason } = wideVectors();
 * console.log(reason === undefined ? bits === 256 : bits === 128); // -> true
 */
export function wideVectors(dtype: Dtype = 'float32'): WideVectors {
  checkDtype('wideVectors', 'dtype', dtype);
  let answer = known.get(dtype);
  if (!answer) {
    const reason = obstacle() ?? widen(dtype);
    known.set(dtype, (answer = { bits: reason === undefined ? 256 : 128, reason }));
  }
  return answer;
}

/** Why it is not worth trying. */
function obstacle(): string | undefined {
  const { arch, env, versions } = nodeModule('wideVectors', 'node:process') as Process;
  if (env['RXRNN_WIDE'] === '0') return 'RXRNN_WIDE is 0';
  if (!webAssembly) return 'this platform has no WebAssembly';
  if (arch !== 'x64') return `the processor must be x64, this one is ${arch}`;
  if (!(Number.parseInt(versions['node'] ?? '', 10) >= NODE) || versions['v8'] === undefined) {
    return `Node must be ${NODE} or later, this is ${versions['node']}`;
  }
  return undefined;
}

/** Has the wide kernel taken from now on; says why not where it cannot be. */
function widen(dtype: Dtype): string | undefined {
  try {
    const narrow: Compiled = { module: compile(dtype), vectorBits: 128 };
    const expected = hashes(dtype, narrow); // before the flag is set: V8 may compile functions that are called often again
    const wide: Compiled = { module: compileWide(dtype), vectorBits: 256 };
    const found = hashes(dtype, wide);
    const wrong = triedNames.filter((name) => found.get(name) !== expected.get(name));
    if (wrong.length > 0) return `functions gave other bits: ${wrong.join(', ')}`;
    if (!isFaster(dtype, wide))
      return 'products are no faster with them: the processor has no AVX2, V8 does not join vectors, or the machine is busy';
    choose(dtype, wide);
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

/** Compiles the module with the flag, and every function at once by the compiler that heeds it. */
function compileWide(dtype: Dtype): Compiled['module'] {
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
