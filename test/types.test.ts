// The types as users of the library see them: `npm run types` fails when an inference changes or a mistake compiles.
// Values that the types refuse are also refused at run time, for users of JavaScript.
import { from, type Observable, type OperatorFunction, of, pipe, Subject } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as rxrnn from '../src/index.js';
import type * as marbles from '../src/marbles.js';
import * as recording from '../src/recording.js';

const { adam, checkpoint, clipGradNorm, credit, crossEntropy, encode, generateText, linear, optimize, pull } = rxrnn;
const { backpropagate, gru, lstm, predictThenLearn, progress, rnn, rnnCell, seeded, seq2seq, sequential } = rxrnn;
const { concatMapBounded, sgd, surprisal, surprisalByKey, train, trainer, unroll, validate, vocabularyOf, windows } =
  rxrnn;

/* oxlint-disable typescript/no-unnecessary-type-parameters -- types are all that is compared */
/** Whether two types are the same, `any` and `readonly` included. */
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Whether no property of a type can be written. */
type Fixed<T> = Equal<T, Readonly<T>>;

/** Compiles only where a claim is true. */
function holds<_Claim extends true>(): void {}
/* oxlint-enable typescript/no-unnecessary-type-parameters */

/** Is compiled and never run. */
function compiles(_body: () => unknown): void {}

const symbols = vocabularyOf(['a', 'b', 'c']);
const model = sequential({
  rnn: rnn({ inputSize: 3, hiddenSize: 2 }),
  linear: linear({ inputSize: 2, outputSize: 3 }),
});
const optimizer = adam();
const inFlight = credit();
const tokens$ = pull([0, 1, 2]);
const windows$ = tokens$.pipe(windows({ steps: 2 }));
const steps$ = windows$.pipe(train(model, { optimizer }));
const learner = trainer(model, { optimizer: adam() });

test('Equal distinguishes types', () => {
  holds<Equal<string, string>>();
  // @ts-expect-error
  holds<Equal<string, unknown>>();
  // @ts-expect-error
  holds<Equal<any, string>>(); // oxlint-disable-line typescript/no-explicit-any
  // @ts-expect-error
  holds<Equal<{ a: 1 }, { readonly a: 1 }>>();
  // @ts-expect-error
  holds<Fixed<{ readonly a: 1; b: 2 }>>();
});

test('symbols become tokens, windows and training steps', () => {
  holds<Equal<typeof tokens$, Observable<number>>>();
  holds<Equal<typeof windows$, Observable<rxrnn.Window>>>();
  holds<Equal<typeof steps$, Observable<rxrnn.TrainingStep>>>();
  const encoder = encode(symbols);
  holds<Equal<typeof encoder, OperatorFunction<string, rxrnn.Token>>>();
  const decoder = rxrnn.decode(symbols);
  holds<Equal<typeof decoder, OperatorFunction<rxrnn.Token, string>>>();
  const vocabulary$ = from('abc').pipe(rxrnn.vocabulary());
  holds<Equal<typeof vocabulary$, Observable<rxrnn.Vocabulary>>>();
  compiles(() => {
    // @ts-expect-error tokens are not symbols
    tokens$.pipe(encode(symbols));
    // @ts-expect-error tokens are not windows
    tokens$.pipe(train(model, { optimizer }));
    // @ts-expect-error symbols are not tokens
    from('abc').pipe(windows({ steps: 2 }));
  });
});

test('the stages of training fit together in one order', () => {
  const composed = pipe(
    unroll(model),
    crossEntropy(),
    backpropagate(model),
    clipGradNorm(5),
    optimize(model, optimizer),
  );
  holds<Equal<typeof composed, OperatorFunction<rxrnn.Window, rxrnn.TrainingStep>>>();
  compiles(() => {
    // @ts-expect-error a loss needs what was unrolled
    windows$.pipe(crossEntropy());
    // @ts-expect-error nothing to go back from
    windows$.pipe(unroll(model), backpropagate(model));
    // @ts-expect-error no gradients
    windows$.pipe(unroll(model), crossEntropy(), optimize(model, optimizer));
    // @ts-expect-error no gradients to clip
    windows$.pipe(unroll(model), crossEntropy(), clipGradNorm(5));
  });
});

test('what passes steps on keeps their type', () => {
  const validated$ = steps$.pipe(validate(model, windows$, { every: 2 }));
  holds<Equal<typeof validated$, Observable<rxrnn.ValidatedStep>>>();
  const saved$ = steps$.pipe(checkpoint({ trainer: learner, folder: 'run', every: 2 }));
  holds<Equal<typeof saved$, Observable<rxrnn.TrainingStep>>>();
  const both$ = validated$.pipe(
    checkpoint({ trainer: learner, folder: 'run', every: 2 }),
    rxrnn.earlyStop({ patience: 2 }),
  );
  holds<Equal<typeof both$, Observable<rxrnn.ValidatedStep>>>();
  const shown$ = both$.pipe(progress(({ validation }) => `${validation?.bitsPerToken}`));
  holds<Equal<typeof shown$, Observable<rxrnn.ValidatedStep>>>();
  compiles(() => {
    // @ts-expect-error which run is saved?
    checkpoint({ folder: 'run', every: 2 });
    // @ts-expect-error windows are not steps
    windows$.pipe(checkpoint({ trainer: learner, folder: 'run', every: 2 }));
    // @ts-expect-error a step need not have a validation
    both$.subscribe(({ validation }) => validation.loss);
  });
});

test('streams of tokens become figures', () => {
  const scored$ = tokens$.pipe(surprisal(model));
  holds<Equal<typeof scored$, Observable<rxrnn.Surprisal>>>();
  const counted$ = tokens$.pipe(rxrnn.ngram({ order: 2, vocabSize: 3 }));
  holds<Equal<typeof counted$, typeof scored$>>();
  const learned$ = tokens$.pipe(predictThenLearn(model, { optimizer }));
  holds<Equal<typeof learned$, Observable<rxrnn.Progressive>>>();
  holds<Equal<rxrnn.Progressive['learned'], rxrnn.TrainingStep | undefined>>();
  const keyed$ = of({ key: 'ann', token: 1 }).pipe(surprisalByKey(model));
  holds<Equal<typeof keyed$, Observable<rxrnn.KeyedSurprisal<string>>>>();
  const predicted$ = tokens$.pipe(rxrnn.step(model));
  holds<Equal<typeof predicted$, Observable<rxrnn.Predicted>>>();
  const evaluation$ = windows$.pipe(rxrnn.evaluate(model));
  holds<Equal<typeof evaluation$, Observable<rxrnn.Evaluation>>>();
  const regression$ = windows$.pipe(rxrnn.evaluate(model, { loss: rxrnn.squaredError() }));
  holds<Equal<typeof regression$, Observable<rxrnn.LossEvaluation>>>();
  const alarm$ = pull([1, 2]).pipe(rxrnn.pageHinkley());
  holds<Equal<typeof alarm$, Observable<rxrnn.Alarm>>>();
  compiles(() => {
    // @ts-expect-error an alarm is raised by numbers
    scored$.pipe(rxrnn.adwin());
  });
});

test('a model of any kind is narrowed, and options of their own types fit', () => {
  const loaded: rxrnn.Model = model;
  compiles(() => {
    // @ts-expect-error which kind is it?
    loaded.encode(Int32Array.of(0));
    if (rxrnn.isSeq2seq(loaded)) holds<Equal<ReturnType<typeof loaded.encode>, rxrnn.State>>();
    const options: rxrnn.ValidateOptions = { every: 2, loss: undefined, measure: undefined };
    const validated$ = steps$.pipe(validate(loaded, windows$, options));
    return validated$.subscribe(({ validation }) => validation?.loss.toFixed(2));
  });
  const kernel: rxrnn.KernelOptions = { backend: undefined, workers: undefined };
  const trainable: rxrnn.Trainable = model;
  sequential({ linear: linear({ inputSize: 1, outputSize: 1, bias: undefined }) }, { ...kernel, dtype: undefined });
  train(model, { optimizer, loss: undefined, clip: undefined, dropoutRandom: undefined, resumeFrom: undefined });
  assert.is(trainable, model);
});

test('generated tokens have a text where there is a vocabulary', () => {
  const tokens$ = generateText(model, { maxTokens: 1 });
  holds<Equal<typeof tokens$, Observable<rxrnn.Generated>>>();
  const text$ = generateText(model, { maxTokens: 1, vocabulary: symbols });
  holds<Equal<typeof text$, Observable<rxrnn.GeneratedText>>>();
  compiles(() => {
    // @ts-expect-error no vocabulary, no text
    tokens$.subscribe(({ text }) => text);
    // @ts-expect-error either there or left out
    generateText(model, { vocabulary: undefined });
  });
});

test('asynchronous stages take their types from what they do', () => {
  const settled$ = tokens$.pipe(concatMapBounded(inFlight, async (token, index) => `${token + index}`));
  holds<Equal<typeof settled$, Observable<string>>>();
  const values = rxrnn.iterate(settled$, inFlight);
  holds<Equal<typeof values, AsyncIterableIterator<string, undefined, undefined>>>();
  const letters$ = pull('abc', inFlight);
  holds<Equal<typeof letters$, Observable<string>>>();
  const bytes = rxrnn.flat([Uint8Array.of(1)]);
  holds<Equal<typeof bytes, () => rxrnn.Cursor<number>>>();
  const doubled$ = tokens$.pipe(rxrnn.operator<number, string>((out) => ({ next: (n) => out.next(`${2 * n}`) })));
  holds<Equal<typeof doubled$, Observable<string>>>();
  const ended$ = tokens$.pipe(concatMapBounded(inFlight, () => rxrnn.write('')));
  holds<Equal<typeof ended$, Observable<never>>>();
  compiles(() => {
    // @ts-expect-error a number cannot be pulled
    pull(3);
    // @ts-expect-error demand is asked for in numbers
    pull('abc', rxrnn.requested(of('2')));
    // @ts-expect-error a demand is not yet a credit
    concatMapBounded(rxrnn.unlimited, (token: number) => [token]);
  });
});

test('a CSV has the columns asked for, as texts that may be missing from the type', () => {
  const rows$ = rxrnn.csv('names.csv', { columns: ['name'] });
  holds<Equal<typeof rows$, Observable<rxrnn.Row>>>();
  holds<Equal<rxrnn.Row[string], string>>();
  compiles(() => {
    // @ts-expect-error which columns?
    rxrnn.csv('names.csv');
  });
});

test('layers refuse options that they do not have', () => {
  compiles(() => [
    // @ts-expect-error misspelled
    rnn({ inputSize: 3, hiddenSize: 2, numLayer: 2 }),
    // @ts-expect-error left out
    lstm({ inputSize: 3 }),
    // @ts-expect-error its gates have functions of their own
    lstm({ inputSize: 3, hiddenSize: 2, nonlinearity: 'relu' }),
    // @ts-expect-error a cell is one layer
    rnnCell({ inputSize: 3, hiddenSize: 2, numLayers: 2 }),
    // @ts-expect-error in one direction
    rnnCell({ inputSize: 3, hiddenSize: 2, bidirectional: true }),
    // @ts-expect-error without a product of the state
    rxrnn.minGru({ inputSize: 3, hiddenSize: 2, recurrentDropout: 0.1 }),
    // @ts-expect-error its sums are not torch's
    rxrnn.slstm({ inputSize: 3, hiddenSize: 2, inputWeight: false }),
    // @ts-expect-error its sums are not torch's
    rxrnn.rgLru({ inputSize: 3, hiddenSize: 2, inputWeight: false }),
    // @ts-expect-error not a text
    gru({ inputSize: 3, hiddenSize: '2' }),
    // @ts-expect-error no layer
    sequential({ rnn: {} }),
    // @ts-expect-error misspelled
    sequential({}, { seed: 1 }),
  ]);
  // @ts-expect-error no such function
  assert.throws(() => rnn({ inputSize: 3, hiddenSize: 2, nonlinearity: 'gelu' }), /nonlinearity must be/);
  // @ts-expect-error one number's function only
  assert.throws(() => rnnCell({ inputSize: 3, hiddenSize: 2, nonlinearity: 'softmax' }), /nonlinearity must be/);
});

test('models refuse numbers and backends that there are not', () => {
  const layers = { linear: linear({ inputSize: 2, outputSize: 1 }) };
  // @ts-expect-error no such numbers
  assert.throws(() => sequential(layers, { dtype: 'float16' }), /dtype must be/);
  // @ts-expect-error no such backend
  assert.throws(() => sequential(layers, { backend: 'gpu' }), /backend must be/);
  holds<Equal<rxrnn.Dtype, 'float32' | 'float64'>>();
  holds<Equal<rxrnn.Backend, 'wasm' | 'plain' | 'native'>>();
});

test('only an encoder–decoder is decoded', () => {
  const layer = gru({ inputSize: 3, hiddenSize: 2 });
  const pair = seq2seq({ encoder: layer, decoder: layer, fc: linear({ inputSize: 2, outputSize: 3 }) });
  holds<Equal<typeof pair, rxrnn.Seq2seq>>();
  holds<Equal<typeof model, rxrnn.Model>>();
  const targets = rxrnn.greedyDecode(pair, Int32Array.of(1), { start: 0, maxTokens: 1 });
  holds<Equal<typeof targets, rxrnn.Token[]>>();
  compiles(() => {
    // @ts-expect-error one model, no pair
    rxrnn.beamSearch(model, Int32Array.of(1), { start: 0, maxTokens: 1, width: 2 });
    // @ts-expect-error a decoder without a readout
    seq2seq({ encoder: layer, decoder: layer });
  });
});

test('a learning rate is a number, a schedule or an observable', () => {
  const rates = [0.1, rxrnn.stepDecay({ learningRate: 0.1, every: 2, factor: 0.5 }), new Subject<number>()];
  for (const learningRate of rates) assert.is(sgd({ learningRate }).kind, 'sgd');
  // @ts-expect-error not a text
  assert.throws(() => adam({ learningRate: '0.1' }), /learningRate must be/);
  compiles(() => [
    // @ts-expect-error torch asks for it, too
    sgd({}),
    // @ts-expect-error torch's name, in the other case
    adam({ learning_rate: 0.1 }),
    // @ts-expect-error two shares
    adam({ betas: [0.9] }),
    // @ts-expect-error misspelled
    train(model, { optimizer, losses: crossEntropy() }),
    // @ts-expect-error a clip is not a loss
    train(model, { optimizer, loss: clipGradNorm(5) }),
  ]);
});

test('parts of your own have a type error where they are wrong', () => {
  const layer = linear({ inputSize: 2, outputSize: 1 });
  const rule = { kind: 'own', learningRate: 0.1, apply: () => undefined };
  const own = rxrnn.optimizer(rule);
  holds<Equal<typeof own, rxrnn.Optimizer>>();
  compiles(() => [
    // @ts-expect-error a layer without a way to run
    sequential({ own: { ...layer, tape: undefined } }),
    // @ts-expect-error no such input
    sequential({ own: { ...layer, takes: 'numbers' } }),
    // @ts-expect-error an option that a model file cannot hold
    sequential({ own: { ...layer, options: { sizes: [1, 2] } } }),
    // @ts-expect-error a cell without its carried state
    rxrnn.recurrent('own', { count: 1, bind: () => undefined }, { inputSize: 1, hiddenSize: 1 }),
    // @ts-expect-error how does it move the weights?
    rxrnn.optimizer({ kind: 'own', learningRate: 0.1 }),
    // @ts-expect-error misspelled
    rxrnn.optimizer({ ...rule, moment: { mean: 0 } }),
    // @ts-expect-error a rule is not an optimizer
    train(model, { optimizer: rule }),
    // @ts-expect-error a loss without its sum
    rxrnn.loss('own', {}, () => ({ width: 1, count: () => 1 })),
    // @ts-expect-error no such reduction
    rxrnn.loss('own', { reduction: 'none' }, () => ({ width: 1, count: () => 1, sum: () => 0 })),
    // @ts-expect-error a measure without a loss
    validate(model, windows$, { every: 1, measure: () => of({ errors: 3 }) }),
    // @ts-expect-error a schedule gives numbers
    adam({ learningRate: (update: number) => `${update}` }),
    // @ts-expect-error a maker makes layers
    rxrnn.loadModel('own.safetensors', { layers: { own: () => 3 } }),
  ]);
});

test('chance is seeded by what its generator takes', () => {
  holds<Equal<Parameters<typeof seeded>, [seed: string | number]>>();
  holds<Equal<Parameters<typeof rxrnn.torchRandom>[0], number | bigint>>();
  // @ts-expect-error
  assert.throws(() => seeded(1n), /seed/);
  // @ts-expect-error
  assert.throws(() => rxrnn.numpyRandom('1'), /seed/);
});

test('recordings keep the types of what they record', () => {
  const run = recording.recorder();
  const recorded$ = steps$.pipe(run.record('steps'));
  holds<Equal<typeof recorded$, Observable<rxrnn.TrainingStep>>>();
  const kept$ = steps$.pipe(recording.snapshots(run, { every: 2, take: () => learner.state() }));
  holds<Equal<typeof kept$, Observable<rxrnn.TrainingStep>>>();
  recorded$.subscribe();
  const replayed$ = recording.replay(run.recording(), 'steps');
  holds<Equal<typeof replayed$, Observable<unknown>>>();
  const entries$ = run.entries$.pipe(recording.runLog());
  holds<Equal<typeof entries$, Observable<string>>>();
  holds<Equal<Parameters<Parameters<typeof marbles.cases<number>>[2]>[1], number>>();
});

test('what flows cannot be written', () => {
  const run = recording.recorder();
  holds<Fixed<rxrnn.Tensor>>();
  holds<Fixed<rxrnn.Window>>();
  holds<Fixed<rxrnn.TrainingStep>>();
  holds<Fixed<rxrnn.ValidatedStep>>();
  holds<Fixed<rxrnn.Unrolled>>();
  holds<Fixed<rxrnn.Scored>>();
  holds<Fixed<rxrnn.Differentiated>>();
  holds<Fixed<rxrnn.Evaluation>>();
  holds<Fixed<rxrnn.Surprisal>>();
  holds<Fixed<rxrnn.KeyedSurprisal<string>>>();
  holds<Fixed<rxrnn.Progressive>>();
  holds<Fixed<rxrnn.Predicted>>();
  holds<Fixed<rxrnn.GeneratedText>>();
  holds<Fixed<rxrnn.Alarm>>();
  holds<Fixed<rxrnn.TrainingState>>();
  holds<Fixed<rxrnn.Snapshot>>();
  holds<Fixed<rxrnn.Checkpoint>>();
  holds<Fixed<rxrnn.LoadedModel>>();
  holds<Fixed<recording.Track>>();
  holds<Fixed<recording.Recording>>();
  holds<Equal<rxrnn.State, ReadonlyMap<string, rxrnn.Tensor>>>();
  compiles(() => {
    // @ts-expect-error
    model.step(0, model.zeroState()).state.set('rnn.h', { shape: [1], data: Float32Array.of(0) });
    // @ts-expect-error
    model.dtype = 'float64';
    // @ts-expect-error
    run.recording().tracks[0]!.marbles[0]!.step = 1;
    // @ts-expect-error
    symbols.symbols.push('d');
    // @ts-expect-error
    rxrnn.stateDict(model).clear();
  });
});

test.run();
