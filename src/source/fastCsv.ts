import { createRequire } from 'node:module';
import type * as FastCsv from 'fast-csv';

const require = createRequire(import.meta.url);

/** fast-csv, loaded when a CSV is first read: importing it took as long as the rest of the library. */
export function fastCsv(): typeof FastCsv {
  return require('fast-csv') as typeof FastCsv;
}
