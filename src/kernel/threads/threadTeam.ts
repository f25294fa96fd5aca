import type { Allocator } from '../wasm/arena.js';
import type { Exports } from '../wasm/instantiate.js';
import type { WebAssemblyMemory, WebAssemblyModule } from '../wasm/webAssembly.js';

/** What a crew works with. */
export interface ModuleInstance extends Allocator {
  readonly module: WebAssemblyModule;
  readonly memory: WebAssemblyMemory;
  readonly exports: Exports;
  /** Bytes of a number. */
  readonly size: number;
}

/** Those who carry out the module's functions: this thread, or several that share the rows of each large call. */
export interface ThreadTeam {
  /** This thread is the only one. */
  readonly alone: boolean;
  /** The module's functions, each of which returns when all of its work is done. */
  readonly exports: Exports;
  /** Gives each thread a scratch buffer of its own of at least so many bytes. */
  needScratch(bytes: number): void;
  /** Ends its other threads; calls after it run on this thread alone. */
  close(): void;
}
