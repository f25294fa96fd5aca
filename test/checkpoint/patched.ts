import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

export const original: typeof fs = { ...fs };

/** Runs with some functions of `node:fs` replaced, in the modules that imported them by name too. */
export function patched(replacements: Record<string, unknown>, run: () => void): void {
  Object.assign(fs, replacements);
  syncBuiltinESMExports();
  try {
    run();
  } finally {
    const names = Object.keys(replacements) as (keyof typeof fs)[];
    for (const name of names) Object.assign(fs, { [name]: original[name] });
    syncBuiltinESMExports();
  }
}
