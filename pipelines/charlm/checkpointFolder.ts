// The folder in which charlm.ts keeps its checkpoints: checked before a run, searched for the best model, removed at
// the end.
import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { loadCheckpoint, type Model } from '../../src/index.js';
import { checkFolder } from '../cli/checkFolder.js';
import { checkWritable } from '../cli/checkWritable.js';
import { UsageError } from '../cli/command.js';
import type { UpdateRule } from './updateRule.js';

/** A model of the run with its loss on the held-out text. */
export interface Best {
  readonly model: Model;
  readonly step: number;
  /** Nats per character. */
  readonly validation: number;
}

/**
 * Chooses between the model at the end of the run and the best one validated on the way, which is an average of weights
 * where `learning`, the rule of the run, keeps one.
 */
export function betterOf(now: Best, folder: string, learning: (model: Model) => UpdateRule): Best {
  const path = join(folder, 'best.safetensors');
  if (!existsSync(path)) return now;
  const { model, validations, training } = loadCheckpoint(path);
  const { step, loss } = validations.at(-1)!;
  if (!(loss < now.validation)) return now;
  const { optimizer, learned } = learning(model);
  if (learned !== model) optimizer.restore(model, training.optimizer);
  return { model: learned, step, validation: loss };
}

const CHECKPOINT = /^(checkpoint-\d+|best)\.safetensors$/;

/**
 * Checks a folder of checkpoints before anything is read, and tells whether it holds a run. Refuses to start a run in one
 * that has some unless it is resumed, and to use one that cannot be written. A new folder that is empty when the process
 * ends is removed.
 */
export function checkCheckpointFolder(folder: string, resume: boolean): boolean {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found && !found.isDirectory()) throw new UsageError(`--checkpoint ${folder}: is not a folder`);
  const begun = found !== undefined && readdirSync(folder).some((name) => CHECKPOINT.test(name));
  if (begun && !resume)
    throw new UsageError(`${folder} holds a run: --resume continues it, another --checkpoint starts a new one`);
  if (!found) {
    checkFolder(folder, '--checkpoint');
    makeFolder(folder);
    process.once('exit', () => removeIfEmpty(folder));
  }
  checkWritable(join(folder, 'best.safetensors'), '--checkpoint');
  return begun;
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new Error(`--checkpoint ${folder} cannot be created: ${(cause as Error).message}`, { cause });
  }
}

/** Removes the checkpoints of a folder, and the folder if it is then empty. */
export function removeCheckpoints(folder: string): void {
  for (const name of readdirSync(folder)) if (CHECKPOINT.test(name)) rmSync(join(folder, name));
  removeIfEmpty(folder);
}

function removeIfEmpty(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
}
