// Trains the small models in data/models/, to the same bytes on every machine: `npm run models`, and with `-- --verify`
// it trains them again and compares.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lastValueFrom, type Observable, repeat, take } from 'rxjs';
import {
  adam,
  cosineDecay,
  type Model,
  progress,
  pull,
  type Random,
  saveModel,
  seeded,
  type Token,
  train,
  type Vocabulary,
  vocabularyOf,
  windows,
} from '../../src/index.js';
import { command } from '../cli/command.js';
import { readCorpus } from '../charlm/corpus.js';
import { languageModel, measured, sampleText } from '../charlm/languageModel.js';
import { mobyDick } from '../charlm/mobyDick.js';
import { readNames } from '../article/readNames.js';
import { bundledModelPath } from './bundledModelPath.js';

interface Recipe {
  readonly data: string;
  readonly symbols: Vocabulary;
  /** Interleaved, without end. */
  readonly token$: Observable<Token>;
  readonly heldOut: Int32Array;
  readonly lanes: number;
  readonly window: number;
  readonly hidden: number;
  readonly steps: number;
  readonly learningRate: number;
}

const NAMES = fileURLToPath(new URL('../../data/dinosaurs.csv', import.meta.url));

await command(import.meta.url, {
  about:
    'Trains the models in data/models/: names.safetensors of data/dinosaurs.csv, english.safetensors of Moby-Dick.',
  options: {
    only: { kind: 'text', choices: ['names', 'english'], help: 'one of the two' },
    verify: { kind: 'flag', help: 'compare the bytes with those of the files, and leave these alone' },
    seed: { kind: 'seed', help: 'seed of weights and order', initial: 0 },
  },
  async run({ only, verify, seed }) {
    if (only !== 'english') await make('names', await names(seed), { seed, verify });
    if (only !== 'names') await make('english', await english(), { seed, verify });
  },
});

async function make(
  name: 'names' | 'english',
  recipe: Recipe,
  { seed, verify }: { readonly seed: number; readonly verify: boolean },
): Promise<void> {
  const started = performance.now();
  const model = await learn(recipe, seeded(seed));
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const { loss, tokens } = await measured(model, recipe.heldOut);
  const { data, steps, symbols } = recipe;
  const provenance = { data, seed, steps, validationLoss: loss };
  const figures = `${loss.toFixed(4)} nats · ${(loss / Math.LN2).toFixed(4)} bits on ${tokens} characters held out`;
  console.log(`${name}: ${figures} after ${steps} steps, ${seconds} s`);
  console.log(JSON.stringify(sampleText(model, symbols, `${seed}`, 300)));
  const path = bundledModelPath(name);
  if (!verify) return saveModel(path, model, { vocabulary: symbols, provenance });
  const folder = mkdtempSync(join(tmpdir(), 'rxrnn-models-'));
  const again = join(folder, 'again.safetensors');
  saveModel(again, model, { vocabulary: symbols, provenance });
  const same = readFileSync(again).equals(readFileSync(path));
  rmSync(folder, { recursive: true });
  if (!same) throw new Error(`${path} has other bytes`);
  console.log(`${name}: the same bytes`);
}

/** Names a line, in orders of their own in every lane; a tenth of them is held out. */
async function names(seed: number): Promise<Recipe> {
  const list = (await readNames(NAMES)).map((name) => `${name.toLowerCase()}\n`);
  const symbols = vocabularyOf([...new Set(list.join(''))].toSorted());
  const encoded = list.map((name) => Array.from(name, (letter) => symbols.token(letter)!));
  const shuffled = [...seeded(`${seed} held out`).permutation(encoded.length)].map((i) => encoded[i]!);
  const cut = Math.floor(shuffled.length / 10);
  const lanes = 16;
  return {
    data: basename(NAMES),
    symbols,
    heldOut: Int32Array.from(shuffled.slice(0, cut).flat()),
    token$: pull(() => nameLanes(shuffled.slice(cut), lanes, seed)),
    lanes,
    window: 25,
    hidden: 64,
    steps: 1200,
    learningRate: 0.005,
  };
}

function* nameLanes(names: readonly Token[][], lanes: number, seed: number): Generator<Token> {
  const streams = Array.from({ length: lanes }, (_, lane) => endless(names, seeded(`${seed} lane ${lane}`)));
  for (;;) for (const stream of streams) yield stream.next().value;
}

function* endless(names: readonly Token[][], random: Random): Generator<Token, never> {
  for (;;) for (const i of random.permutation(names.length)) yield* names[i]!;
}

/** Text of the keyboard's symbols, one of which stands for all others: what log files are read with, too. */
async function english(): Promise<Recipe> {
  const printable = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i));
  const symbols = vocabularyOf(['\t', '\n', ...printable, '—', '\uFFFD'], { unknown: '\uFFFD' });
  const path = mobyDick();
  const { heldOut, lanes } = await readCorpus(path, 0.1, symbols);
  const token$ = lanes({ lanes: 16 }).pipe(repeat());
  const sizes = { lanes: 16, window: 50, hidden: 96, steps: 8000, learningRate: 0.005 };
  return { data: basename(path), symbols, heldOut, token$, ...sizes };
}

async function learn(recipe: Recipe, random: Random): Promise<Model> {
  const { symbols, token$, lanes, window, hidden, steps, learningRate } = recipe;
  const model = languageModel({ cell: 'lstm', symbols, hidden, random });
  const schedule = cosineDecay({ learningRate, steps, warmupSteps: 50 });
  await lastValueFrom(
    token$.pipe(
      windows({ steps: window, lanes }),
      train(model, { optimizer: adam({ learningRate: schedule }) }),
      take(steps),
      progress(({ step, loss }) => `step ${step} of ${steps} · ${loss.toFixed(3)} nats`),
    ),
  );
  return model;
}
