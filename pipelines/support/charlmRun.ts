import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Checkpoint, loadCheckpoint, type Model, type Vocabulary } from '../../src/index.js';

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

/** Takes away the checkpoints of a folder, and the folder where nothing else is in it. */
export function dropFolder(folder: string): void {
  for (const name of readdirSync(folder))
    if (/^(checkpoint-\d+|best)\.safetensors$/.test(name)) rmSync(join(folder, name));
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}
