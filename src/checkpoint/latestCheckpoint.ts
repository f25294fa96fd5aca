import { existsSync } from 'node:fs';
import { bestPath, checkpointFiles } from './checkpointFiles.js';
import { type Checkpoint, loadCheckpoint } from './loadCheckpoint.js';

/** What becomes of files that are passed over. */
export interface LatestCheckpointOptions {
  /** Called with the error of each newer file that could not be loaded; by default a warning of the process. */
  readonly onRefused?: (error: Error) => void;
}

/**
 * The newest checkpoint of a folder that is whole, found by reading; `undefined` where there is none yet.
 *
 * Files that are damaged or cannot be read are passed over, each said by `onRefused`; last of all `best.safetensors` is
 * tried. An Error where there are checkpoints and none of them can be loaded: beginning anew is not for us to decide.
 */
export function latestCheckpoint(folder: string, options: LatestCheckpointOptions = {}): Checkpoint | undefined {
  const { onRefused = ({ message }) => process.emitWarning(`${message}; falling back to an older one`) } = options;
  const best = bestPath(folder);
  const paths = [...checkpointFiles(folder).map(({ path }) => path), ...(existsSync(best) ? [best] : [])];
  for (const path of paths) {
    try {
      return loadCheckpoint(path);
    } catch (error) {
      onRefused(error as Error);
    }
  }
  if (paths.length === 0) return undefined;
  throw new Error(`latestCheckpoint: none of the ${paths.length} checkpoints in ${folder} can be loaded`);
}
