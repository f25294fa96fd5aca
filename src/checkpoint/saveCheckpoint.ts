import { unlinkSync } from 'node:fs';
import { anything } from '../check/anything.js';
import { checkRecord } from '../check/checkRecord.js';
import { checkTrainingState } from '../learn/checkTrainingState.js';
import { string } from '../check/string.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import type { LayerMakers } from '../model/buildModel.js';
import { checkpointFiles, checkpointPath } from './checkpointFiles.js';
import type { Snapshot } from './snapshot.js';
import { writeCheckpoint } from './writeCheckpoint.js';

/** How many checkpoints stay, and makers of your own layers. */
export interface SaveCheckpointOptions {
  /** How many checkpoints of the folder stay, the newest by their steps; 3 by default. */
  readonly keep?: number | undefined;
  /** Makers of your own layers by their kind, where the model has any: those that `loadCheckpoint` will need. */
  readonly layers?: LayerMakers | undefined;
}

/**
 * Writes a snapshot to `checkpoint-STEP.safetensors` in a folder, whole or not at all, and then removes the oldest
 * beyond the last `keep`; returns the path.
 *
 * The file has reached the disk when this returns. On an error, which names the path, the older ones are as they were;
 * one that could not be removed is tried again at the next save. A RangeError where a number is not finite, an Error for
 * a model that `loadCheckpoint` could not build and for what it could not read back, such as settings that are not JSON.
 */
export function saveCheckpoint(folder: string, snapshot: Snapshot, options: SaveCheckpointOptions = {}): string {
  string('saveCheckpoint', 'folder', folder);
  snapshot = checkOptions('saveCheckpoint', snapshot, {
    training: checkTrainingState,
    scaling: anything,
    vocabulary: anything, // these are read back before the file is written
    place: anything,
    randoms: anything,
    losses: anything,
    validations: anything,
    nextLoss: anything,
    data: anything,
    config: anything,
  });
  options = checkOptions('saveCheckpoint', options, { keep: optional(positiveInteger), layers: optional(checkRecord) });
  const { keep = 3, layers = {} } = options;
  return writeNumbered('saveCheckpoint', folder, snapshot, keep, layers);
}

/** `saveCheckpoint` for `who`, whose arguments have been checked. */
export function writeNumbered(
  who: string,
  folder: string,
  snapshot: Snapshot,
  keep: number,
  layers: LayerMakers,
): string {
  const { step } = snapshot.training;
  const path = checkpointPath(folder, step);
  writeCheckpoint(who, path, snapshot, layers);
  try {
    const older = checkpointFiles(folder).filter((file) => file.step < step);
    for (const { path } of older.slice(keep - 1)) unlinkSync(path);
  } catch {
    // The new one is safe, and that is what was asked for.
  }
  return path;
}
