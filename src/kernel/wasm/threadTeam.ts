import type { Arena } from './arena.js';
import type { Exports, Instance } from './instantiate.js';

/** The module on a memory: what a team of threads works with. */
export interface ModuleInstance extends Arena, Instance {
  /** Bytes of a number. */
  readonly size: number;
}

/** The threads that carry out the module's functions: this one alone, or several that share each large call. */
export interface ThreadTeam {
  /** Whether this thread is the only one. */
  readonly single: boolean;
  /** The module's functions as the team carries them out: each returns when all of its work is done. */
  readonly functions: Exports;
  /** Gives each thread a scratch buffer of its own of at least so many bytes. */
  needScratch(bytes: number): void;
  /** Ends its other threads; calls after it run on this thread alone. */
  close(): void;
}
