import { existsSync } from 'node:fs';

/** Finds a name under which no run has left a file with one of these ends: `studio`, else `studio-2`, `studio-3`, … */
export function freeName(name: string, ends: readonly string[]): string {
  for (let n = 1; ; n++) {
    const next = n === 1 ? name : `${name}-${n}`;
    if (!ends.some((end) => existsSync(next + end))) return next;
  }
}
