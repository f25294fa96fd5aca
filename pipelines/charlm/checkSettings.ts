import { existsSync } from 'node:fs';
import { type Checkpoint, loadModel } from '../../src/index.js';
import { UsageError } from '../cli/command.js';
import type { Corpus } from './corpus.js';
import { CELL_NAMES } from './languageModel.js';
import { DECAYS } from './trainingSchedule.js';
import { RULE_NAMES } from './updateRule.js';

/** The progress of a run. */
export interface Done {
  readonly steps: number;
  readonly tokens: number;
  readonly seconds: number;
}

/**
 * Reads the progress of a saved run; an Error where its settings, its alphabet or its text differ from those of this run,
 * unless its text may have changed.
 */
export function checkSettings(
  saved: Checkpoint | undefined,
  settings: object,
  { symbols, digest }: Pick<Corpus, 'symbols' | 'digest'>,
  changed: boolean,
): Done {
  if (!saved) return { steps: 0, tokens: 0, seconds: 0 };
  const before = Object(saved.config?.['settings']) as Settings;
  const now = { ...settings };
  const different = difference(before, now, [...Object.keys(before), ...Object.keys(now)]);
  if (different !== undefined) throw new Error(`--resume: the run of ${saved.path} has ${different}`);
  if (saved.vocabulary?.symbols.join('\0') !== symbols.symbols.join('\0'))
    throw new Error(`--resume: the run of ${saved.path} was trained on a text with another alphabet`);
  if (!changed && saved.data !== undefined && saved.data !== digest)
    throw new Error(
      `--resume: the text has changed since ${saved.path} was saved (its SHA-256 is another); --data-changed goes on`,
    );
  return { steps: saved.training.step, tokens: saved.training.tokens, seconds: Number(saved.config?.['seconds'] ?? 0) };
}

/** Names of the settings of a checkpoint by the options that they come from. */
const SETTINGS: Readonly<Record<string, string>> = {
  cell: 'cell',
  hidden: 'hidden',
  embedding: 'embeddingSize',
  layers: 'layers',
  dropout: 'dropout',
  'recurrent-dropout': 'recurrentDropout',
  lanes: 'lanes',
  window: 'window',
  'learning-rate': 'rate',
  'output-dropout': 'outputDropout',
  'layer-norm': 'layerNorm',
  ngrams: 'ngrams',
  'weight-tying': 'weightTying',
  optimizer: 'optimizer',
  decay: 'decay',
  average: 'average',
  clip: 'clip',
  validation: 'validation',
  seed: 'seed',
};

/** The length of a run: one of the two. */
export interface RunLength {
  readonly steps?: number | undefined;
  readonly minutes?: number | undefined;
}

/** Refuses a length that a saved run has passed already, where its own was longer: it would be taken for complete. */
export function checkLength(saved: Checkpoint | undefined, now: RunLength, done: Done): void {
  const before = Object(saved?.config?.['options']) as RunLength;
  const isDone = ({ steps = Infinity, minutes }: RunLength): boolean =>
    minutes === undefined ? done.steps >= steps : done.seconds >= 60 * minutes;
  if (!saved || !isDone(now) || isDone(before)) return;
  const [asked, had] = [now, before].map(({ steps, minutes }) =>
    minutes === undefined ? `--steps ${steps}` : `--minutes ${minutes}`,
  );
  throw new UsageError(
    `${asked}: the run of ${saved.path} has made ${done.steps} steps in ${(done.seconds / 60).toFixed(1)} minutes; ` +
      `--resume alone continues to its ${had}`,
  );
}

/**
 * Says whether a file holds the model of a complete run, which is left alone; `now` is what this run would write into its
 * provenance. A UsageError where an option that was typed, or the text, differs.
 */
export function isComplete(path: string, now: Settings, typed: ReadonlySet<string>): boolean {
  if (!existsSync(path)) return false;
  const before = loadModel(path).provenance ?? {};
  if (before['length'] === undefined || before['stopped'] === true) return false; // of another script, or not whole
  const lengths = ['steps', 'epochs', 'minutes'].map((option) => [option, 'length'] as const);
  const compared = [...Object.entries(SETTINGS), ...lengths].filter(([option]) => typed.has(option));
  const different = difference(
    before,
    now,
    compared.map(([, name]) => name),
  );
  if (different !== undefined)
    throw new UsageError(`--resume: the complete run of ${path} has ${different}; --force begins it`);
  if (before['text'] === now['text']) return true;
  throw new UsageError(`--resume: the text has changed since ${path} was saved; --force begins another run`);
}

type Settings = Readonly<Record<string, unknown>>;

/** The first of these settings that two runs do not share, in words; undefined where there is none. */
function difference(before: Settings, now: Settings, names: readonly string[]): string | undefined {
  for (const name of names) {
    const [then, here] = [before, now].map((values) => JSON.stringify(values[name]) ?? 'none');
    if (then !== here) return `${name} ${then}, this one ${here}`;
  }
  return undefined;
}

const TEXTS: Readonly<Record<string, (value: string) => boolean>> = {
  cell: (value) => CELL_NAMES.includes(value),
  optimizer: (value) => RULE_NAMES.includes(value),
  decay: (value) => (DECAYS as readonly string[]).includes(value),
  data: () => true,
};

const FLAGS = ['layer-norm', 'weight-tying'];

/**
 * Gives the options of a run that is resumed: those that were typed, and the checkpoint's for the others. An Error where
 * the checkpoint has a value that no option can have.
 */
export function resumedOptions<O extends object>(options: O, typed: ReadonlySet<string>, saved: Checkpoint): O {
  const settings = Object(saved.config?.['settings']) as Readonly<Record<string, unknown>>;
  const others = Object(saved.config?.['options']) as Readonly<Record<string, unknown>>;
  const recorded: [option: string, value: unknown][] = [
    ...Object.entries(SETTINGS).map(([option, name]): [string, unknown] => [option, settings[name]]),
    ['data', others['data']],
    ...(['steps', 'epochs', 'minutes'].some((name) => typed.has(name)) ? [] : ['steps', 'minutes']).map(
      (name): [string, unknown] => [name, others[name]],
    ),
  ];
  const known = recorded.filter(([option, value]) => !typed.has(option) && value !== undefined);
  for (const [option, value] of known) {
    const isText = TEXTS[option];
    const allowed = isText
      ? typeof value === 'string' && isText(value)
      : FLAGS.includes(option)
        ? value === true
        : typeof value === 'number' && value >= 0;
    if (!allowed) throw new Error(`--resume: ${saved.path} has a damaged setting: ${option}`);
  }
  return { ...options, ...Object.fromEntries(known) };
}
