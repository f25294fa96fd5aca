import { existsSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Renames the file of a state, and the marks beside it, to a name with the time in UTC, which `--state` can be given to continue
 * it; returns that name.
 */
export function setAside(path: string, now: Date = new Date()): string {
  const stamp = now.toISOString().slice(0, 19).replaceAll(':', '-');
  let name = `${path}.${stamp}`;
  for (let i = 2; existsSync(name); i++) name = `${path}.${stamp}-${i}`;
  renameSync(path, name);
  const marks = marksOf(path);
  if (existsSync(marks)) renameSync(marks, marksOf(name));
  return name;
}

function marksOf(path: string): string {
  return join(dirname(path), `.${basename(path).slice(0, 200)}.mark`);
}
