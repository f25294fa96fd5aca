import { from, identity, NEVER, of, startWith, Subject, tap } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { predictThenLearn, type PredictThenLearnOptions } from '../../src/infer/predictThenLearn.js';
import { surprisal } from '../../src/infer/surprisal.js';
import { gru } from '../../src/layer/gru.js';
import type { Layer } from '../../src/layer/layer.js';
import { linear } from '../../src/layer/linear.js';
import { adam } from '../../src/learn/adam.js';
import { sgd } from '../../src/learn/sgd.js';
import { train } from '../../src/learn/train.js';
import { clipGradNorm } from '../../src/learn/clipGradNorm.js';
import type { Model } from '../../src/model/model.js';
import { loadStateDict } from '../../src/model/loadStateDict.js';
import { sequential } from '../../src/model/sequential.js';
import { stateDict } from '../../src/model/stateDict.js';
import { seeded } from '../../src/random/seeded.js';
import { windows } from '../../src/token/windows.js';
import type { Token } from '../../src/types.js';
import { asWholeWindows } from '../support/asWholeWindows.js';
import { all, kinds, model, SIZE, sum, through, tokens } from './models.js';

const weightsOf = (made: Model): unknown => [...stateDict(made)];
const options = (steps: number): PredictThenLearnOptions => ({ optimizer: adam({ learningRate: 0.01 }), steps });

/** The loop by hand: score by steps of the model, then one tape forward, back and an update every few tokens. */
function byHand(made: Model, text: readonly Token[], steps: number, rate: number): number[] {
  const optimizer = sgd({ learningRate: rate });
  const { kernel, outputSize } = made;
  const tape = made.tape(steps, 1);
  const losses = kernel.allocate(steps);
  const terms = { ignoreIndex: -100, labelSmoothing: 0, weight: undefined };
  const bits: number[] = [];
  let state = made.zeroState();
  let previous = -1;
  for (let at = 0; at < text.length; at += steps) {
    const targets = Int32Array.from(text.slice(at, at + steps));
    const inputs = Int32Array.of(previous, ...targets.slice(0, -1));
    for (const [i, input] of inputs.entries()) {
      const next = made.step(input, state);
      state = next.state;
      const row = kernel.allocate(1);
      const slope = kernel.allocate(outputSize);
      const logits = kernel.allocate(outputSize);
      logits.set(next.output.data);
      kernel.crossEntropy(row, slope, logits, targets.slice(i, i + 1), undefined, terms, 1, outputSize);
      bits.push(row[0]! / Math.LN2);
    }
    const count = targets.length;
    tape.forward(inputs, count);
    kernel.crossEntropy(losses, tape.outputGradient, tape.output, targets, undefined, terms, count, outputSize);
    if (count !== 1) kernel.scale(tape.outputGradient, 1 / count, count * outputSize);
    tape.backward();
    const { learned } = tape.gradients;
    const factor = 5 / (kernel.norm(learned, learned.length) + 1e-6);
    if (factor < 1) kernel.scale(learned, factor, learned.length);
    optimizer.update(made, tape.gradients);
    previous = targets.at(-1)!;
  }
  return bits;
}

for (const kind of kinds) {
  for (const steps of [1, 4, 25]) {
    test(`${kind}, ${steps} steps: it is the loop by hand, to the bit`, async () => {
      const text = tokens(53);
      const [made, other] = [model(kind), model(kind)];
      const optimizer = sgd({ learningRate: 0.1 });
      const progressive = await through(text, predictThenLearn(made, { optimizer, steps }));
      assert.equal(
        progressive.map(({ bits }) => bits),
        byHand(other, text, steps, 0.1),
      );
      assert.equal(weightsOf(made), weightsOf(other));
    });
  }

  test(`${kind}: it learns what train learns of the same windows, to the bit`, async () => {
    const text = tokens(60);
    const [made, other] = [model(kind), model(kind)];
    const progressive = await through(text, predictThenLearn(made, options(7)));
    const optimizer = adam({ learningRate: 0.01 });
    const steps = await all(from(text).pipe(startWith(-1), windows({ steps: 7 }), train(other, { optimizer })));
    const learned = progressive.flatMap((one) => (one.learned ? [one.learned] : []));
    assert.equal(learned, steps.slice(0, 8)); // the ninth is of the rest, at the end
    assert.is(steps.length, 9);
    assert.equal(weightsOf(made), weightsOf(other));
  });
}

test('no token is scored by weights that have seen it', async () => {
  const [made, frozen] = [model(), model()];
  const text = tokens(10);
  const scored = await through(text, surprisal(frozen, { topK: 2 }));
  const seen: Token[] = [];
  const progressive = await through(text, predictThenLearn(made, { ...options(4), topK: 2 }));
  for (const { tokens: _tokens, meanBits: _meanBits, learned, ...one } of progressive.slice(0, 4)) {
    assert.equal(one, scored[seen.length]);
    seen.push(one.token);
    assert.is(learned !== undefined, seen.length === 4);
  }
  assert.is.not(progressive[4]!.bits, scored[4]!.bits);
});

test('it counts tokens and takes the mean of their bits', async () => {
  const progressive = await through(tokens(20), predictThenLearn(model(), options(6)));
  const bits = progressive.map((one) => one.bits);
  assert.equal(
    progressive.map(({ tokens, meanBits }) => [tokens, meanBits]),
    bits.map((_, i) => [i + 1, sum(bits.slice(0, i + 1)) / (i + 1)]),
  );
});

test('a learning rate of 0 scores as surprisal does', async () => {
  const text = tokens(30);
  const made = model();
  const progressive = await through(
    text,
    predictThenLearn(made, { optimizer: sgd({ learningRate: 0 }), steps: 4, reset: (token) => token === 2 }),
  );
  const scored = await through(text, surprisal(model(), { reset: (token) => token === 2 }));
  assert.equal(
    progressive.map(({ bits }) => bits),
    scored.map(({ bits }) => bits),
  );
});

for (const previous of [-1, null]) {
  test(`a reset cuts the window, and the next starts from zeros after ${previous}`, async () => {
    const [made, other] = [model(), model()];
    const seen: unknown[] = [];
    const spied = tap(({ window }: { window: unknown }) => seen.push(window)) as typeof identity;
    const resetting = { ...options(3), previous, reset: (token: Token) => token === 6, clip: spied };
    await through([1, 2, 6, 6, 3, 4, 5, 1], predictThenLearn(made, resetting));
    const starts = previous === null ? [] : [previous];
    const window = (inputs: Token[], targets: Token[], resets?: Uint8Array): object => ({
      steps: inputs.length,
      lanes: 1,
      inputs: Int32Array.from(inputs),
      targets: Int32Array.from(targets),
      ...(resets && { resets }),
    });
    const fresh = Uint8Array.of(1);
    const expected =
      previous === null
        ? [window([1, 2], [2, 6]), window([3, 4, 5], [4, 5, 1], fresh)]
        : [
            window([...starts, 1, 2], [1, 2, 6]),
            window(starts, [6], fresh),
            window([...starts, 3, 4], [3, 4, 5], fresh),
            window([5], [1]),
          ];
    assert.equal(seen, expected);
    const { clip: _none, ...same } = resetting;
    await through([1, 2, 6, 6, 3, 4, 5, 1], predictThenLearn(other, { ...same, ...options(3), clip: identity }));
    assert.equal(weightsOf(made), weightsOf(other));
  });
}

test('the stages are those that are given', async () => {
  const text = tokens(30);
  const [clipped, free] = [model(), model()];
  const optimizer = (): PredictThenLearnOptions['optimizer'] => sgd({ learningRate: 1 });
  await through(text, predictThenLearn(clipped, { optimizer: optimizer(), clip: clipGradNorm(1e-3) }));
  await through(text, predictThenLearn(free, { optimizer: optimizer(), clip: identity }));
  assert.not.equal(weightsOf(clipped), weightsOf(free));
});

test('a token that comes of an emission is learned after the one before', () => {
  const [made, other] = [model(), model()];
  const text$ = new Subject<Token>();
  const text = [1, 2, 3, 4, 5, 6];
  const fed: number[] = [];
  text$.pipe(predictThenLearn(made, options(2))).subscribe(({ bits, tokens }) => {
    fed.push(bits);
    if (tokens < text.length) text$.next(text[tokens]!);
  });
  text$.next(text[0]!);
  const straight: number[] = [];
  from(text)
    .pipe(predictThenLearn(other, options(2)))
    .subscribe(({ bits }) => straight.push(bits));
  assert.equal(fed, straight);
});

for (const [given, token, message] of [
  [{ ...options(2) }, SIZE, 'predictThenLearn: token 7 at index 0 is outside the vocabulary of 7'],
  [
    { ...options(1), optimizer: sgd({ learningRate: NEVER }) },
    0,
    'sgd: learningRate is an observable without a value at update 0; start it with one (startWith, ' +
      'BehaviorSubject) and update through optimize or train',
  ],
] as [PredictThenLearnOptions, Token, string][]) {
  test(`fails: ${message}`, () => {
    const errors: string[] = [];
    of(token)
      .pipe(predictThenLearn(model(), given))
      .subscribe({ error: (error: Error) => errors.push(error.message) });
    assert.equal(errors, [message]);
  });
}

for (const [given, message] of [
  [options(0), 'predictThenLearn: steps must be a positive integer, got 0'],
  [{ ...options(2), topK: -1 }, 'predictThenLearn: topK must be an integer from 0 up, got -1'],
] as [PredictThenLearnOptions, string][]) {
  test(`refused: ${message}`, () =>
    assert.throws(
      () => predictThenLearn(model(), given),
      (error: Error) => error.message.includes(message),
    ));
}

const gruOf = (of: (layer: Layer) => Layer): Model =>
  sequential(
    { gru: of(gru({ inputSize: SIZE, hiddenSize: 5 })), linear: of(linear({ inputSize: 5, outputSize: SIZE })) },
    { random: seeded('shared') },
  );

test('several that learn one model, and weights loaded in the middle of a window: windows are run again', () => {
  const learn = (made: Model): unknown => {
    const streams = [3, 7].map((steps) => ({ token$: new Subject<Token>(), bits: [] as number[], steps }));
    for (const { token$, bits, steps } of streams) {
      const reset = (token: Token): boolean => token === 2;
      token$.pipe(predictThenLearn(made, { ...options(steps), reset })).subscribe((scored) => bits.push(scored.bits));
    }
    const before = stateDict(made);
    for (const [i, token] of tokens(90).entries()) {
      streams[0]!.token$.next(token);
      if (i > 20) streams[1]!.token$.next(token); // the first is alone at the beginning
      if (i === 70) loadStateDict(made, before);
    }
    for (const { token$ } of streams) token$.complete();
    return [streams.map(({ bits }) => bits), weightsOf(made)];
  };
  assert.equal(learn(gruOf((layer) => layer)), learn(gruOf(asWholeWindows)));
});

test.run();
