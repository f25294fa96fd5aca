// The article's seven systems as short runs of their pipelines' models. Their inputs are streams that a recording keeps
// and replays. test/recordings holds a recording of each; `npm run record` rewrites them.
import { from, map, pipe, range, scan, take, tap } from 'rxjs';
import {
  bundledFile,
  adam,
  clipGradValue,
  crossEntropy,
  hiddenState,
  type Model,
  numpyRandom,
  outputs,
  scaleLoss,
  sequences,
  sgd,
  squaredError,
  torchRandom,
  unroll,
  vocabularyOf,
  type Window,
} from '../../src/index.js';
import { additionModel, additionWindow } from '../article/additions.js';
import { article } from '../article/articleNames.js';
import { articleSample, articleText } from '../article/articleSample.js';
import { helloModel, karpathyModel, karpathyOptimizer, type Variant } from '../article/helloNetworks.js';
import { readNames } from '../data/readNames.js';
import { readPairs } from '../article/readPairs.js';
import { srnModel } from '../article/srn.js';
import { recordTraining, type System, system } from './system.js';
import { lexicon, translationWindow, translator, type WordPair } from '../article/translation.js';

/** Systems 1 and 2: one step at a time through weights of one. */
function srn(nonlinearity: 'identity' | 'tanh'): System<unknown> {
  const model = srnModel(nonlinearity, { w: Array<number>(8).fill(1), u: Array<number>(4).fill(1) });
  return system<number[]>({
    about: { system: nonlinearity === 'tanh' ? 'srn-tanh' : 'srn-linear', weights: 1 },
    model,
    inputs$: from([...[1, 1, 2].map((x) => [x, x]), [0, 0.5], [-0.25, 1]]),
    pipeline: (run) =>
      pipe(
        scan((before, input) => model.step(Float64Array.from(input), before.state), {
          output: { shape: [], data: new Float64Array(0) },
          state: model.zeroState(),
        } as ReturnType<Model['step']>),
        tap(({ state }) => run.mark('states', [...state.values()][0]!.data)),
        map(({ output }) => output.data),
        run.record('outputs'),
      ),
  });
}

/** System 3: the same sequence as one window through the layer. */
function srnLayer(): System<unknown> {
  const model = srnModel('tanh', { w: Array<number>(8).fill(1), u: Array<number>(4).fill(1) });
  const numbers = Float64Array.of(1, 1, 1, 1, 2, 2);
  return system<Window>({
    about: { system: 'srn-layer', weights: 1 },
    model,
    inputs$: from([{ steps: 3, lanes: 1, inputs: numbers, targets: new Int32Array(0) }]),
    pipeline: (run) =>
      pipe(
        unroll(model),
        tap((unrolled) => run.mark('states', [...hiddenState(unrolled).values()][0]!.data)),
        map((unrolled) => outputs(unrolled).data),
        run.record('outputs'),
      ),
  });
}

/** System 4: pairs of numbers; the network tries each sum, then learns it. */
function addition(seed: number): System<unknown> {
  const random = numpyRandom(seed);
  const model = additionModel(16, random);
  return system<[number, number]>({
    about: { system: 'binary-addition', seed, hidden: 16, bits: 8, learningRate: 0.1 },
    model,
    inputs$: range(0, 40).pipe(map(() => [random.integer(128), random.integer(128)])),
    pipeline: (run) =>
      pipe(
        map((pair) => additionWindow([pair], 8)),
        recordTraining(model, squaredError({ reduction: 'sum' }), sgd({ learningRate: 0.05 }), run),
      ),
  });
}

/** System 5: name after name; after every tenth it makes up a name. */
async function names(seed: number): Promise<System<unknown>> {
  const options = { hidden: 50, learningRate: 0.01, clip: 5, sampled: 7, initialSeed: seed + 1, shuffleSeed: seed };
  const { model, order, symbols } = await article({ ...options, names: await readNames(bundledFile('dinosaurs.csv')) });
  const end = symbols.token('\n')!;
  let count = 0;
  return system<string>({
    about: { system: 'names', seed, ...options },
    model,
    inputs$: from(order).pipe(take(40)),
    pipeline: (run) =>
      pipe(
        map((name) => Array.from(name, (symbol) => symbols.token(symbol)!)),
        sequences({ end, carry: true }),
        recordTraining(model, crossEntropy({ reduction: 'sum' }), sgd({ learningRate: 0.01 }), run, clipGradValue(5)),
        tap(() => {
          if (++count % 10 === 0) run.mark('samples', articleText(symbols, articleSample(model, end, count)));
        }),
      ),
  });
}

const HELLO = { A: 'hello-cell', B: 'hello-layer', C: 'hello-embedding' } as const;

/** System 6: one word into another, with three networks. */
function hello(variant: Variant, seed: number): System<unknown> {
  const symbols = vocabularyOf(Array.from('ehlo'));
  const dtype = variant === 'B' ? 'float32' : 'float64'; // one of them in single precision
  const hidden = variant === 'C' ? 8 : 4;
  const model = helloModel(variant, { symbols: 4, hidden, embedded: 10, dtype, random: torchRandom(seed) });
  return system<string>({
    about: { system: HELLO[variant], seed, hidden, dtype, learningRate: 0.05 },
    model,
    inputs$: range(0, 15).pipe(map(() => 'hello>ohlol')),
    pipeline: (run) =>
      pipe(
        map((words) => wordWindow(words, symbols)),
        recordTraining(model, crossEntropy(), adam({ learningRate: 0.05 }), run),
      ),
  });
}

/** System 6: Karpathy's network. */
function karpathy(seed: number): System<unknown> {
  const symbols = vocabularyOf(Array.from('helo'));
  const model = karpathyModel(4, 3, seed);
  return system<string>({
    about: { system: 'hello-karpathy', seed, hidden: 3, learningRate: 0.1 },
    model,
    inputs$: range(0, 60).pipe(map(() => 'hell>ello')),
    pipeline: (run) =>
      pipe(
        map((words) => wordWindow(words, symbols)),
        recordTraining(model, crossEntropy({ reduction: 'sum' }), karpathyOptimizer(0.1), run, clipGradValue(5)),
      ),
  });
}

/** System 7: batches of pairs of words through the encoder–decoder. */
async function translate(seed: number): Promise<System<unknown>> {
  const pairs = await readPairs(bundledFile('pairs.csv'));
  const words = lexicon(pairs);
  const random = torchRandom(seed);
  const model = translator(words, { hidden: 16, dtype: 'float64', random });
  const batch = (): WordPair[] =>
    random
      .dataLoaderOrder(pairs.length)
      .slice(0, 3)
      .map((i) => pairs[i]!);
  return system<WordPair[]>({
    about: { system: 'translate', seed, hidden: 16, learningRate: 0.001 },
    model,
    inputs$: range(0, 20).pipe(map(batch)),
    pipeline: (run) =>
      pipe(
        map((batch) => translationWindow(words, batch)),
        recordTraining(
          model,
          pipe(
            crossEntropy(),
            scaleLoss(({ window }) => window.lanes),
          ),
          adam({ learningRate: 0.001 }),
          run,
        ),
      ),
  });
}

function wordWindow(words: string, symbols: ReturnType<typeof vocabularyOf>): Window {
  const [inputs, targets] = words.split('>').map((word) => Int32Array.from(word, (letter) => symbols.token(letter)!));
  return { steps: inputs!.length, lanes: 1, inputs: inputs!, targets: targets!, resets: Uint8Array.of(1) };
}

/** Makers of the systems, by the name of their recording; seed 0 is recorded. */
export const systems: Readonly<Record<string, (seed?: number) => System<unknown> | Promise<System<unknown>>>> = {
  'srn-linear': () => srn('identity'),
  'srn-tanh': () => srn('tanh'),
  'srn-layer': () => srnLayer(),
  'binary-addition': (seed = 0) => addition(seed),
  names: (seed = 0) => names(seed),
  'hello-cell': (seed = 0) => hello('A', seed),
  'hello-layer': (seed = 0) => hello('B', seed),
  'hello-embedding': (seed = 0) => hello('C', seed),
  'hello-karpathy': (seed = 0) => karpathy(seed),
  translate: (seed = 0) => translate(seed),
};
