// Every public function that takes options refuses a name that it does not know, in JavaScript too.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EMPTY, identity } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as rxrnn from '../../src/index.js';
import * as marbles from '../../src/marbles.js';
import * as recording from '../../src/recording.js';

const SRC = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'src');

/** The rooms whose functions are in the table. */
const ROOMS = ['flow', 'token', 'source', 'infer', 'record', 'random', 'learn', 'checkpoint', 'format'];

/** Types of options that are named otherwise than a function: one that takes them. */
const TAKEN_BY: Readonly<Record<string, string>> = { decode: 'beamSearch', sampling: 'sampler' };

const { rnn, linear, gru } = rxrnn;
const model = rxrnn.sequential({
  rnn: rnn({ inputSize: 2, hiddenSize: 1 }),
  linear: linear({ inputSize: 1, outputSize: 2 }),
});
const cell = { inputSize: 2, hiddenSize: 1 };
const layers = { encoder: gru(cell), decoder: gru(cell), fc: linear({ inputSize: 1, outputSize: 2 }) };
const translator = rxrnn.seq2seq(layers);
const learner = rxrnn.trainer(model, { optimizer: rxrnn.adam() });
rxrnn
  .pull([0, 1])
  .pipe(rxrnn.windows({ steps: 1 }), learner.learn)
  .subscribe();
const folder = mkdtempSync(join(tmpdir(), 'rxrnn-options-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'model.safetensors');
rxrnn.saveModel(file, model);
const saved = rxrnn.saveCheckpoint(folder, { training: learner.state() });
const symbols = rxrnn.vocabularyOf(['a', 'b']);
const source = Int32Array.of(1);
const decode = { start: 0, maxTokens: 1 };
const run = recording.recorder();
const log = { about: null, block: 1, entries: 0, blocks: [], read: () => [] };

/** Calls of each function with an option too many besides those that it needs. */
const CALLS: Readonly<Record<string, (more: object) => unknown>> = {
  credit: (more) => rxrnn.credit(more),

  encode: (more) => rxrnn.encode(symbols, more),
  lanes: (more) => rxrnn.lanes([0, 1], 1, more),
  sequences: (more) => rxrnn.sequences({ end: 0, ...more }),
  vocabulary: (more) => rxrnn.vocabulary(more),
  vocabularyOf: (more) => rxrnn.vocabularyOf(['a'], more),
  windows: (more) => rxrnn.windows({ steps: 1, ...more }),
  words: (more) => rxrnn.words(more),

  bytes: (more) => rxrnn.bytes('a', more),
  csv: (more) => rxrnn.csv('a', { columns: ['a'], ...more }),
  lines: (more) => rxrnn.lines('a', more),
  progress: (more) => rxrnn.progress(String, more),
  stdin: (more) => rxrnn.stdin(more),
  stdinLines: (more) => rxrnn.stdinLines(more),
  text: (more) => rxrnn.text('a', more),
  textLanes: (more) => rxrnn.textLanes('a', { lanes: 1, ...more }),

  activation: (more) => rxrnn.activation({ size: 1, nonlinearity: 'tanh', ...more }),
  dropout: (more) => rxrnn.dropout({ size: 1, rate: 0.5, ...more }),
  embedding: (more) => rxrnn.embedding({ inputSize: 1, outputSize: 1, ...more }),
  gru: (more) => gru({ ...cell, ...more }),
  gruCell: (more) => rxrnn.gruCell({ ...cell, ...more }),
  linear: (more) => linear({ inputSize: 1, outputSize: 1, ...more }),
  lstm: (more) => rxrnn.lstm({ ...cell, ...more }),
  lstmCell: (more) => rxrnn.lstmCell({ ...cell, ...more }),
  rnn: (more) => rnn({ ...cell, ...more }),
  rnnCell: (more) => rxrnn.rnnCell({ ...cell, ...more }),
  seq2seq: (more) => rxrnn.seq2seq(layers, more),
  sequential: (more) => rxrnn.sequential({ gru: gru(cell) }, more),
  adagrad: (more) => rxrnn.adagrad(more),
  adam: (more) => rxrnn.adam(more),
  adamw: (more) => rxrnn.adamw(more),
  binaryCrossEntropy: (more) => rxrnn.binaryCrossEntropy(more),
  checkpoint: (more) => rxrnn.checkpoint({ trainer: learner, folder: 'a', every: 1, ...more }),
  clipGradNorm: (more) => rxrnn.clipGradNorm(1, more),
  cosineDecay: (more) => rxrnn.cosineDecay({ learningRate: 1, steps: 1, ...more }),
  crossEntropy: (more) => rxrnn.crossEntropy(more),
  earlyStop: (more) => rxrnn.earlyStop({ patience: 1, ...more }),
  evaluate: (more) => rxrnn.evaluate(model, more),
  exponentialDecay: (more) => rxrnn.exponentialDecay({ learningRate: 1, factor: 1, ...more }),
  latestCheckpoint: (more) => rxrnn.latestCheckpoint(folder, more),
  loadModel: (more) => rxrnn.loadModel(file, more),
  loadCheckpoint: (more) => rxrnn.loadCheckpoint(saved, more),
  loss: (more) => rxrnn.loss('loss', more, () => ({ width: 1, count: () => 0, sum: () => 0 })),
  optimizer: (more) => rxrnn.optimizer({ kind: 'own', learningRate: 1, apply: () => undefined, ...more }),
  readModel: (more) => rxrnn.readModel(readFileSync(file), more),
  readSafetensors: (more) => rxrnn.readSafetensors(readFileSync(file), more),
  rmsprop: (more) => rxrnn.rmsprop(more),
  saveCheckpoint: (more) => rxrnn.saveCheckpoint(folder, { training: learner.state() }, more),
  saveModel: (more) => rxrnn.saveModel(file, model, more),
  sgd: (more) => rxrnn.sgd({ learningRate: 1, ...more }),
  stepDecay: (more) => rxrnn.stepDecay({ learningRate: 1, every: 1, factor: 1, ...more }),
  train: (more) => rxrnn.train(model, { optimizer: rxrnn.adam(), ...more }),
  trainer: (more) => rxrnn.trainer(model, { optimizer: rxrnn.adam(), ...more }),
  unroll: (more) => rxrnn.unroll(model, more),
  validate: (more) => rxrnn.validate(model, EMPTY, { every: 1, ...more }),

  adwin: (more) => rxrnn.adwin(more),
  beamSearch: (more) => rxrnn.beamSearch(translator, source, { ...decode, width: 1, ...more }),
  generateText: (more) => rxrnn.generateText(model, more),
  greedyDecode: (more) => rxrnn.greedyDecode(translator, source, { ...decode, ...more }),
  ngram: (more) => rxrnn.ngram({ order: 1, vocabSize: 2, ...more }),
  pageHinkley: (more) => rxrnn.pageHinkley(more),
  predictThenLearn: (more) => rxrnn.predictThenLearn(model, { optimizer: rxrnn.sgd({ learningRate: 1 }), ...more }),
  sampleDecode: (more) => rxrnn.sampleDecode(translator, source, rxrnn.seeded(1), { ...decode, ...more }),
  sampleToken: (more) => rxrnn.sampleToken(Float64Array.of(0, 1), { temperature: 0, ...more }),
  sampler: (more) => rxrnn.sampler(more),
  step: (more) => rxrnn.step(model, more),
  surprisal: (more) => rxrnn.surprisal(model, more),
  surprisalByKey: (more) => rxrnn.surprisalByKey(model, more),

  cutLog: (more) => recording.cutLog(log, more),
  diagram: (more) => marbles.diagram([], more),
  difference: (more) => recording.difference(run.recording(), run.recording(), more),
  excerpt: (more) => recording.excerpt([], more),
  parse: (more) => recording.parse(recording.print(run.recording()), more),
  recorder: (more) => recording.recorder(more),
  replay: (more) => recording.replay({ about: null, tracks: [{ title: 'a', marbles: [] }] }, 'a', more),
  replayLog: (more) => recording.replayLog(log, more),
  runLog: (more) => recording.runLog(more),
  snapshots: (more) => recording.snapshots(run, { every: 1, take: identity, ...more }),
  svg: (more) => recording.svg([], more),
  timeTravel: (more) => {
    const inputs = { title: 'a', marbles: [{ step: 1, kind: 'N', value: 1 }] } as const;
    return recording.timeTravel({ about: null, tracks: [inputs] }, 1, {
      inputs: 'a',
      restore: () => () => EMPTY,
      ...more,
    });
  },

  torchRandom: (more) => rxrnn.torchRandom(0, more),
};

for (const [name, call] of Object.entries(CALLS)) {
  test(`${name} refuses an option that it does not know, and nothing else`, () => {
    call({});
    assert.throws(
      () => call({ noSuchOption: 1 }),
      (error: unknown) =>
        error instanceof TypeError && error.message.startsWith(`${name}: unknown option noSuchOption; `),
    );
  });
}

test('every type of options of these rooms has its function in the table', () => {
  const entries = ['index.ts', 'index.browser.ts', 'marbles.ts', 'recording.ts', 'recording.browser.ts']
    .map((name) => readFileSync(join(SRC, name), 'utf8'))
    .join('\n');
  const names = [...entries.matchAll(/\{([^}]*)\} from '\.\/(\w+)\//g)]
    .filter(([, , room]) => ROOMS.includes(room!))
    .flatMap(([, list]) => [...list!.matchAll(/\b(\w+)Options\b/g)])
    .map(([, name]) => name![0]!.toLowerCase() + name!.slice(1));
  assert.ok(names.length > 20);
  assert.equal(
    names.filter((name) => !Object.hasOwn(CALLS, TAKEN_BY[name] ?? name)),
    [],
  );
});

test.run();
