import { expTables } from '../math/expPair.js';
import { logTables } from '../math/log.js';
import type { WebAssemblyMemory } from './webAssembly.js';

/** Where the tables of the module's double precision functions lie; see assembly/exact.ts. */
const TABLES = 1024;

/** Writes the tables that the module's functions in double precision read. */
export function exactTables(memory: WebAssemblyMemory): void {
  for (const [i, table] of [...expTables, ...logTables].entries()) {
    new Float64Array(memory.buffer, TABLES + i * 1024, 128).set(table);
  }
}
