import { existsSync } from 'node:fs';
import { checkRecord } from '../check/checkRecord.js';
import { reasonOf } from '../check/reasonOf.js';
import { string } from '../check/string.js';
import { callable } from '../check/callable.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { visible } from '../check/visible.js';
import { bestPath, checkpointFiles } from './checkpointFiles.js';
import { type Checkpoint, loadCheckpoint, type LoadCheckpointOptions } from './loadCheckpoint.js';

/** Makers of your own layers, and what is done about files that cannot be loaded. */
export interface LatestCheckpointOptions extends LoadCheckpointOptions {
  /** Called with the error of each newer file that could not be loaded; by default a warning of the process. */
  readonly onRefused?: ((error: Error) => void) | undefined;
}

/**
 * Loads the newest checkpoint of a folder that is whole; `undefined` where there is none yet.
 *
 * Files that are damaged or cannot be read are passed over, each reported to `onRefused`; `best.safetensors` is tried
 * last. An Error where there are checkpoints and none of them can be loaded: whether to start over is for you to decide.
 */
export function latestCheckpoint(folder: string, options: LatestCheckpointOptions = {}): Checkpoint | undefined {
  string('latestCheckpoint', 'folder', folder);
  options = checkOptions('latestCheckpoint', options, { onRefused: optional(callable), layers: optional(checkRecord) });
  const { onRefused = ({ message }) => process.emitWarning(`${message}; falling back to an older one`) } = options;
  const { layers = {} } = options;
  const best = bestPath(folder);
  const paths = [...checkpointFiles(folder).map(({ path }) => path), ...(existsSync(best) ? [best] : [])];
  let newest: unknown; // why the newest cannot be loaded
  for (const path of paths) {
    try {
      return loadCheckpoint(path, { layers });
    } catch (error) {
      newest ??= error;
      onRefused(error as Error);
    }
  }
  if (paths.length === 0) return undefined;
  throw new Error(
    `latestCheckpoint: none of the ${paths.length} checkpoints in ${visible(folder)} can be loaded; the newest: ${reasonOf(newest)}`,
    { cause: newest },
  );
}
