import type { Checkpoint, Vocabulary } from '../../src/index.js';

/** The progress of a run. */
export interface Done {
  readonly steps: number;
  readonly tokens: number;
  readonly seconds: number;
}

/** Reads the progress of a saved run; an Error where its settings or its alphabet differ from those of this run. */
export function checkSettings(saved: Checkpoint | undefined, settings: object, symbols: Vocabulary): Done {
  if (!saved) return { steps: 0, tokens: 0, seconds: 0 };
  const before = new Map<string, unknown>(Object.entries(Object(saved.config?.['settings'])));
  const now = new Map<string, unknown>(Object.entries(settings).filter(([, value]) => value !== undefined));
  for (const name of new Set([...before.keys(), ...now.keys()])) {
    const [then, here] = [before, now].map((values) => (values.has(name) ? JSON.stringify(values.get(name)) : 'none'));
    if (then !== here) throw new Error(`--resume: the run of ${saved.path} has ${name} ${then}, this one ${here}`);
  }
  if (saved.vocabulary?.symbols.join('\0') !== symbols.symbols.join('\0'))
    throw new Error(`--resume: the run of ${saved.path} was trained on a text with another alphabet`);
  return { steps: saved.training.step, tokens: saved.training.tokens, seconds: Number(saved.config?.['seconds'] ?? 0) };
}
