import { readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { leftTemporaries } from './leftTemporaries.js';
import { removeLeft } from './removeLeft.js';
import { temporaryName } from './temporaryName.js';

/** Names in a folder that are listed for each write: about a millisecond, which is less than the way to the disk takes. */
const FEW = 1000;

/** Folders with more names, which this process has listed once. */
const large = new Set<string>();

/**
 * Removes the hidden temporary files that killed processes have left of one file, before it is written again. In a folder
 * with many files that is done once: who writes a hundred thousand does not list them a hundred thousand times.
 */
export function sweepTarget(target: string): void {
  const folder = dirname(target);
  if (large.has(folder)) return;
  try {
    const names = readdirSync(folder);
    if (names.length > FEW) large.add(folder);
    removeLeft(leftTemporaries(folder, temporaryName(basename(target), true), names));
  } catch {
    // A folder may be one that is not to be listed: they only take up room.
  }
}
