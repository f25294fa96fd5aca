import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Checkpoint, loadCheckpoint, type Model, type Vocabulary } from '../../src/index.js';
import { checkWritable } from '../cli/checkWritable.js';
import { UsageError } from '../cli/command.js';

export interface Done {
  readonly steps: number;
  readonly tokens: number;
  readonly seconds: number;
}

/** What the run of a checkpoint has behind it; an Error where its settings or its alphabet are not those of this one. */
export function checkSettings(saved: Checkpoint | undefined, settings: object, symbols: Vocabulary): Done {
  if (!saved) return { steps: 0, tokens: 0, seconds: 0 };
  const before = new Map<string, unknown>(Object.entries(Object(saved.config?.['settings'])));
  const now = new Map<string, unknown>(Object.entries(settings).filter(([, value]) => value !== undefined));
  for (const name of new Set([...before.keys(), ...now.keys()])) {
    const [then, here] = [before, now].map((values) => (values.has(name) ? JSON.stringify(values.get(name)) : 'none'));
    if (then !== here) throw new Error(`--resume: the run of ${saved.path} has ${name} ${then}, this one ${here}`);
  }
  if (saved.vocabulary?.symbols.join('\0') !== symbols.symbols.join('\0'))
    throw new Error(`--resume: the run of ${saved.path} learned a text of another alphabet`);
  return { steps: saved.training.step, tokens: saved.training.tokens, seconds: Number(saved.config?.['seconds'] ?? 0) };
}

export interface Best {
  readonly model: Model;
  readonly step: number;
  /** Nats a character of the held-out text. */
  readonly validation: number;
}

/** The better of two: the model as it is now, and the best that was validated on the way. */
export function betterOf(now: Best, folder: string): Best {
  const path = join(folder, 'best.safetensors');
  if (!existsSync(path)) return now;
  const { model, validations } = loadCheckpoint(path);
  const { step, loss } = validations.at(-1)!;
  return loss < now.validation ? { model, step, validation: loss } : now;
}

const CHECKPOINT = /^(checkpoint-\d+|best)\.safetensors$/;

/**
 * Refuses a folder of checkpoints before anything is read: one to resume from that has none, one to begin in that has
 * some, and one that cannot be written. A folder that is still empty when the process ends is taken away.
 */
export function checkFolder(folder: string, resume: boolean): void {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found && !found.isDirectory()) throw new UsageError(`--checkpoint ${folder}: is no folder`);
  const begun = found !== undefined && readdirSync(folder).some((name) => CHECKPOINT.test(name));
  if (resume && !begun) throw new UsageError(`--resume: ${folder} holds no checkpoint`);
  if (begun && !resume)
    throw new UsageError(`${folder} holds a run: --resume goes on with it, another --checkpoint begins one`);
  if (!found) {
    made(folder);
    process.once('exit', () => dropEmpty(folder));
  }
  checkWritable(join(folder, 'best.safetensors'), '--checkpoint');
}

function made(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new Error(`--checkpoint ${folder} cannot be made: ${(cause as Error).message}`, { cause });
  }
}

/** Takes away the checkpoints of a folder, and the folder where nothing else is in it. */
export function dropFolder(folder: string): void {
  for (const name of readdirSync(folder)) if (CHECKPOINT.test(name)) rmSync(join(folder, name));
  dropEmpty(folder);
}

function dropEmpty(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
}
