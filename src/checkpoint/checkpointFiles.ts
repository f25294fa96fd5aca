import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { visible } from '../check/visible.js';

/** A numbered checkpoint of a folder. */
export interface CheckpointFile {
  readonly step: number;
  readonly path: string;
}

/** Lists the numbered checkpoints of a folder, newest first; none where there is no folder. */
export function checkpointFiles(folder: string): CheckpointFile[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    if (code === 'ENOTDIR') throw new Error(`checkpoints: ${visible(folder)} is not a folder`, { cause: error });
    throw error;
  }
  return names
    .flatMap((name) => {
      const step = Number(/^checkpoint-(\d{9,15})\.safetensors$/.exec(name)?.[1] ?? NaN);
      return Number.isNaN(step) ? [] : [{ step, path: join(folder, name) }];
    })
    .toSorted((a, b) => b.step - a.step);
}

/** The path of the checkpoint of a step. */
export function checkpointPath(folder: string, step: number): string {
  return join(folder, `checkpoint-${String(step).padStart(9, '0')}.safetensors`);
}

/** The path of the checkpoint with the lowest validation loss. */
export function bestPath(folder: string): string {
  return join(folder, 'best.safetensors');
}
