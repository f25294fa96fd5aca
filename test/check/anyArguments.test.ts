// Every function of `rxrnn` and its other entry points, given arguments of any kind, works or throws an Error whose message begins with its name: never
// what the engine says of a member of undefined. What it returns is used: operators are applied, observables subscribed.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { PassThrough, Readable } from 'node:stream';
import { join } from 'node:path';
import { EMPTY, identity, isObservable, type Observable, of, queueScheduler } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as rxrnn from '../../src/index.js';
import * as bus from '../../src/bus.js';
import * as marbles from '../../src/marbles.js';
import * as recording from '../../src/recording.js';
import * as onnx from '../../src/onnx.js';
import * as streams from '../../src/streams.js';

type Any = (...args: readonly unknown[]) => unknown;

const ANYTHING: readonly unknown[] = [undefined, null, {}, 1, 'x', []];

const functions = Object.entries({ ...rxrnn, ...recording, ...marbles, ...streams, ...onnx, ...bus }).filter(
  (entry): entry is [string, Any] => typeof entry[1] === 'function' && !/^[A-Z]/.test(entry[0]),
);
const NAMES = functions.map(([name]) => name);

/** Functions whose messages begin with the name or the path that they were given. */
const OWN_NAMES = new Set(['loss', 'recurrent', 'optimizer', 'fileBytes', 'readRecording']);

/** They read standard input, return nothing that can be waited for, or throw where two things of any kind differ. */
const LEFT_OUT = new Set(['stdin', 'stdinLines', 'closed', 'compare']);

const folder = mkdtempSync(join(tmpdir(), 'rxrnn-any-'));
process.chdir(folder); // a file called x must not be written elsewhere
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const { gru, linear, rnn, sequential } = rxrnn;
const cell = { inputSize: 2, hiddenSize: 1 };
const fc = linear({ inputSize: 1, outputSize: 2 });
const model = sequential({ rnn: rnn(cell), fc });
const translator = rxrnn.seq2seq({ encoder: gru(cell), decoder: gru(cell), fc });
const optimizer = (): rxrnn.Optimizer => rxrnn.adam();
const run = rxrnn.trainer(model, { optimizer: optimizer() });
const window: rxrnn.Window = { steps: 1, lanes: 1, inputs: Int32Array.of(0), targets: Int32Array.of(1) };
of(window).pipe(run.learn).subscribe();
const symbols = rxrnn.vocabularyOf(['a', 'b']);
const decode = { start: 0, maxTokens: 1 };
const tokens = Int32Array.of(1);
const heldOut = of(window);
const kept = recording.recorder();
of('a').pipe(kept.record('letters')).subscribe();
const recorded = kept.recording();
const lines: string[] = [];
of({ title: 'letters', step: 1, kind: 'N', value: 'a' } as const)
  .pipe(recording.runLog())
  .subscribe((text) => lines.push(`${text}\n`));
const written = new TextEncoder().encode(lines.join(''));
const bytes = { length: written.length, read: written.subarray.bind(written) };
const log = recording.openLog(bytes);
const messages = [{ frame: 1, notification: { kind: 'N', value: 'a' } }];
const range = { from: 0, to: 1, legend: new Map() };

/** Arguments that work, each of which, and each of whose options, is replaced by anything in turn. */
const WORKING: Readonly<Record<string, () => readonly unknown[]>> = {
  announceModel: () => [bus.memoryBus(), Uint8Array.of(1), { states: 'carry' }],
  fileBus: () => ['bus', { partitions: 1, maxBytes: 1, sync: false }],
  fromBus: () => [bus.memoryBus(), { channel: 'in', partition: 0, from: 1, idleMilliseconds: 1 }],
  memoryBus: () => [{ partitions: 1, maxBytes: 1 }],
  runPartitions: () => [
    bus.memoryBus(),
    { open: () => ({ operator: () => identity }) },
    { worker: 'w', model: Uint8Array.of(1), leaseMilliseconds: 1, batch: 1, trim: true, stop$: EMPTY },
  ],
  toBus: () => [bus.memoryBus(), { inFlight: rxrnn.credit(), frameBytes: 1 }],
  nearestName: () => ['a', ['b']],
  sessionBytes: () => [model],
  adagrad: () => [{ learningRate: 1, epsilon: 1 }],
  adam: () => [{ learningRate: 1, betas: [0.9, 0.9], amsgrad: true }],
  activation: () => [{ size: 1, nonlinearity: 'tanh' }],
  attention: () => [{ score: 'additive', querySize: 1, keySize: 1, attentionSize: 1, bias: true }],
  backpropagate: () => [model],
  beamSearch: () => [translator, tokens, { ...decode, width: 1 }],
  checkpoint: () => [
    {
      trainer: run,
      folder,
      every: 1,
      keep: 1,
      bookmark: rxrnn.bookmark(),
      randoms: {},
      config: {},
      layers: {},
      stop$: EMPTY,
      resumeFrom: undefined,
      onSaved: identity,
      onResumed: identity,
    },
  ],
  clipGradNorm: () => [1, { normType: 2 }],
  cutLog: () => [log, range],
  diagram: () => [messages, { legend: new Map(), tick: 1 }],
  difference: () => [recorded, recorded, { titles: ['letters'] }],
  excerpt: () => [recorded.tracks, range],
  firstDifference: () => [log, log],
  openLog: () => [bytes],
  parse: () => [recording.print(recorded), { maxLine: 1000 }],
  print: () => [recorded],
  recorder: () => [{ clock: 'letters', about: null, keep: true }],
  replay: () => [recorded, 'letters', { demand: undefined, tick: 1, scheduler: undefined }],
  replayLog: () => [log, { demand: undefined, from: 0, verify: true }],
  runLog: () => [{ about: null, block: 1 }],
  snapshots: () => [kept, { every: 1, take: identity, title: 'snapshots' }],
  svg: () => [recorded.tracks, range],
  timeTravel: () => [recorded, 1, { inputs: 'letters', snapshots: 'snapshots', restore: () => identity }],
  trackOf: () => [recorded, 'letters'],
  bounded: () => [{ limit: 1, overflow: 'error', onDrop: identity, demand: rxrnn.unlimited }],
  fromAsyncIterable: () => [[1], { demand: rxrnn.unlimited }],
  fromEventSource: () => [
    'data:text/event-stream,',
    { headers: {}, body: '', reconnect: false, fetch, demand: rxrnn.unlimited },
  ],
  fromNative: () => [{ subscribe: identity }],
  fromNodeStream: () => [() => Readable.from([1]), { demand: rxrnn.unlimited }],
  fromWebStream: () => [() => new Response('a').body, { demand: rxrnn.unlimited }],
  fromWebSocket: () => [
    () => ({ addEventListener: identity, close: identity }),
    { limit: 1, overflow: 'error', onDrop: identity, demand: rxrnn.unlimited },
  ],
  pushSource: () => [{ limit: 1, overflow: 'block', onDrop: identity, demand: rxrnn.unlimited }],
  throughNodeStream: () => [
    EMPTY,
    () => new PassThrough(),
    { credit: rxrnn.credit(), limit: 1, demand: rxrnn.unlimited },
  ],
  throughWebStream: () => [
    EMPTY,
    () => new TransformStream(),
    { credit: rxrnn.credit(), limit: 1, demand: rxrnn.unlimited },
  ],
  toAsyncIterable: () => [EMPTY, { credit: rxrnn.credit(), limit: 1 }],
  toNative: () => [EMPTY, { Observable: function Observable() {} }],
  fromOnnx: () => [onnx.toOnnx(model)],
  toOnnx: () => [model, { inputs: 'features' }],
  toNodeStream: () => [EMPTY, { credit: rxrnn.credit(), limit: 1, objectMode: true }],
  toWebStream: () => [EMPTY, { credit: rxrnn.credit(), limit: 1 }],
  writeLog: () => ['log', EMPTY, { about: null, block: 1 }],
  writeRecording: () => ['recording', recorded],
  adaptiveCrossEntropy: () => [{ reduction: 'mean', ignoreIndex: 1 }],
  crossEntropy: () => [{ reduction: 'mean', ignoreIndex: 1, labelSmoothing: 0 }],
  dropout: () => [{ size: 1, rate: 0.5 }],
  earlyStop: () => [{ patience: 1, minDelta: 0, resumeFrom: [{ loss: 1 }] }],
  encode: () => [symbols, { unknown: 'skip', onUnknown: identity }],
  generateByKey: () => [model, { vocabulary: symbols, lanes: 1, maxSessions: 1, previous: -1 }],
  generateText: () => [model, { vocabulary: symbols, prompt: 'a', maxTokens: 1, random: rxrnn.seeded(1) }],
  embedding: () => [{ inputSize: 1, outputSize: 1, paddingIndex: 0 }],
  ngramEmbedding: () => [{ inputSize: 1, outputSize: 1, order: 2, buckets: 4, bound: 1 }],
  evaluate: () => [model, { loss: rxrnn.crossEntropy(), initialState: undefined }],
  greedyDecode: () => [translator, tokens, decode],
  gru: () => [{ ...cell, numLayers: 1, dropout: 0, bidirectional: false }],
  isSeq2seq: () => [model],
  keepBest: () => [model, { by: () => 1 }],
  linear: () => [{ inputSize: 1, outputSize: 1, bias: true }],
  loadStateDict: () => [model, rxrnn.stateDict(model)],
  loss: () => ['loss', { reduction: 'mean' }, () => ({ width: 1, count: () => 1, sum: () => 0 })],
  optimize: () => [model, optimizer()],
  optimizer: () => [{ kind: 'own', learningRate: 1, moments: {}, factors: {}, apply: () => undefined }],
  recurrent: () => ['recurrent', { count: 1, carried: ['h'], bind: () => undefined }, cell, { own: {}, single: false }],
  sampleDecode: () => [translator, tokens, rxrnn.seeded(1), decode],
  predictThenLearn: () => [model, { optimizer: optimizer(), steps: 1, loss: rxrnn.crossEntropy(), clip: identity }],
  saveCheckpoint: () => [folder, { training: run.state() }, { keep: 1, layers: {} }],
  modelBytes: () => [model, { vocabulary: symbols, provenance: {}, layers: {} }],
  saveModel: () => ['file', model, { vocabulary: symbols, provenance: {}, layers: {} }],
  seq2seq: () => [
    { encoder: gru(cell), decoder: gru(cell), fc },
    { dtype: 'float32', frozen: [], workers: 1 },
  ],
  sequential: () => [
    { rnn: rnn(cell), fc },
    { dtype: 'float64', random: rxrnn.seeded(1), frozen: [], backend: 'plain' },
  ],
  stateDict: () => [model],
  step: () => [model, { initialState: model.zeroState() }],
  surprisal: () => [model, { topK: 1, reset: () => false, reset$: EMPTY }],
  surprisalByKey: () => [model, { lanes: 1, topK: 1 }],
  train: () => [
    model,
    {
      optimizer: optimizer(),
      loss: rxrnn.crossEntropy(),
      clip: identity,
      dropoutRandom: rxrnn.seeded(1),
      resumeFrom: undefined,
    },
  ],
  trainer: () => [model, { optimizer: optimizer(), loss: rxrnn.crossEntropy(), clip: identity, resumeFrom: undefined }],
  unroll: () => [model, { initialState: model.zeroState(), dropoutRandom: rxrnn.seeded(1) }],
  validate: () => [model, heldOut, { every: 1, measure: rxrnn.evaluate(model) }],
  visible: () => ['text', { most: 1, lines: true }],
};

/** What came of a call that is not as it should be. */
function faultOf(name: string, used: boolean, error: unknown): string | undefined {
  if (!(error instanceof Error)) return `${name} throws something other than an Error`;
  const message = OWN_NAMES.has(name) ? error.message.replace(/^(?:x|own): /, `${name}: `) : error.message;
  const begins = (one: string): boolean => message.startsWith(`${one}: `);
  const fits = begins(name) || (used && (NAMES.some(begins) || ['sequential', 'seq2seq'].some(begins)));
  return fits && !/Cannot read prop|is not a function$|is not iterable|undefined \(/.test(message)
    ? undefined
    : message;
}

/** Calls a function and uses what it returns; the faults of it. */
function faultsOf(name: string, call: Any, args: readonly unknown[]): string[] {
  const faults: string[] = [];
  const note = (used: boolean, error: unknown): void => {
    const fault = faultOf(name, used, error);
    if (fault !== undefined) faults.push(`${fault} [${args.map((arg) => typeof arg).join(', ')}]`);
  };
  const subscribe = (result$: Observable<unknown>): void =>
    result$.subscribe({ error: (error: unknown) => note(true, error) }).unsubscribe();
  let result: unknown;
  try {
    result = call(...args);
  } catch (error) {
    note(false, error);
    return faults;
  }
  if (result instanceof Promise) result.catch((error: unknown) => note(true, error));
  if (isObservable(result)) subscribe(result);
  if (typeof result !== 'function') return faults;
  for (const item of ANYTHING) {
    try {
      const applied: unknown = (result as Any)(of(item));
      if (isObservable(applied)) subscribe(applied);
    } catch (error) {
      note(true, error);
    }
  }
  return faults;
}

for (const [name, call] of functions) {
  if (LEFT_OUT.has(name)) continue;
  test(`${name}, given anything`, () => {
    const faults = new Set<string>();
    for (const a of ANYTHING) {
      for (const b of ANYTHING) {
        for (const fault of faultsOf(name, call, [a, b])) faults.add(fault);
      }
    }
    assert.equal([...faults], []);
  });
}

for (const [name, working] of Object.entries(WORKING)) {
  const call = functions.find(([other]) => other === name)![1];
  test(`${name}, one argument or option being anything`, () => {
    call(...working());
    const faults = new Set<string>();
    const attempt = (args: readonly unknown[]): void => {
      for (const fault of faultsOf(name, call, args)) faults.add(fault);
    };
    for (const [i, given] of working().entries()) {
      for (const value of ANYTHING) {
        attempt(working().with(i, value));
        if (typeof given !== 'object' || given === null || Object.getPrototypeOf(given) !== Object.prototype) continue;
        if ('tape' in given) continue; // a model
        for (const option of Object.keys(given)) {
          attempt(working().map((arg, j) => (j === i ? { ...(arg as object), [option]: value } : arg)));
        }
      }
    }
    assert.equal([...faults], []);
  });
}

for (const [what, tracks, message] of [
  ['a track', [1], 'tracks[0] must be an object, got 1'],
  ['a title', [{ title: 1, marbles: [] }], 'tracks[0].title must be a string, got 1'],
  ['marbles', [{ title: 'x' }], 'tracks[0].marbles must be an array of marbles, got undefined'],
  ...[null, 1, {}, { step: '1', kind: 'C' }, { step: 1, kind: 'X' }, { step: 1, kind: 'E', error: null }].map(
    (marble) =>
      [
        'a marble',
        [{ title: 'x', marbles: [{ step: 1, kind: 'N', value: 1 }, marble] }],
        `tracks[0].marbles[1] must be a marble such as { step: 1, kind: 'C' }, got ${JSON.stringify(marble)}`,
      ] as const,
  ),
] as const) {
  test(`a recording with ${what} of another kind: ${message}`, () => {
    const bad = { about: null, tracks } as never;
    const replayed = (options: recording.ReplayOptions): void => {
      let failure: unknown;
      recording.replay(bad, 'x', options).subscribe({ error: (error: unknown) => (failure = error) });
      if (failure !== undefined) throw failure;
    };
    const calls: Readonly<Record<string, () => unknown>> = {
      print: () => recording.print(bad),
      writeRecording: () => recording.writeRecording('recording', bad),
      difference: () => recording.difference(recorded, bad),
      replay: () => replayed({}),
      'replay in time': () => replayed({ tick: 0, scheduler: queueScheduler }),
      timeTravel: () => recording.timeTravel(bad, 1, { inputs: 'x', restore: () => identity }),
      ...(what !== 'a marble' && { trackOf: () => recording.trackOf(bad, 'x') }),
      excerpt: () => recording.excerpt(tracks as never),
      svg: () => recording.svg(tracks as never),
    };
    for (const [name, call] of Object.entries(calls)) {
      assert.throws(call, (error: unknown) => {
        if (!(error instanceof TypeError || error instanceof RangeError)) return false;
        return (
          error.message.startsWith(`${name.split(' ')[0]}: `) &&
          error.message.endsWith(message.replace(/^.*(?=marbles\[)/, ''))
        );
      });
    }
  });
}

test('entries, messages and bytes of another kind', () => {
  const failures: string[] = [];
  for (const item of ANYTHING) {
    of(item as recording.Entry)
      .pipe(recording.runLog())
      .subscribe({ error: ({ message }: Error) => failures.push(message) });
    assert.throws(() => marbles.diagram([item as never]), /^diagram: messages\[0\] must be a message of /);
    const broken = { length: 9, read: () => item as never };
    assert.throws(() => recording.openLog(broken), /^openLog: what bytes\.read returns must be a Uint8Array, got /);
  }
  assert.is(failures.length, ANYTHING.length);
  for (const message of failures) assert.match(message, /^runLog: an entry must be a marble with a title, got /);
});

test('a marble test of another kind is refused before it is registered', () => {
  let registered = 0;
  const own = marbles.marbles.with(() => registered++);
  assert.throws(() => own('x', 1 as never), /^marbles: body must be a function, got 1$/);
  assert.throws(() => own(1 as never, identity), /^marbles: name must be a string, got 1$/);
  assert.throws(() => marbles.cases('x', { a: 1 }, 1 as never), /^cases: body must be a function, got 1$/);
  assert.is(registered, 0);
});

test.run();
