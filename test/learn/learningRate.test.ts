import { BehaviorSubject, concat, from, NEVER, Observable, of, Subject, tap, throwError } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linear } from '../../src/layer/linear.js';
import { adagrad } from '../../src/learn/adagrad.js';
import { adam } from '../../src/learn/adam.js';
import { adamw } from '../../src/learn/adamw.js';
import { cosineDecay } from '../../src/learn/cosineDecay.js';
import { exponentialDecay } from '../../src/learn/exponentialDecay.js';
import type { LearningRate, Schedule } from '../../src/learn/learningRate.js';
import type { Optimizer } from '../../src/learn/optimizer.js';
import { rmsprop } from '../../src/learn/rmsprop.js';
import { sgd } from '../../src/learn/sgd.js';
import { stepDecay } from '../../src/learn/stepDecay.js';
import { train } from '../../src/learn/train.js';
import type { Model } from '../../src/model/model.js';
import { sequential } from '../../src/model/sequential.js';
import { stateDict } from '../../src/model/stateDict.js';
import { seeded } from '../../src/random/seeded.js';
import { windows } from '../../src/token/windows.js';

const rules: Readonly<Record<string, (learningRate: LearningRate) => Optimizer>> = {
  sgd: (learningRate) => sgd({ learningRate, momentum: 0.9 }),
  adagrad: (learningRate) => adagrad({ learningRate }),
  rmsprop: (learningRate) => rmsprop({ learningRate }),
  adam: (learningRate) => adam({ learningRate }),
  adamw: (learningRate) => adamw({ learningRate }),
};

const model = (): Model =>
  sequential({ linear: linear({ inputSize: 4, outputSize: 4 }) }, { dtype: 'float64', random: seeded(1) });
const text = Array.from({ length: 41 }, (_, i) => (i * i + (i >> 2)) % 4); // 8 windows of 5

interface Run {
  readonly rates: number[];
  readonly weights: number[];
  readonly errors: string[];
}

function run(optimizer: Optimizer, each: (step: number, rates: number[]) => void = () => {}): Run {
  const it = model();
  const rates: number[] = [];
  const errors: string[] = [];
  from(text)
    .pipe(
      windows({ steps: 5 }),
      train(it, { optimizer }),
      tap(({ learningRate }) => rates.push(learningRate)),
    )
    .subscribe({
      next: ({ step }) => each(step, rates),
      error: (error: Error) => errors.push(error.message),
    });
  return { rates, weights: [...stateDict(it).values()].flatMap(({ data }) => [...data]), errors };
}

function follows(schedule: Schedule, closed: (update: number) => number, updates: Iterable<number>): void {
  for (const update of updates) {
    const [rate, truth] = [schedule(update), closed(update)];
    assert.ok(Math.abs(rate - truth) <= 1e-14 * truth + 1e-18, `update ${update}: ${rate}, not ${truth}`);
  }
}
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

test('stepDecay: learningRate · factor^⌊update / every⌋', () => {
  const schedule = stepDecay({ learningRate: 0.3, every: 7, factor: 0.5 });
  follows(schedule, (update) => 0.3 * 0.5 ** Math.floor(update / 7), upTo(60));
  assert.equal([6, 7, 13, 14].map(schedule), [0.3, 0.15, 0.15, 0.075]);
});

test('exponentialDecay: learningRate · factor^update, asked in any order', () => {
  const schedule = exponentialDecay({ learningRate: 0.3, factor: 0.97 });
  const closed = (update: number): number => 0.3 * 0.97 ** update;
  follows(schedule, closed, upTo(60));
  follows(schedule, closed, [3, 3, 50, 0, 1, 20]);
});

test('cosineDecay: down half a cosine, over at steps', () => {
  const schedule = cosineDecay({ learningRate: 0.2, steps: 50 });
  follows(schedule, (update) => (0.2 * (1 + Math.cos((Math.PI * update) / 50))) / 2, upTo(50));
  assert.equal([0, 25, 50, 51, 1000].map(schedule), [0.2, 0.1, 0, 0, 0]);
});

test('cosineDecay: up a line before, down to the minimum after', () => {
  const schedule = cosineDecay({ learningRate: 0.2, steps: 60, warmupSteps: 9, minimum: 0.02 });
  const closed = (update: number): number =>
    update < 9 ? (0.2 * (update + 1)) / 10 : 0.02 + (0.18 * (1 + Math.cos((Math.PI * (update - 9)) / 51))) / 2;
  follows(schedule, closed, upTo(60));
  assert.ok(schedule(0) > 0);
  assert.ok(upTo(70).every((update) => schedule(update) <= 0.2 && (update === 9) === (schedule(update) === 0.2)));
  assert.equal([60, 61].map(schedule), [0.02, 0.02]);
});

test('cosineDecay: a minimum as large as the rate holds it', () => {
  assert.equal([0, 1, 2, 9].map(cosineDecay({ learningRate: 0.5, steps: 3, minimum: 0.5 })), [0.5, 0.5, 0.5, 0.5]);
});

for (const [name, make] of Object.entries(rules)) {
  test(`${name}: a schedule moves the rate, and steps report it`, () => {
    const schedule = exponentialDecay({ learningRate: 0.1, factor: 0.5 });
    const scheduled = run(make(schedule));
    assert.equal(scheduled.rates, upTo(8).map(schedule));
    assert.not.equal(scheduled.weights, run(make(0.1)).weights);
  });

  test(`${name}: a number, a function and an observable of the same rate learn the same, to the bit`, () => {
    const plain = run(make(0.05));
    assert.equal(
      plain.rates,
      upTo(8).map(() => 0.05),
    );
    assert.equal(run(make(() => 0.05)), plain);
    assert.equal(run(make(of(0.05))), plain);
    assert.equal(run(make(new BehaviorSubject(0.05))), plain);
  });

  test(`${name}: a rate of 0 moves nothing`, () => {
    const before = [...stateDict(model()).values()].flatMap(({ data }) => [...data]);
    assert.equal(run(make(() => 0)).weights, before);
  });

  for (const bad of [NaN, -0.1, Infinity]) {
    const message = `${name}: learningRate must be a number from 0 up, got ${bad}`;
    test(`refused: ${message}`, () => {
      assert.throws(
        () => make(bad),
        (error: unknown) => error instanceof RangeError && error.message === message,
      );
      assert.equal(run(make((update) => (update < 3 ? 0.1 : bad))).errors, [message]);
      const rate$ = new BehaviorSubject(0.1);
      const { rates, errors } = run(make(rate$), (step) => step === 3 && rate$.next(bad));
      assert.equal(errors, [message]);
      assert.is(rates.length, 3);
      assert.is(rate$.observed, false);
    });
  }
}

test('an update whose rate is refused changes neither weights nor moments', () => {
  const it = model();
  const optimizer = adam({ learningRate: (update) => (update === 1 ? NaN : 0.1) });
  const { gradients } = it.tape(1, 1);
  gradients.learned.fill(1);
  optimizer.update(it, gradients);
  const [weights, moments] = [[...it.weights.learned], optimizer.state().moments];
  assert.throws(() => optimizer.update(it, gradients), /adam: learningRate must be/);
  assert.equal([...it.weights.learned], weights);
  assert.equal(optimizer.state().moments, moments);
  assert.is(optimizer.updates, 1);
});

test('an observable rate takes effect with the next window, from inside the stream too', () => {
  const rate$ = new BehaviorSubject(1);
  const { rates } = run(sgd({ learningRate: rate$ }), (step, rates) => step % 3 === 0 && rate$.next(rates.at(-1)! / 2));
  assert.equal(rates, [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25]);
  assert.is(rate$.observed, false);
});

test('an observable rate is subscribed while the training is, and not before', () => {
  const events: string[] = [];
  const rate$ = new Observable<number>((subscriber) => {
    events.push('subscribed');
    subscriber.next(0.1);
    return () => events.push('unsubscribed');
  });
  const optimizer = adam({ learningRate: rate$ });
  const training = concat(from(text), NEVER).pipe(windows({ steps: 5 }), train(model(), { optimizer }));
  assert.equal(events, []);
  const subscription = training.subscribe();
  assert.equal(events, ['subscribed']);
  subscription.unsubscribe();
  assert.equal(events, ['subscribed', 'unsubscribed']);
});

test('an observable rate that has no value yet is an error, not a lost window', () => {
  const message =
    'adam: learningRate is an observable without a value at update 0; start it with one (startWith, ' +
    'BehaviorSubject) and update through optimize or train';
  assert.equal(run(adam({ learningRate: new Subject<number>() })).errors, [message]);
  const it = model();
  assert.throws(
    () => adam({ learningRate: of(0.1) }).update(it, it.tape(1, 1).gradients),
    (error: unknown) => error instanceof Error && error.message === message,
  );
});

test('an error of an observable rate ends the training', () => {
  const { errors, rates } = run(adam({ learningRate: throwError(() => new Error('rate: gone')) }));
  assert.equal([errors, rates], [['rate: gone'], []]);
});

test('the rate of an optimizer is that of the last update, before it that of the first', () => {
  const optimizer = adam({ learningRate: stepDecay({ learningRate: 0.4, every: 2, factor: 0.5 }) });
  const it = model();
  const seen = [optimizer.learningRate];
  for (let i = 0; i < 4; i++) {
    optimizer.update(it, it.tape(1, 1).gradients);
    seen.push(optimizer.learningRate);
  }
  assert.equal(seen, [0.4, 0.4, 0.4, 0.2, 0.2]);
  assert.ok(Number.isNaN(adam({ learningRate: of(0.1) }).learningRate));
});

const refused: [() => unknown, string][] = [
  [
    () => stepDecay({ learningRate: -1, every: 1, factor: 1 }),
    'stepDecay: learningRate must be a number from 0 up, got -1',
  ],
  [() => stepDecay({ learningRate: 1, every: 0, factor: 1 }), 'stepDecay: every must be a positive integer, got 0'],
  [() => stepDecay({ learningRate: 1, every: 2.5, factor: 1 }), 'stepDecay: every must be a positive integer, got 2.5'],
  [() => stepDecay({ learningRate: 1, every: 1, factor: -1 }), 'stepDecay: factor must be a number from 0 up, got -1'],
  [
    () => exponentialDecay({ learningRate: 1, factor: NaN }),
    'exponentialDecay: factor must be a number from 0 up, got NaN',
  ],
  [
    () => exponentialDecay({ learningRate: -1, factor: 1 }),
    'exponentialDecay: learningRate must be a number from 0 up, got -1',
  ],
  [() => cosineDecay({ learningRate: -1, steps: 5 }), 'cosineDecay: learningRate must be a number from 0 up, got -1'],
  [() => cosineDecay({ learningRate: 1, steps: 5, minimum: -1 }), 'cosineDecay: minimum must be in [0, 1], got -1'],
  [() => cosineDecay({ learningRate: 1, steps: 0 }), 'cosineDecay: steps must be an integer from 1 up, got 0'],
  [
    () => cosineDecay({ learningRate: 1, steps: 5, warmupSteps: 5 }),
    'cosineDecay: steps must be an integer from 6 up, got 5',
  ],
  [
    () => cosineDecay({ learningRate: 1, steps: 5, warmupSteps: -1 }),
    'cosineDecay: warmupSteps must be an integer from 0 up, got -1',
  ],
  [() => cosineDecay({ learningRate: 1, steps: 5, minimum: 2 }), 'cosineDecay: minimum must be in [0, 1], got 2'],
];
for (const [make, message] of refused) {
  test(`refused: ${message}`, () => {
    assert.throws(make, (error: unknown) => error instanceof RangeError && error.message === message);
  });
}

test.run();
