import {
  bufferCount,
  concat,
  defer,
  delay,
  filter,
  from,
  identity,
  map,
  type MonoTypeOperatorFunction,
  of,
  pipe,
  skip,
  Subject,
  take,
  tap,
  throwError,
} from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkpoint } from '../../src/checkpoint/checkpoint.js';
import { adagrad } from '../../src/learn/adagrad.js';
import { adam } from '../../src/learn/adam.js';
import { backpropagate } from '../../src/learn/backpropagate.js';
import { clipGradNorm } from '../../src/learn/clipGradNorm.js';
import { crossEntropy } from '../../src/learn/crossEntropy.js';
import type { Optimizer } from '../../src/learn/optimizer.js';
import { sgd } from '../../src/learn/sgd.js';
import type { Differentiated, Unrolled } from '../../src/learn/stages.js';
import { train } from '../../src/learn/train.js';
import { trainer, type TrainOptions } from '../../src/learn/trainer.js';
import type { TrainingState } from '../../src/learn/trainingState.js';
import { unroll } from '../../src/learn/unroll.js';
import { activation } from '../../src/layer/activation.js';
import { dropout } from '../../src/layer/dropout.js';
import { embedding } from '../../src/layer/embedding.js';
import { gru } from '../../src/layer/gru.js';
import type { Layer } from '../../src/layer/layer.js';
import { linear } from '../../src/layer/linear.js';
import { lstm } from '../../src/layer/lstm.js';
import { minGru } from '../../src/layer/minGru.js';
import { minLstm } from '../../src/layer/minLstm.js';
import { rnn } from '../../src/layer/rnn.js';
import type { Model, Tape } from '../../src/model/model.js';
import { seq2seq } from '../../src/model/seq2seq.js';
import { sequential } from '../../src/model/sequential.js';
import { numpyRandom } from '../../src/random/numpyRandom.js';
import { seeded } from '../../src/random/seeded.js';
import { windows } from '../../src/token/windows.js';
import type { TrainingStep, Window } from '../../src/types.js';
import { temporaryFolder } from '../checkpoint/runs.js';
import { bits, CELLS, collected, OPTIMIZERS, smallModel, trainingWindows } from './support.js';

/** The state of a run after a step. */
function stateAt(step: number): TrainingState {
  const run = trainer(smallModel(), { optimizer: adam() });
  trainingWindows().pipe(run.learn, take(step)).subscribe();
  return run.state();
}

for (const cell of CELLS) {
  for (const [name, optimizer] of Object.entries(OPTIMIZERS)) {
    for (const dtype of ['float32', 'float64'] as const) {
      test(`${cell}, ${name}, ${dtype}: resumed after any step, the rest has the same bits`, () => {
        const model = smallModel({ cell, dtype });
        const states: TrainingState[] = [];
        const first = trainer(model, { optimizer: optimizer(), dropoutRandom: seeded(8) });
        const whole = collected(
          trainingWindows().pipe(
            first.learn,
            tap(() => states.push(first.state())),
          ),
        );
        assert.is(whole.values.length, 24);
        for (const cut of [1, 2, 9, 23]) {
          const other = smallModel({ cell, dtype });
          const options = { optimizer: optimizer(), dropoutRandom: seeded('any'), resumeFrom: states[cut - 1] };
          const rest = collected(trainingWindows().pipe(skip(cut), trainer(other, options).learn));
          assert.equal(rest.values, whole.values.slice(cut), `after ${cut}`);
          assert.equal(bits(other), bits(model));
        }
      });
    }
  }
}

test('the ends of a run and the stages between them are train, to the bit', () => {
  const [model, other] = [smallModel(), smallModel()];
  const run = trainer(model, { optimizer: adam(), dropoutRandom: seeded(8) });
  const stages = pipe(run.unroll, crossEntropy(), backpropagate(model), clipGradNorm(5), run.optimize);
  const { values } = collected(trainingWindows().pipe(stages));
  const whole = collected(trainingWindows().pipe(train(other, { optimizer: adam(), dropoutRandom: seeded(8) })));
  assert.is(values.length, 24);
  assert.equal(values, whole.values);
  assert.equal(bits(model), bits(other));
});

test('each subscription of train begins at the same place', () => {
  const run = train(smallModel(), { optimizer: adam(), resumeFrom: stateAt(4) });
  const [one, two] = [collected(trainingWindows().pipe(skip(4), run)), collected(trainingWindows().pipe(skip(4), run))];
  assert.is(one.values[0]!.step, 5);
  assert.equal(one, two);
});

test('a second subscription of a trainer goes on where the first ended, to the same bits', () => {
  const [model, other] = [smallModel(), smallModel()];
  const run = trainer(model, { optimizer: adam(), dropoutRandom: seeded(8) });
  const values = [0, 7, 8].flatMap(
    (from, i, cuts) => collected(trainingWindows().pipe(take(cuts[i + 1] ?? 24), skip(from), run.learn)).values,
  );
  const whole = collected(trainingWindows().pipe(train(other, { optimizer: adam(), dropoutRandom: seeded(8) })));
  assert.equal(values, whole.values);
  assert.equal(bits(model), bits(other));
});

test('what a run carries on is copied before its tape gives the buffers back', () => {
  const model = smallModel();
  const spoiling: Model = {
    ...model,
    tape(...given) {
      const tape = model.tape(...given);
      return Object.assign(Object.create(tape) as Tape, {
        release() {
          tape.setState(
            new Map([...tape.state()].map(([name, { shape, data }]) => [name, { shape, data: data.fill(9) }])),
          );
          tape.release();
        },
      });
    },
  };
  const run = trainer(spoiling, { optimizer: sgd({ learningRate: 0 }) });
  trainingWindows().pipe(run.learn, take(2)).subscribe();
  const completed = trainer(spoiling, { optimizer: sgd({ learningRate: 0 }) });
  trainingWindows().pipe(take(2), completed.learn).subscribe();
  for (const { hidden } of [run.state(), completed.state()]) {
    for (const { data } of hidden.values()) assert.ok(data.every((number) => Math.abs(number) < 9));
  }
});

test('a run continues in another number of lanes where its windows reset them all', () => {
  const window = (lanes: number, resets?: Uint8Array): Window => ({
    steps: 1,
    lanes,
    inputs: new Int32Array(lanes),
    targets: new Int32Array(lanes),
    ...(resets && { resets }),
  });
  const run = trainer(smallModel(), { optimizer: adam() });
  assert.is(collected(of(window(2)).pipe(run.learn)).error, undefined);
  const { error } = collected(of(window(3)).pipe(run.learn));
  assert.match(
    error!.message,
    /^sequential: the state recurrent\.h must have shape \[2, 3, 6\], got \[2, 2, 6\] of 24 numbers$/,
  );
  const { values } = collected(of(window(3, Uint8Array.of(1, 1, 1))).pipe(run.learn));
  assert.equal(
    values.map(({ step, tokens }) => [step, tokens]),
    [[2, 5]],
  );
});

test('a run of an encoder–decoder, whose windows start from their sources, resumes to the same bits', () => {
  const make = (): Model =>
    seq2seq({
      encoder: gru({ inputSize: 4, hiddenSize: 3 }),
      decoder: gru({ inputSize: 4, hiddenSize: 3 }),
      fc: linear({ inputSize: 3, outputSize: 4 }),
    });
  const pairs: Window[] = [
    [1, 2],
    [2, 3],
    [3, 1, 2],
    [2, 2],
  ].map((tokens) => ({
    steps: tokens.length,
    lanes: 1,
    inputs: Int32Array.of(0, ...tokens.slice(1)),
    targets: Int32Array.from(tokens),
    source: { steps: tokens.length, inputs: Int32Array.from(tokens) },
  }));
  const [model, other] = [make(), make()];
  const first = trainer(model, { optimizer: adam() });
  const states: TrainingState[] = [];
  const whole = collected(
    from(pairs).pipe(
      first.learn,
      tap(() => states.push(first.state())),
    ),
  );
  const second = trainer(other, { optimizer: adam(), resumeFrom: states[1] });
  const rest = collected(from(pairs.slice(2)).pipe(second.learn));
  assert.equal(rest.values, whole.values.slice(2));
  assert.equal(bits(other), bits(model));
});

test('a state is a copy: the run goes on and leaves it alone', () => {
  const states: TrainingState[] = [];
  const numbers = ({ weights, optimizer, hidden }: TrainingState): number[] =>
    [weights, optimizer.moments, hidden].flatMap((tensors) => [...tensors.values()].flatMap(({ data }) => [...data]));
  const early: number[][] = [];
  const run = trainer(smallModel(), { optimizer: adam() });
  trainingWindows()
    .pipe(run.learn)
    .subscribe(() => {
      states.push(run.state());
      early.push(numbers(states.at(-1)!));
    });
  assert.is(states.length, 24);
  assert.equal(states.map(numbers), early);
});

test('a run that has ended, one that was left and one that is resumed have the state of their last step', () => {
  const run = trainer(smallModel(), { optimizer: adam() });
  let last: TrainingState | undefined;
  trainingWindows()
    .pipe(run.learn)
    .subscribe(() => (last = run.state()));
  assert.is(last!.step, 24);
  assert.equal(run.state(), last);
  const resumed = trainer(smallModel(), { optimizer: adam(), dropoutRandom: seeded('any'), resumeFrom: last });
  assert.equal(resumed.state(), last);
  assert.is(stateAt(3).step, 3);
});

test('taking the state at every step does not change the run', () => {
  const learned = (look: boolean): unknown => {
    const model = smallModel();
    const run = trainer(model, { optimizer: adam(), dropoutRandom: seeded(1) });
    const { values } = collected(trainingWindows().pipe(run.learn, look ? tap(() => run.state()) : identity));
    return [values, bits(model)];
  };
  assert.equal(learned(true), learned(false));
});

test('refused: the state before the first step', () => {
  const run = trainer(smallModel(), { optimizer: adam() });
  assert.throws(() => run.state(), /^trainer: the run has no state before its first step$/);
  new Subject<Window>().pipe(run.learn).subscribe();
  assert.throws(() => run.state(), /^trainer: the run has no state before its first step$/);
});

test('refused: the state while a window has been unrolled and not learned, also where it needed longer buffers', () => {
  const model = smallModel();
  const messages: string[] = [];
  const run = trainer(model, {
    optimizer: adam(),
    clip: tap<Differentiated>(() => {
      try {
        run.state();
      } catch (error) {
        messages.push((error as Error).message);
      }
    }),
  });
  const longer: Window = { steps: 7, lanes: 5, inputs: new Int32Array(35), targets: new Int32Array(35) };
  const { values } = collected(concat(trainingWindows().pipe(take(2)), of(longer)).pipe(run.learn));
  assert.is(values.length, 3);
  assert.equal(
    messages,
    [0, 1, 2].map(
      (step) =>
        `trainer: the window after step ${step} has been unrolled and not learned, so the run has no state; ask for it ` +
        'when a step arrives',
    ),
  );
  assert.is(run.state().step, 3);
});

test('a window that failed is passed over: there is no state until the next is learned', () => {
  const bad: Window = { steps: 1, lanes: 5, inputs: new Int32Array(5), targets: new Int32Array(5).fill(9) };
  const run = trainer(smallModel(), { optimizer: adam() });
  const { error } = collected(concat(trainingWindows().pipe(take(2)), of(bad)).pipe(run.learn));
  assert.match(error!.message, /^crossEntropy: target 9 is outside/);
  assert.throws(() => run.state(), /^trainer: the window after step 2 has been unrolled and not learned/);
  assert.is(collected(trainingWindows().pipe(take(1), run.learn)).values[0]!.step, 3);
  assert.is(run.state().step, 3);
});

test('a source that failed between two windows leaves the run as it was', () => {
  const run = trainer(smallModel(), { optimizer: adam() });
  const failing$ = concat(
    trainingWindows().pipe(take(2)),
    throwError(() => new Error('gone')),
  );
  assert.is(collected(failing$.pipe(run.learn)).error!.message, 'gone');
  assert.equal(run.state(), stateAt(2));
});

test('refused: two streams at the same time', () => {
  const run = trainer(smallModel(), { optimizer: adam() });
  const first = new Subject<Window>();
  const subscription = first.pipe(run.learn).subscribe();
  const message = 'is subscribed to already; a run learns one stream at a time. Make a run for each, or join';
  assert.ok(collected(trainingWindows().pipe(run.learn)).error!.message.startsWith(`trainer: optimize ${message}`));
  assert.ok(collected(trainingWindows().pipe(run.unroll)).error!.message.startsWith(`trainer: unroll ${message}`));
  subscription.unsubscribe();
  assert.is(collected(trainingWindows().pipe(run.learn)).values.length, 24);
});

test('a run that take cut short is continued by concat, not in its own complete handler', () => {
  const [model, other] = [smallModel(), smallModel()];
  const whole = collected(trainingWindows().pipe(train(other, { optimizer: adam() }))).values;
  const run = trainer(model, { optimizer: adam() });
  const first = trainingWindows().pipe(run.learn, take(3));
  const rest = trainingWindows().pipe(skip(3), run.learn);
  let refused: Error | undefined;
  first.subscribe({ complete: () => void rest.subscribe({ error: (error: Error) => (refused = error) }) });
  assert.match(refused!.message, /join the streams by concat: .* lasts until its complete handler has returned$/);
  assert.equal(collected(rest).values, whole.slice(3), 'the refusal changes nothing');

  const joined = trainer(smallModel(), { optimizer: adam() });
  const parts = [trainingWindows().pipe(joined.learn, take(3)), trainingWindows().pipe(skip(3), joined.learn)];
  assert.equal(collected(concat(...parts)).values, whole);
});

test('refused: a window that another operator unrolled', () => {
  const model = smallModel();
  const run = trainer(model, { optimizer: adam() });
  const stages = pipe(unroll(model), crossEntropy(), backpropagate(model), run.optimize);
  assert.is(
    collected(trainingWindows().pipe(stages)).error!.message,
    'trainer: optimize got a window that this run did not unroll; begin with its own unroll',
  );
});

test('windows that a stage drops are not learned, and the run continues after them', () => {
  const model = smallModel();
  const run = trainer(model, { optimizer: adam() });
  const every = filter<Unrolled>(({ pass }) => pass % 3 !== 2);
  const stages = pipe(run.unroll, every, crossEntropy(), backpropagate(model), run.optimize);
  const { values } = collected(trainingWindows().pipe(take(6), stages));
  assert.equal(
    values.map(({ step }) => step),
    [1, 2, 3, 4],
  );
});

test('refused: a stage between the run and its checkpoint that lets time pass, or steps of another run', async () => {
  const [run, other] = [1, 2].map(() => trainer(smallModel(), { optimizer: adam() })) as [
    ReturnType<typeof trainer>,
    ReturnType<typeof trainer>,
  ];
  const folder = temporaryFolder();
  const late = await new Promise<Error>((resolve) => {
    trainingWindows()
      .pipe(run.learn, delay(0), checkpoint({ trainer: run, folder, every: 1 }))
      .subscribe({ error: resolve });
  });
  assert.match(
    late.message,
    /^checkpoint: step 1 came when the trainer was at step 24; between the trainer and here every stage must be sync/,
  );
  trainingWindows().pipe(take(5), other.learn).subscribe();
  const { error } = collected(
    trainingWindows().pipe(
      trainer(smallModel(), { optimizer: adam() }).learn,
      bufferCount(2),
      map((steps) => steps[1]!),
      checkpoint({ trainer: other, folder: temporaryFolder(), every: 2 }),
    ),
  );
  assert.match(error!.message, /^checkpoint: step 2 came when the trainer was at step 5; /);
});

test('refused: dropout that cannot go on', () => {
  const resumeFrom = stateAt(2);
  const options = { optimizer: adam(), dropoutRandom: numpyRandom(1), resumeFrom };
  assert.throws(() => trainer(smallModel(), options), /must be of generator numpy, got "seeded"/);
  const run = train(smallModel(), options);
  assert.match(collected(trainingWindows().pipe(run)).error!.message, /must be of generator numpy, got "seeded"/);
});

test('refused: a state of another rule or another model, and the weights stay as they were', () => {
  const resumeFrom = stateAt(2);
  const model = smallModel();
  const before = bits(model);
  const wrongRule = 'adagrad: restore needs a state of adagrad, got one of adam';
  assert.throws(
    () => trainer(model, { optimizer: adagrad(), resumeFrom }),
    (error: Error) => error.message === wrongRule,
  );
  const inStream = collected(trainingWindows().pipe(train(model, { optimizer: adagrad(), resumeFrom })));
  assert.is(inStream.error!.message, wrongRule);
  assert.equal(bits(model), before);
  const other = sequential({ linear: linear({ inputSize: 7, outputSize: 7 }) });
  assert.throws(
    () => trainer(other, { optimizer: adam(), resumeFrom }),
    /^loadStateDict: the model has no recurrent\./,
  );
});

for (const [how, ending] of [
  ['complete', (window$) => window$],
  [
    'an error of the source',
    (window$) =>
      concat(
        window$,
        throwError(() => new Error('gone')),
      ),
  ],
  [
    'an error of a stage',
    (window$) =>
      concat(window$, of({ steps: 1, lanes: 5, inputs: new Int32Array(5), targets: new Int32Array(5).fill(9) })),
  ],
] as [string, MonoTypeOperatorFunction<Window>][]) {
  test(`a run is continued from ${how}, to the same bits, and is one stream at a time there, too`, () => {
    const [model, other] = [smallModel(), smallModel()];
    const run = trainer(model, { optimizer: adam(), dropoutRandom: seeded(8) });
    const whole = collected(trainingWindows().pipe(train(other, { optimizer: adam(), dropoutRandom: seeded(8) })));
    const values: TrainingStep[] = [];
    const later = new Subject<Window>();
    const next = (step: TrainingStep): void => void values.push(step);
    const go = (): void => {
      assert.is(run.state().step, 7);
      later.pipe(run.learn).subscribe({ next });
    };
    const again = how === 'an error of a stage' ? (): void => void later.pipe(run.learn).subscribe({ next }) : go;
    trainingWindows().pipe(take(7), ending, run.learn).subscribe({ next, complete: again, error: again });
    assert.match(collected(trainingWindows().pipe(run.learn)).error!.message, /is subscribed to already/);
    if (how === 'an error of a stage') return assert.is(values.length, 7);
    trainingWindows().pipe(skip(7)).subscribe(later);
    assert.equal(values, whole.values);
    assert.equal(bits(model), bits(other));
  });
}

const misfits: [string, (good: TrainingState) => Partial<TrainingState>, RegExp][] = [
  ['weights missing', () => ({ weights: new Map() }), /^loadStateDict: missing recurrent/],
  [
    'hidden state missing',
    () => ({ hidden: new Map() }),
    /^trainer: the hidden state of resumeFrom misses recurrent\.h, recurrent\.c$/,
  ],
  [
    'a hidden state too many',
    ({ hidden }) => ({ hidden: new Map([...hidden, ['x.h', [...hidden.values()][0]!]]) }),
    /^trainer: the model has no hidden state x\.h$/,
  ],
  [
    'a hidden state of another shape',
    ({ hidden }) => ({
      hidden: new Map([...hidden, ['recurrent.h', { shape: [2, 5, 7], data: new Float32Array(70) }]]),
    }),
    /^trainer: the hidden state recurrent\.h must have shape \[2, lanes, 6\], got \[2, 5, 7\] of 70 numbers$/,
  ],
  [
    'a hidden state with fewer numbers than its shape',
    ({ hidden }) => ({
      hidden: new Map([...hidden, ['recurrent.h', { shape: [2, 5, 6], data: new Float32Array(59) }]]),
    }),
    /got \[2, 5, 6\] of 59 numbers$/,
  ],
  [
    'an optimizer of another rule',
    ({ optimizer }) => ({ optimizer: { ...optimizer, kind: 'sgd' } }),
    /^adam: restore needs/,
  ],
  [
    'dropout of another generator',
    ({ dropoutRandom }) => ({ dropoutRandom: { ...dropoutRandom!, generator: 'numpy' } }),
    /got "numpy"/,
  ],
];
for (const [what, change, message] of misfits) {
  test(`refused at once, and nothing changes: ${what}`, () => {
    const [model, other] = [smallModel(), smallModel()];
    model.weights.learned.fill(0.5);
    const [optimizer, dropout] = [adam(), seeded('mine')];
    const [weights, draws] = [bits(model), dropout.state()];
    const good = stateAt(2);
    assert.throws(
      () => trainer(model, { optimizer, dropoutRandom: dropout, resumeFrom: { ...good, ...change(good) } }),
      message,
    );
    assert.equal([bits(model), dropout.state(), optimizer.updates], [weights, draws, 0]);
    trainer(other, { optimizer, resumeFrom: good }); // it serves no model yet
  });
}

const sizes = { inputSize: 3, hiddenSize: 3 };
/** Layers of the same parameters that compute something else, and what is said of them. */
const alike: [string, Record<string, Layer>, Record<string, Layer>, string][] = [
  ['rnn', { a: rnn(sizes) }, { a: rnn({ ...sizes, nonlinearity: 'relu' }) }, 'a has nonlinearity "tanh"'],
  ['minGru', { a: minGru(sizes) }, { a: minGru({ ...sizes, form: 'log' }) }, 'a has form "plain"'],
  ['minLstm', { a: minLstm({ ...sizes, form: 'log' }) }, { a: minLstm(sizes) }, 'a has form "log"'],
  [
    'the place of a norm',
    { a: lstm({ ...sizes, layerNorm: true }) },
    { a: lstm({ ...sizes, layerNorm: 'state' }) },
    'a has layerNorm "output", that of the model has "state"',
  ],
  [
    'the epsilon of a norm',
    { a: lstm({ ...sizes, layerNorm: true }) },
    { a: lstm({ ...sizes, layerNorm: true, layerNormEpsilon: 0.1 }) },
    'a has layerNormEpsilon 0.00001',
  ],
  [
    'padding',
    { a: embedding({ inputSize: 3, outputSize: 3 }) },
    { a: embedding({ inputSize: 3, outputSize: 3, paddingIndex: 1 }) },
    'a has paddingIndex undefined',
  ],
  [
    'another order',
    { a: gru(sizes), b: gru(sizes) },
    { b: gru(sizes), a: gru(sizes) },
    'the layers a, b, the model has b, a',
  ],
  [
    'a layer without parameters',
    { a: gru(sizes), tanh: activation({ size: 3, nonlinearity: 'tanh' }) },
    { a: gru(sizes) },
    'the layers a, tanh, the model has a',
  ],
];
for (const [what, before, now, message] of alike) {
  test(`refused: a state of layers that compute something else by the same parameters: ${what}`, () => {
    const window$ = of({ steps: 2, lanes: 1, inputs: Int32Array.of(0, 1), targets: Int32Array.of(1, 2) });
    const run = trainer(sequential(before), { optimizer: adam() });
    collected(window$.pipe(run.learn));
    const model = sequential(now, { random: seeded('others') });
    const kept = bits(model);
    assert.throws(
      () => trainer(model, { optimizer: adam(), resumeFrom: run.state() }),
      (error: Error) => error instanceof RangeError && error.message.includes(message),
    );
    assert.equal(bits(model), kept);
    trainer(sequential(before), { optimizer: adam(), resumeFrom: run.state() });
  });
}

test('a run may continue with other shares of dropout, frozen parameters and another dtype', () => {
  const [before, now] = [
    { a: lstm({ ...sizes, recurrentInitializer: 'orthogonal' }), dropout: dropout({ size: 3, rate: 0.1 }) },
    { a: lstm({ ...sizes, dropout: 0.5, recurrentDropout: 0.5 }) },
  ];
  const window$ = of({ steps: 2, lanes: 1, inputs: Int32Array.of(0, 1), targets: Int32Array.of(1, 2) });
  const run = trainer(sequential(before), { optimizer: sgd({ learningRate: 0.1 }) });
  collected(window$.pipe(run.learn));
  const model = sequential(now, { dtype: 'float64', frozen: ['a.bias_ih_l0'] });
  const resumed = trainer(model, { optimizer: sgd({ learningRate: 0.1 }), resumeFrom: run.state() });
  assert.is(collected(window$.pipe(resumed.learn)).values[0]!.step, 2);
});

for (const [name, make] of Object.entries({ train, trainer })) {
  test(`${name} names itself in the errors of its stages, and of the state that it begins at`, () => {
    const said = (options: Partial<TrainOptions>): string =>
      collected(
        defer(() => {
          const made = make(smallModel(), { optimizer: adam(), ...options });
          return trainingWindows().pipe(typeof made === 'function' ? made : made.learn);
        }),
      ).error!.message;
    const [loss, clip] = [() => crossEntropy(), () => clipGradNorm(5)] as never[];
    assert.match(said({ loss: loss! }), new RegExp(`^${name}: loss must be an operator, but gave a function`));
    assert.match(said({ clip: clip! }), new RegExp(`^${name}: clip must be an operator, but gave a function`));
    const resumeFrom = { ...stateAt(2), hidden: new Map() };
    assert.match(said({ resumeFrom }), new RegExp(`^${name}: the hidden state of resumeFrom misses recurrent\\.h`));
  });
}

for (const [name, make] of Object.entries({ train, trainer })) {
  test(`refused by ${name} at once: options that it does not know or cannot use`, () => {
    const refused = (options: object): string => {
      try {
        make(smallModel(), options as { optimizer: Optimizer });
      } catch (error) {
        return (error as Error).message;
      }
      return 'nothing';
    };
    assert.is(
      refused({ optimizer: adam(), losses: crossEntropy() }),
      `${name}: unknown option losses; did you mean loss?`,
    );
    assert.is(refused({}), `${name}: optimizer must be an optimizer such as adam(), got undefined`);
    assert.is(
      refused({ optimizer: adam }),
      `${name}: optimizer must be an optimizer such as adam(), got function adam`,
    );
    assert.is(refused({ optimizer: adam(), clip: 5 }), `${name}: clip must be a function, got 5`);
    assert.is(
      refused({ optimizer: adam(), dropoutRandom: 5 }),
      `${name}: dropoutRandom must be a generator such as seeded(0), got 5`,
    );
  });
}

for (const [what, tokens] of [
  ['an empty corpus', []],
  ['a corpus too short for its lanes', [0, 1, 2]],
] as const) {
  test(`refused: ${what}`, () => {
    const windows$ = from(tokens).pipe(windows({ steps: 5, lanes: 8 }));
    for (const [name, learn] of [
      ['train', train(smallModel(), { optimizer: adam() })],
      ['trainer', trainer(smallModel(), { optimizer: adam() }).learn],
    ] as const) {
      const { values, error } = collected(windows$.pipe(learn));
      assert.is(values.length, 0);
      assert.instance(error, RangeError);
      assert.ok(error!.message.startsWith(`${name}: the windows ended before the first one, so nothing was learned; `));
    }
  });
}

test('refused: windows of which no target counts, at their end; one that counts is enough', () => {
  const [window] = collected(from([0, 1, 2, 1, 0, 2]).pipe(windows({ steps: 2, lanes: 1 }))).values;
  const ignored = crossEntropy({ ignoreIndex: 2 });
  for (const [without, loss] of [
    [{ ...window!, mask: new Uint8Array(2) }, undefined],
    [{ ...window!, targetMask: new Uint8Array(2) }, undefined],
    [{ ...window!, targets: Int32Array.of(2, 2) }, ignored],
  ] as const) {
    const learn = () => train(smallModel(), { optimizer: adam(), ...(loss && { loss }) });
    const { values, error } = collected(from([without, without]).pipe(learn()));
    assert.equal(
      values.map(({ tokens }) => tokens),
      [0, 0],
    );
    assert.instance(error, RangeError);
    assert.match(
      error!.message,
      /^train: no target of the 2 windows counts, so nothing was learned; is there a 1 in mask/,
    );
    const some = collected(from([without, window!, without]).pipe(learn()));
    assert.is(some.error, undefined);
    assert.is(some.values.length, 3);
  }
});

test('a run that has made steps completes where no window is left', () => {
  const run = trainer(smallModel(), { optimizer: adam() });
  const { error } = collected(from([0, 1, 2]).pipe(windows({ steps: 2 }), run.learn));
  assert.is(error, undefined);
  const again = collected(from([0]).pipe(windows({ steps: 2 }), run.learn));
  assert.equal([again.values, again.error], [[], undefined]);

  const resumed = trainer(smallModel(), { optimizer: adam(), resumeFrom: run.state() });
  const rest = collected(from([0]).pipe(windows({ steps: 2 }), resumed.learn));
  assert.equal([rest.values, rest.error], [[], undefined]);
});

test.run();
