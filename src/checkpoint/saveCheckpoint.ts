import { unlinkSync } from 'node:fs';
import { checkpointFiles, checkpointPath } from './checkpointFiles.js';
import type { Snapshot } from './snapshot.js';
import { writeCheckpoint } from './writeCheckpoint.js';

/** How many checkpoints stay. */
export interface SaveCheckpointOptions {
  /** How many checkpoints of the folder stay, the newest by their steps; 3 by default. */
  readonly keep?: number;
}

/**
 * Writes a snapshot to `checkpoint-STEP.safetensors` in a folder, whole or not at all, and then removes the oldest
 * beyond the last `keep`; returns the path.
 *
 * The file has reached the disk when this returns. On an error, which names the path, the older ones are as they were;
 * one that only failed to be removed is tried again at the next save. RangeError where a number is not finite.
 */
export function saveCheckpoint(folder: string, snapshot: Snapshot, { keep = 3 }: SaveCheckpointOptions = {}): string {
  if (!(Number.isInteger(keep) && keep >= 1)) {
    throw new RangeError(`saveCheckpoint: keep must be an integer from 1 up, got ${keep}`);
  }
  const { step } = snapshot.training;
  const path = checkpointPath(folder, step);
  writeCheckpoint(path, snapshot);
  try {
    const older = checkpointFiles(folder).filter((file) => file.step < step);
    for (const { path } of older.slice(keep - 1)) unlinkSync(path);
  } catch {
    // The new one is safe, which is what was asked for.
  }
  return path;
}
