import type { Dtype, Numbers } from '../../types.js';
import { reasonOf } from '../../check/reasonOf.js';
import { exactTables } from './exactTables.js';
import { reserveBytes } from './reserveBytes.js';
import { Unavailable } from './unavailable.js';
import { webAssembly, type WebAssemblyMemory } from './webAssembly.js';

/** Where the first array lies: after the tables and the module's own constants. */
const START = 16_384;
const PAGE = 65_536;
/** Bytes that a memory may grow to: 4 GiB, and less where the process may not have so much address space. */
const LIMITS = [4_294_967_296, 1_073_741_824, 268_435_456];
/** Bytes by which a memory grows before the garbage collector hears of it. */
const NOTICE = 1_048_576;
/** Arrays begin at multiples of a cache line. */
const LINE = 64;
/** Bytes left after each array, as vectors may be read past its end. */
const SLACK = 64;

/** Lends arrays of one memory; an array that is given back may be lent again, as part of another. */
interface Allocator {
  /** `length` zeros. */
  allocate(length: number): Numbers;
  /** `length` zeros. */
  integers(length: number): Int32Array;
  /** Takes back an array that `allocate` or `integers` gave, not a view of part of it. */
  free(array: Numbers | Int32Array): void;
}

/** One shared memory and the arrays that are laid out in it. */
export interface Arena extends Allocator {
  readonly memory: WebAssemblyMemory;
}

/** A stretch of the memory, in bytes. */
interface Block {
  at: number;
  size: number;
}

/**
 * Makes a memory that grows as arrays are asked for. It is shared, so that views stay where they are when it grows
 * and worker threads see it.
 *
 * An array takes the smallest free block that holds it, or new memory after all others. Free neighbours become one
 * block, and a free block at the end is new memory again, so that the same demand never needs more than before.
 */
export function arena(dtype: Dtype): Arena {
  const size = dtype === 'float64' ? 8 : 4;
  const { memory, limit: most } = reserveMemory();
  const ballast = [reserveBytes(NOTICE)];
  let known = NOTICE; // bytes of ballast
  exactTables(memory);
  const lent = new Map<number, number>(); // bytes by address
  const free: Block[] = []; // by address, no two of them neighbours, none at the end
  let top = START; // the end of the last block lent
  let used = START; // the end of what was ever lent: zeros follow it

  /** The address of a block of zeros that holds `bytes` and the slack. */
  function reserve(bytes: number): number {
    const needed = Math.ceil((bytes + SLACK) / LINE) * LINE;
    const { at, size } = takeFree(needed) ?? takeNew(needed);
    const written = Math.min(at + size, used);
    if (written > at) new Uint8Array(memory.buffer, at, written - at).fill(0);
    used = Math.max(used, at + size);
    lent.set(at, size);
    return at;
  }

  function takeFree(needed: number): Block | undefined {
    let best = -1;
    for (const [i, { size }] of free.entries()) {
      if (size >= needed && (best < 0 || size < free[best]!.size)) best = i;
    }
    if (best < 0) return undefined;
    const block = free[best]!;
    const rest = block.size - needed;
    if (rest * 8 < block.size)
      free.splice(best, 1); // all of it: a small rest would be of no use
    else free[best] = { at: block.at + needed, size: rest };
    return rest * 8 < block.size ? block : { at: block.at, size: needed };
  }

  function takeNew(needed: number): Block {
    const end = top + needed;
    const missing = Math.ceil((end - memory.buffer.byteLength) / PAGE);
    if (missing > 0) grow(missing, end);
    top = end;
    return { at: end - needed, size: needed };
  }

  function grow(pages: number, end: number): void {
    if (end > most) {
      throw new RangeError(`model: its numbers do not fit in the ${most / 1_048_576} MiB that a kernel can address`);
    }
    try {
      memory.grow(pages);
    } catch (cause) {
      throw new RangeError('model: the system has no memory left for its numbers', { cause });
    }
    const unknown = memory.buffer.byteLength - known;
    if (unknown < NOTICE) return;
    ballast.push(reserveBytes(unknown));
    known += unknown;
  }

  function giveBack(at: number): void {
    const size = lent.get(at);
    if (size === undefined) throw new Error('kernel: this array is not lent');
    lent.delete(at);
    let place = free.findIndex((block) => block.at > at);
    if (place < 0) place = free.length;
    free.splice(place, 0, { at, size });
    if (place > 0 && endOf(free[place - 1]!) === at) free[--place]!.size += free.splice(place + 1, 1)[0]!.size;
    const block = free[place]!;
    if (free[place + 1]?.at === endOf(block)) block.size += free.splice(place + 1, 1)[0]!.size;
    if (endOf(block) === top) top = free.pop()!.at;
  }

  return {
    memory,
    allocate(length) {
      const at = reserve(size * length);
      return size === 8 ? new Float64Array(memory.buffer, at, length) : new Float32Array(memory.buffer, at, length);
    },
    integers(length) {
      const at = reserve(4 * length);
      return new Int32Array(memory.buffer, at, length);
    },
    free: ({ byteOffset }) => giveBack(byteOffset),
  };
}

/** Bytes that memories of this process may grow to, decided by the first one; or why there can be none. */
let limit: number | Unavailable | undefined;
let reservedOnce = false;

/** A memory that can grow to `limit`. */
function reserveMemory(): { memory: WebAssemblyMemory; limit: number } {
  if (!webAssembly) throw new Unavailable('this platform has no WebAssembly');
  if (limit instanceof Unavailable) throw limit; // trying again takes a second
  limit ??= reasonableLimit();
  try {
    const memory = new webAssembly.Memory({ initial: 1, maximum: limit / PAGE, shared: true });
    reservedOnce = true;
    return { memory, limit };
  } catch (cause) {
    const reason = `no address space left for the memory of WebAssembly (${reasonOf(cause)})`;
    const advice = 'raise the limit (ulimit -v), dispose models that are no longer needed, or';
    if (reservedOnce) throw new RangeError(`model: ${reason}; ${advice} choose backend plain`, { cause });
    throw (limit = new Unavailable(`${reason}; ${advice} run node --disable-wasm-trap-handler`, cause));
  }
}

/**
 * The largest limit at which two memories would leave address space for everything else. It is probed with buffers,
 * since an engine that cannot reserve a memory whole gives it less, and says so only when the memory is to grow.
 */
function reasonableLimit(): number {
  for (const bytes of LIMITS) {
    const probes = [reserveBytes(bytes, 0), reserveBytes(bytes, 0)];
    if (probes.every((probe) => probe !== undefined)) return bytes;
  }
  return LIMITS.at(-1)!;
}

function endOf({ at, size }: Block): number {
  return at + size;
}
