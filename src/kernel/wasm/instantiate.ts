import type { Dtype } from '../../types.js';
import { compile } from './compile.js';
import type { Name } from './interface.js';
import { webAssembly, type WebAssemblyMemory, type WebAssemblyModule } from './webAssembly.js';

/** The module's functions by name: they take addresses in bytes and counts, and return a number or nothing. */
export type Exports = Readonly<Record<Name, (...args: number[]) => number>>;

/** A compiled module, and the bits of the vectors that it computes with. */
export interface Compiled {
  readonly module: WebAssemblyModule;
  readonly vectorBits: 128 | 256;
}

/** A module on a memory. */
export interface Instance extends Compiled {
  /** What it was made with; a thread makes its own with the same. */
  readonly imports: { readonly memory: WebAssemblyMemory; readonly wide: number };
  readonly exports: Exports;
}

const chosen = new Map<Dtype, Compiled>();

/** The module of a dtype, compiled when it is first asked for, on a memory. */
export function instantiate(dtype: Dtype, memory: WebAssemblyMemory): Instance {
  let compiled = chosen.get(dtype);
  if (!compiled) chosen.set(dtype, (compiled = { module: compile(dtype), vectorBits: 128 }));
  return instanceOf(compiled, memory);
}

/** Has `instantiate` take this module from now on. */
export function choose(dtype: Dtype, compiled: Compiled): void {
  chosen.set(dtype, compiled);
}

/** Any module on a memory. */
export function instanceOf(compiled: Compiled, memory: WebAssemblyMemory): Instance {
  const imports = { memory, wide: compiled.vectorBits === 256 ? 1 : 0 };
  const { exports } = new webAssembly!.Instance(compiled.module, { env: imports });
  return { ...compiled, imports, exports: exports as Exports };
}
