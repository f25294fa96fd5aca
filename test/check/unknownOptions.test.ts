// Every public function that takes options refuses a name that it does not know, in JavaScript too.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { PassThrough, Readable } from 'node:stream';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EMPTY, identity } from 'rxjs';
import { ColdObservable } from 'rxjs9';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cells, layers as recurrentLayers } from '../layer/support.js';
import * as rxrnn from '../../src/index.js';
import * as bus from '../../src/bus.js';
import * as jetstream from '../../src/jetstream.js';
import * as marbles from '../../src/marbles.js';
import * as recording from '../../src/recording.js';
import * as page from '../../src/studio.js';
import * as onnx from '../../src/onnx.js';
import * as streams from '../../src/streams.js';

const SRC = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'src');

/** The rooms whose functions are in the table. */
const ROOMS = [
  'flow',
  'token',
  'series',
  'source',
  'layer',
  'infer',
  'record',
  'random',
  'learn',
  'checkpoint',
  'format',
  'bus',
  'jetstream',
  'studio',
  'streams',
  'onnx',
  'log',
];

/** Types of options that are named otherwise than a function: one that takes them. */
const TAKEN_BY: Readonly<Record<string, string>> = {
  decode: 'beamSearch',
  sampling: 'sampler',
  recurrent: 'rnn',
  cell: 'rnnCell',
  common: 'adam',
  scheduleFree: 'scheduleFreeSgd',
  weightedLoss: 'squaredError',
  eventSource: 'fromEventSource',
  from: 'fromWebStream',
  outlet: 'toWebStream',
  through: 'throughWebStream',
};

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
const memory = bus.memoryBus();
const run = recording.recorder();
const log = { about: null, block: 1, entries: 0, blocks: [], read: () => [] };

/** Options of methods, which are called too often to be checked. */
const OF_METHODS = new Set(['forward']);

/** Calls of each function with an option too many besides those that it needs. */
const CALLS: Readonly<Record<string, (more: object) => unknown>> = {
  credit: (more) => rxrnn.credit(more),
  shuffleIterable: (more) => rxrnn.shuffleIterable([], { size: 1, random: rxrnn.seeded(1), ...more }),
  shuffle: (more) => rxrnn.shuffle({ size: 1, random: rxrnn.seeded(1), ...more }),

  encode: (more) => rxrnn.encode(symbols, more),
  labelled: (more) => rxrnn.labelled(more),
  lanes: (more) => rxrnn.lanes([0, 1], 1, more),
  sequences: (more) => rxrnn.sequences({ end: 0, ...more }),
  vocabulary: (more) => rxrnn.vocabulary(more),
  vocabularyOf: (more) => rxrnn.vocabularyOf(['a'], more),
  windows: (more) => rxrnn.windows({ steps: 1, ...more }),
  words: (more) => rxrnn.words(more),

  bytes: (more) => rxrnn.bytes('a', more),
  csv: (more) => rxrnn.csv('a', { columns: ['a'], ...more }),
  follow: (more) => rxrnn.follow('a', more),
  lines: (more) => rxrnn.lines('a', more),
  progress: (more) => rxrnn.progress(String, more),
  stdin: (more) => rxrnn.stdin(more),
  stdinLines: (more) => rxrnn.stdinLines(more),
  text: (more) => rxrnn.text('a', more),
  textLanes: (more) => rxrnn.textLanes('a', { lanes: 1, ...more }),

  activation: (more) => rxrnn.activation({ size: 1, nonlinearity: 'tanh', ...more }),
  adaptiveSoftmax: (more) => rxrnn.adaptiveSoftmax({ inputSize: 8, outputSize: 9, cutoffs: [3], ...more }),
  dropout: (more) => rxrnn.dropout({ size: 1, rate: 0.5, ...more }),
  embedColumn: (more) => rxrnn.embedColumn({ inputSize: 1, tokens: 1, embeddingSize: 1, ...more }),
  embedding: (more) => rxrnn.embedding({ inputSize: 1, outputSize: 1, ...more }),
  ngramEmbedding: (more) => rxrnn.ngramEmbedding({ inputSize: 1, outputSize: 1, ...more }),
  ...Object.fromEntries(
    Object.entries({ ...recurrentLayers, ...cells }).map(([name, make]) => [
      name,
      (more: object) => make({ ...cell, ...more }),
    ]),
  ),
  attention: (more) => rxrnn.attention({ score: 'dot', querySize: 1, keySize: 1, ...more }),
  linear: (more) => linear({ inputSize: 1, outputSize: 1, ...more }),
  lstm: (more) => rxrnn.lstm({ ...cell, ...more }),
  lstmCell: (more) => rxrnn.lstmCell({ ...cell, ...more }),
  rnn: (more) => rnn({ ...cell, ...more }),
  rnnCell: (more) => rxrnn.rnnCell({ ...cell, ...more }),
  summary: (more) => rxrnn.summary({ size: 1, pool: 'last', ...more }),
  seq2seq: (more) => rxrnn.seq2seq(layers, more),
  sequential: (more) => rxrnn.sequential({ gru: gru(cell) }, more),
  columns: (more) => rxrnn.columns('a', more),
  decimalNumber: (more) => rxrnn.decimalNumber('1', more),
  leastSquares: (more) => rxrnn.leastSquares({ steps: 1, ...more }),
  scaling: (more) => rxrnn.scaling(more),
  seriesWindows: (more) => rxrnn.seriesWindows({ steps: 1, ...more }),

  autoregression: (more) => rxrnn.autoregression({ inputSize: 1, steps: 1, ...more }),
  absoluteError: (more) => rxrnn.absoluteError(more),
  adadelta: (more) => rxrnn.adadelta(more),
  adagrad: (more) => rxrnn.adagrad(more),
  adam: (more) => rxrnn.adam(more),
  adamax: (more) => rxrnn.adamax(more),
  adamw: (more) => rxrnn.adamw(more),
  averaged: (more) => rxrnn.averaged(model, more),
  binaryCrossEntropy: (more) => rxrnn.binaryCrossEntropy(more),
  checkpoint: (more) => rxrnn.checkpoint({ trainer: learner, folder: 'a', every: 1, ...more }),
  clipGradNorm: (more) => rxrnn.clipGradNorm(1, more),
  cosineDecay: (more) => rxrnn.cosineDecay({ learningRate: 1, steps: 1, ...more }),
  adaptiveCrossEntropy: (more) => rxrnn.adaptiveCrossEntropy(more),
  crossEntropy: (more) => rxrnn.crossEntropy(more),
  keepBest: (more) => rxrnn.keepBest(model, more),
  earlyStop: (more) => rxrnn.earlyStop({ patience: 1, ...more }),
  epochs: (more) => rxrnn.epochs(rxrnn.train(model, { optimizer: rxrnn.adam() }), more),
  evaluate: (more) => rxrnn.evaluate(model, more),
  exponentialDecay: (more) => rxrnn.exponentialDecay({ learningRate: 1, factor: 1, ...more }),
  gaussianNll: (more) => rxrnn.gaussianNll(more),
  huber: (more) => rxrnn.huber(more),
  latestCheckpoint: (more) => rxrnn.latestCheckpoint(folder, more),
  lion: (more) => rxrnn.lion(more),
  loadModel: (more) => rxrnn.loadModel(file, more),
  loadCheckpoint: (more) => rxrnn.loadCheckpoint(saved, more),
  loss: (more) => rxrnn.loss('loss', more, () => ({ width: 1, count: () => 0, sum: () => 0 })),
  nadam: (more) => rxrnn.nadam(more),
  optimizer: (more) => rxrnn.optimizer({ kind: 'own', learningRate: 1, apply: () => undefined, ...more }),
  radam: (more) => rxrnn.radam(more),
  rprop: (more) => rxrnn.rprop(more),
  scheduleFreeAdamw: (more) => rxrnn.scheduleFreeAdamw(more),
  scheduleFreeSgd: (more) => rxrnn.scheduleFreeSgd(more),
  quantileLoss: (more) => rxrnn.quantileLoss({ quantiles: [0.5], ...more }),
  readModel: (more) => rxrnn.readModel(readFileSync(file), more),
  readSafetensors: (more) => rxrnn.readSafetensors(readFileSync(file), more),
  rmsprop: (more) => rxrnn.rmsprop(more),
  stateFile: (more) => rxrnn.stateFile(join(folder, 'a.state'), { kind: 'a 1', ...more }),
  saveCheckpoint: (more) => rxrnn.saveCheckpoint(folder, { training: learner.state() }, more),
  growVocabulary: (more) => rxrnn.growVocabulary(model, 4, more),
  loadStateDict: (more) => rxrnn.loadStateDict(model, rxrnn.stateDict(model), more),
  modelBytes: (more) => rxrnn.modelBytes(model, more),
  replaceFile: (more) => rxrnn.replaceFile(join(folder, 'a'), more),
  saveModel: (more) => rxrnn.saveModel(file, model, more),
  sgd: (more) => rxrnn.sgd({ learningRate: 1, ...more }),
  squaredError: (more) => rxrnn.squaredError(more),
  stepDecay: (more) => rxrnn.stepDecay({ learningRate: 1, every: 1, factor: 1, ...more }),
  train: (more) => rxrnn.train(model, { optimizer: rxrnn.adam(), ...more }),
  trainer: (more) => rxrnn.trainer(model, { optimizer: rxrnn.adam(), ...more }),
  unroll: (more) => rxrnn.unroll(model, more),
  validate: (more) => rxrnn.validate(model, EMPTY, { every: 1, ...more }),

  adwin: (more) => rxrnn.adwin(more),
  anomalyLikelihood: (more) => rxrnn.anomalyLikelihood(more),
  beamSearch: (more) => rxrnn.beamSearch(translator, source, { ...decode, width: 1, ...more }),
  classify: (more) => rxrnn.classify(model, more),
  forecast: (more) => rxrnn.forecast(model, { steps: 1, ...more }),
  generateByKey: (more) => rxrnn.generateByKey(model, more),
  generateText: (more) => rxrnn.generateText(model, more),
  greedyDecode: (more) => rxrnn.greedyDecode(translator, source, { ...decode, ...more }),
  ngram: (more) => rxrnn.ngram({ order: 1, vocabSize: 2, ...more }),
  pageHinkley: (more) => rxrnn.pageHinkley(more),
  pageHinkleyTest: (more) => rxrnn.pageHinkleyTest(more),
  predictThenLearn: (more) => rxrnn.predictThenLearn(model, { optimizer: rxrnn.sgd({ learningRate: 1 }), ...more }),
  predictThenLearnByKey: (more) =>
    rxrnn.predictThenLearnByKey(model, { optimizer: rxrnn.sgd({ learningRate: 1 }), ...more }),
  predictThenLearnRows: (more) =>
    rxrnn.predictThenLearn(model, { optimizer: rxrnn.sgd({ learningRate: 1 }), head: 'value', ...more }),
  predictThenLearnRowsByKey: (more) =>
    rxrnn.predictThenLearnByKey(model, { optimizer: rxrnn.sgd({ learningRate: 1 }), head: 'value', ...more }),
  sampleDecode: (more) => rxrnn.sampleDecode(translator, source, rxrnn.seeded(1), { ...decode, ...more }),
  sampleToken: (more) => rxrnn.sampleToken(Float64Array.of(0, 1), { temperature: 0, ...more }),
  sampler: (more) => rxrnn.sampler(more),
  step: (more) => rxrnn.step(model, more),
  surprisal: (more) => rxrnn.surprisal(model, more),
  surprisalByKey: (more) => rxrnn.surprisalByKey(model, more),
  surprisalBySequence: (more) => rxrnn.surprisalBySequence(model, more),
  medianBefore: (more) => rxrnn.medianBefore(more),
  tailSurprisal: (more) => rxrnn.tailSurprisal(more),

  burst: (more) => rxrnn.burst({ interval: 1, ...more }),
  lineScorer: (more) => rxrnn.lineScorer(more),
  mix: (more) => rxrnn.mix({ models: 1, vocabSize: 1, ...more }),
  quantileThreshold: (more) => rxrnn.quantileThreshold(more),
  surprisalByLine: (more) => rxrnn.surprisalByLine(more),
  recordReader: (more) => rxrnn.recordReader(more),
  templateMiner: (more) => rxrnn.templateMiner(more),

  cutLog: (more) => recording.cutLog(log, more),
  diagram: (more) => marbles.diagram([], more),
  difference: (more) => recording.difference(run.recording(), run.recording(), more),
  excerpt: (more) => recording.excerpt([], more),
  openLog: (more) => {
    const bytes = new TextEncoder().encode('rxrnn log 1, blocks of 1, about null\n');
    const read = (start: number, end: number): Uint8Array => bytes.subarray(start, end);
    return recording.openLog({ length: bytes.length, read }, { unfinished: true, ...more });
  },
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

  bounded: (more) => streams.bounded(more),
  fromEventSource: (more) => streams.fromEventSource('a', more),
  fromAsyncIterable: (more) => streams.fromAsyncIterable([], more),
  fromNodeStream: (more) => streams.fromNodeStream(() => Readable.from([]), more),
  fromWebSocket: (more) => streams.fromWebSocket('a', more),
  fromWebStream: (more) => streams.fromWebStream(() => new ReadableStream(), more),
  pushSource: (more) => streams.pushSource(more),
  throughNodeStream: (more) => streams.throughNodeStream(EMPTY, () => new PassThrough(), more),
  throughWebStream: (more) => streams.throughWebStream(EMPTY, () => new TransformStream(), more),
  toAsyncIterable: (more) => streams.toAsyncIterable(EMPTY, more),
  toNative: (more) => streams.toNative(EMPTY, { Observable: ColdObservable, ...more }),
  toOnnx: (more) => onnx.toOnnx(model, more),
  toNodeStream: (more) => streams.toNodeStream(EMPTY, more),
  toWebStream: (more) => streams.toWebStream(EMPTY, more),

  steering: (more) => page.steering({ learningRate: 1, ...more }),
  studio: (more) => page.studio({ onUrl: identity, ...more }).close(),

  announceModel: (more) => bus.announceModel(memory, Uint8Array.of(1), more),
  fileBus: (more) => bus.fileBus(join(folder, 'bus'), more),
  fromBus: (more) => bus.fromBus(memory, more),
  memoryBus: (more) => bus.memoryBus(more),
  runPartitions: (more) => bus.runPartitions(memory, { open: () => assert.unreachable() as never }, more),
  toBus: (more) => bus.toBus(memory, more),
  jetstreamBus: (more) => void jetstream.jetstreamBus('nats://127.0.0.1:1', more).catch(() => undefined),

  torchRandom: (more) => rxrnn.torchRandom(0, more),
};

for (const [name, call] of Object.entries(CALLS)) {
  test(`${name} refuses an option that it does not know, and nothing else`, () => {
    call({});
    assert.throws(
      () => call({ noSuchOption: 1 }),
      (error: unknown) =>
        error instanceof TypeError &&
        error.message.startsWith(`${name.replace('Rows', '')}: unknown option noSuchOption; `),
    );
  });
}

test('every type of options of these rooms has its function in the table', () => {
  const entries = [
    'bus',
    'index',
    'index.browser',
    'jetstream',
    'marbles',
    'recording',
    'recording.browser',
    'studio',
    'streams',
    'streams.browser',
    'onnx',
  ]
    .map((name) => readFileSync(join(SRC, `${name}.ts`), 'utf8'))
    .join('\n');
  const names = [...entries.matchAll(/\{([^}]*)\} from '\.\/(\w+)\//g)]
    .filter(([, , room]) => ROOMS.includes(room!))
    .flatMap(([, list]) => [...list!.matchAll(/\b(\w+)Options\b/g)])
    .map(([, name]) => name![0]!.toLowerCase() + name!.slice(1))
    .filter((name) => !OF_METHODS.has(name));
  assert.ok(names.length > 20);
  assert.equal(
    names.filter((name) => !Object.hasOwn(CALLS, TAKEN_BY[name] ?? name)),
    [],
  );
});

test.run();
