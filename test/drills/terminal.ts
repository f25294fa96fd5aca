import * as fc from 'fast-check';
import { hostile, steers } from '../check/hostile.js';
import { printedPaths } from '../pipelines/printedPaths.js';

/** Texts that try to steer the terminal, through each path on which a script prints a text of others: none gets out. */
export function terminal(runs: number, seed: number): Promise<Readonly<Record<string, number>>> {
  for (const [name, [print, allowed]] of Object.entries(printedPaths)) {
    const safe = fc.property(hostile, (text) => {
      if (steers(print(text), allowed)) throw new Error(`${name} prints ${JSON.stringify(print(text))}`);
    });
    fc.assert(safe, { numRuns: runs, seed });
  }
  return Promise.resolve({ paths: Object.keys(printedPaths).length, 'control characters': 0 });
}
