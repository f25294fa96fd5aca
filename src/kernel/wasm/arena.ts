import type { Dtype, Numbers } from '../../types.js';
import { expTables } from '../math/expPair.js';
import { logTables } from '../math/log.js';
import { webAssembly, type WebAssemblyMemory } from './webAssembly.js';

/** Where the tables of the module's double precision functions lie; see assembly/exact.ts. */
const TABLES = 1024;
/** Where the first array lies: behind the tables and the module's own constants. */
const START = 16_384;
const PAGE = 65_536;
/** 4 GiB, in pages. */
const MOST = 65_536;
/** Left free behind each array, as vectors may be read past its end. */
const SLACK = 64;

/** One shared memory and the arrays laid out in it, one after another, never given back. */
export interface Arena {
  readonly memory: WebAssemblyMemory;
  /** `length` zeros. */
  allocate(length: number): Numbers;
  integers(length: number): Int32Array;
}

/**
 * Makes a memory that grows as arrays are asked for. It is shared, so that views stay where they are when it grows
 * and worker threads see it.
 */
export function arena(dtype: Dtype): Arena {
  const memory = new webAssembly!.Memory({ initial: 1, maximum: MOST, shared: true });
  for (const [i, table] of [...expTables, ...logTables].entries()) {
    new Float64Array(memory.buffer, TABLES + i * 1024, 128).set(table);
  }
  let top = START;
  function reserve(bytes: number): number {
    const at = top;
    top = Math.ceil((at + bytes + SLACK) / 64) * 64;
    const missing = Math.ceil((top - memory.buffer.byteLength) / PAGE);
    if (missing > 0) {
      if (top > MOST * PAGE)
        throw new RangeError('model: its numbers do not fit in the 4 GiB that a kernel can address');
      memory.grow(missing);
    }
    return at;
  }
  return {
    memory,
    allocate(length) {
      const size = dtype === 'float64' ? 8 : 4;
      const at = reserve(size * length);
      return size === 8 ? new Float64Array(memory.buffer, at, length) : new Float32Array(memory.buffer, at, length);
    },
    integers(length) {
      const at = reserve(4 * length);
      return new Int32Array(memory.buffer, at, length);
    },
  };
}
