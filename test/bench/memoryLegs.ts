// What memory.ts measures, one leg per process: `node --expose-gc legs.mjs LEG COUNT HIDDEN`, bundled, so that no loader counts.
// Prints a line of JSON.
import { readFileSync } from 'node:fs';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { from, lastValueFrom, of, Subject } from 'rxjs';
import {
  adam,
  adaptiveCrossEntropy,
  adaptiveSoftmax,
  crossEntropy,
  embedding,
  evaluate,
  generateText,
  gru,
  type Layer,
  linear,
  lstm,
  type Model,
  rnn,
  seq2seq,
  sequential,
  stateDict,
  train,
  unlimited,
  type Window,
} from '../../src/index.js';

/** What a leg's process looked like; sizes in MiB. */
export interface LegFigures {
  /** Resident before the work, with the library loaded. */
  readonly start: number;
  /** Resident after the first quarter of the work and a collection of garbage, and after all of it. */
  readonly quarter: number;
  readonly end: number;
  /** The most that was resident at any time. */
  readonly peak: number;
  /** Threads of the process before the work, and after it. */
  readonly threads: readonly [start: number, end: number];
}

const VOCABULARY = 65;
const WORDS = 50_000;
const [, , leg = '', count = '', hidden = ''] = process.argv;

const languageModel = (hiddenSize: number, options = {}): Model =>
  sequential(
    {
      lstm: lstm({ inputSize: VOCABULARY, hiddenSize }),
      linear: linear({ inputSize: hiddenSize, outputSize: VOCABULARY }),
    },
    options,
  );

/** What is done over and over, by leg; `i` counts from 0. */
const legs: Readonly<Record<string, (hidden: number) => (i: number) => unknown>> = {
  score(hidden) {
    const model = languageModel(hidden);
    return (i) => {
      const tokens = new Int32Array(i + 1).fill(i % VOCABULARY);
      const window = { steps: tokens.length, lanes: 1, inputs: tokens, targets: tokens };
      return lastValueFrom(from([window]).pipe(evaluate(model)));
    };
  },
  encode(hidden) {
    const layer = () => gru({ inputSize: VOCABULARY, hiddenSize: hidden });
    const fc = linear({ inputSize: hidden, outputSize: VOCABULARY });
    const model = seq2seq({ encoder: layer(), decoder: layer(), fc });
    return (i) => model.encode(new Int32Array(i + 1));
  },
  subscribe(hidden) {
    const model = languageModel(hidden);
    const weights = stateDict(model);
    return () => lastValueFrom(generateText(model, { maxTokens: 3, demand: unlimited, weights$: of(weights) }));
  },
  dispose: (hidden) => () => {
    const model = languageModel(hidden);
    model.step(0, model.zeroState());
    model.dispose();
  },
  drop: (hidden) => () => {
    const model = languageModel(hidden, { workers: 2 });
    model.step(0, model.zeroState());
  },
  words: (hidden) => learnWords(linear({ inputSize: hidden, outputSize: WORDS }), hidden, crossEntropy()),
  clusters(hidden) {
    const output = adaptiveSoftmax({ inputSize: hidden, outputSize: WORDS, cutoffs: [2000, 10_000] });
    return learnWords(output, hidden, adaptiveCrossEntropy());
  },
  one(hidden) {
    const model = languageModel(hidden);
    return () => model.step(0, model.zeroState());
  },
};

/** Learns windows of 16 steps and 8 lanes of words. */
function learnWords(output: Layer, hiddenSize: number, loss: ReturnType<typeof crossEntropy>): () => unknown {
  const model = sequential({
    embedding: embedding({ inputSize: WORDS, outputSize: hiddenSize }),
    rnn: rnn({ inputSize: hiddenSize, hiddenSize }),
    output,
  });
  const inputs = Int32Array.from({ length: 128 }, (_, i) => (i * 39_916_801) % WORDS);
  const window$ = new Subject<Window>();
  window$.pipe(train(model, { optimizer: adam(), loss })).subscribe();
  return () => window$.next({ steps: 16, lanes: 8, inputs, targets: inputs });
}

function status(name: 'VmRSS' | 'VmHWM' | 'Threads'): number {
  const found = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync('/proc/self/status', 'utf8'));
  return name === 'Threads' ? Number(found![1]) : Number(found![1]) / 1024;
}

/** Resident without what is garbage, whose amount is a matter of when it was last collected. */
async function resident(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
    await setTimeout(50); // what is freed later, as by a FinalizationRegistry
  }
  return status('VmRSS');
}

const total = Number(count);
const work = legs[leg]!;
await setImmediate();
const start = status('VmRSS');
const threads = status('Threads');
const again = work(Number(hidden));
let quarter = 0;
for (let i = 0; i < total; i++) {
  await again(i);
  await setImmediate(); // the event loop's turn: what is dropped is collected between two turns
  if (i + 1 === Math.ceil(total / 4)) quarter = await resident();
}
for (let i = 0; i < 40 && status('Threads') > threads; i++) {
  globalThis.gc?.(); // the last models that were dropped
  await setTimeout(50);
}
const figures: LegFigures = {
  start,
  quarter,
  end: await resident(),
  peak: status('VmHWM'),
  threads: [threads, status('Threads')],
};
console.log(JSON.stringify(figures));
process.exit();
