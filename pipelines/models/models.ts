// Trains the small models in data/models/, with the same bytes on every machine: `npm run models`; `-- --verify` trains
// them again and compares the bytes.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { lastValueFrom, type Observable, repeat, take, tap } from 'rxjs';
import {
  bundledFile,
  adam,
  clipGradNorm,
  cosineDecay,
  type HalfDtype,
  type Model,
  modelBytes,
  progress,
  pull,
  type Random,
  readModel,
  saveModel,
  seeded,
  type Token,
  train,
  validate,
  visible,
  type Vocabulary,
  vocabularyOf,
  windows,
} from '../../src/index.js';
import { command, NO_WIDE } from '../cli/command.js';
import { print } from '../cli/print.js';
import { say } from '../cli/say.js';
import { readCorpus } from '../charlm/corpus.js';
import { evaluateHeldOut, heldOutWindows, languageModel, sampleText } from '../charlm/languageModel.js';
import { mobyDick } from '../data/mobyDick.js';
import { readNames } from '../data/readNames.js';
import { bundledModelPath } from './bundledModelPath.js';
import { keyboardSymbols, OTHER } from './keyboardSymbols.js';

/** How one of the models is trained. */
interface Recipe {
  readonly data: string;
  readonly symbols: Vocabulary;
  /** Lanes interleaved, without end. */
  readonly token$: Observable<Token>;
  readonly heldOut: Int32Array;
  readonly lanes: number;
  readonly window: number;
  readonly hidden: number;
  readonly recurrentDropout?: number;
  readonly steps: number;
  readonly learningRate: number;
  /** The largest gradient norm; without it gradients are as they come. */
  readonly clip?: number;
  /** How the file has its weights; in float32 without it. */
  readonly dtype?: HalfDtype;
}

const NAMES = bundledFile('dinosaurs.csv');
/** Steps between two looks at the held-out text. */
const VALIDATED = 2000;

await command(import.meta.url, {
  about:
    'Trains the models in data/models/: names.safetensors on data/dinosaurs.csv, english.safetensors on Moby-Dick.',
  options: {
    only: { kind: 'text', choices: ['names', 'english'], help: 'train one of the two' },
    verify: { kind: 'flag', help: 'compare the bytes with those of the files, and leave the files unchanged' },
    'no-wide': NO_WIDE,
    seed: { kind: 'seed', help: 'seed of weights and order', initial: 0 },
  },
  async run({ only, verify, seed }) {
    if (only !== 'english') await makeModel('names', await names(seed), { seed, verify });
    if (only !== 'names') await makeModel('english', await english(), { seed, verify });
  },
});

/** Trains a model and saves it, or compares it with the file. */
async function makeModel(
  name: 'names' | 'english',
  recipe: Recipe,
  { seed, verify }: { readonly seed: number; readonly verify: boolean },
): Promise<void> {
  const started = performance.now();
  const model = await learn(recipe, seeded(seed));
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const { data, steps, symbols, dtype } = recipe;
  const saved = readModel(modelBytes(model, { dtype })).model; // with its weights as the file has them
  const { loss, tokens } = await evaluateHeldOut(saved, recipe.heldOut);
  const provenance = { data, seed, steps, validationLoss: loss };
  const figures = `${loss.toFixed(4)} nats · ${(loss / Math.LN2).toFixed(4)} bits on ${tokens} characters held out`;
  print(`${name}: ${figures} after ${steps} steps, ${seconds} s`);
  console.log(visible(JSON.stringify(sampleText(saved, symbols, `${seed}`, 300))));
  const path = bundledModelPath(name);
  const contents = { vocabulary: symbols, provenance, dtype };
  if (!verify) return saveModel(path, model, contents);
  const folder = mkdtempSync(join(tmpdir(), 'rxrnn-models-'));
  const again = join(folder, 'again.safetensors');
  saveModel(again, model, contents);
  const same = readFileSync(again).equals(readFileSync(path));
  rmSync(folder, { recursive: true });
  if (!same) throw new Error(`${path} has different bytes`);
  print(`${name}: the same bytes`);
}

/** Names, each with its line end, in a different order in each lane; a tenth of them is held out. */
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

/** Text over the symbols of a keyboard and one for all others, so that log files can be read too. */
async function english(): Promise<Recipe> {
  const symbols = vocabularyOf([...keyboardSymbols(), '—', OTHER], { unknown: OTHER });
  const path = mobyDick();
  const { heldOut, lanes } = await readCorpus(path, 0.1, symbols);
  const token$ = lanes({ lanes: 16 }).pipe(repeat());
  const sizes = { lanes: 16, window: 64, hidden: 280, recurrentDropout: 0.3 };
  const training = { steps: 13_000, learningRate: 0.005, clip: 5, dtype: 'float16' } as const;
  return { data: basename(path), symbols, heldOut, token$, ...sizes, ...training };
}

async function learn(recipe: Recipe, random: Random): Promise<Model> {
  const { symbols, token$, lanes, window, hidden, steps, learningRate, clip, heldOut } = recipe;
  const { recurrentDropout = 0 } = recipe;
  const model = languageModel({ cell: 'lstm', symbols, hidden, recurrentDropout, random });
  const schedule = cosineDecay({ learningRate, steps, warmupSteps: 50 });
  await lastValueFrom(
    token$.pipe(
      windows({ steps: window, lanes }),
      train(model, {
        optimizer: adam({ learningRate: schedule }),
        ...(clip !== undefined && { clip: clipGradNorm(clip) }),
        ...(recurrentDropout > 0 && { dropoutRandom: random }),
      }),
      take(steps),
      validate(model, () => heldOutWindows(heldOut), { every: VALIDATED }),
      tap(({ step, validation }) => {
        if (validation) say(`step ${step}: ${validation.loss.toFixed(4)} nats held out`);
      }),
      progress(({ step, loss }) => `step ${step} of ${steps} · ${loss.toFixed(3)} nats`),
    ),
  );
  return model;
}
