// What a stranger can write outside the package, by its public names alone: an optimizer, a loss, a measure, a schedule
// and a layer, which work with training, checkpoints and model files as ours do.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom, map, of, pipe, reduce, skip, take, tap } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  adam,
  backpropagate,
  checkpoint,
  countUnmasked,
  type Dtype,
  earlyStop,
  generateText,
  gradients,
  huber,
  latestCheckpoint,
  type Layer,
  linear,
  loadCheckpoint,
  loadModel,
  loss,
  losses,
  type LossOptions,
  lstm,
  type Model,
  type Numbers,
  optimizer,
  type Optimizer,
  outputs,
  pull,
  readModel,
  saveCheckpoint,
  saveModel,
  type Schedule,
  seeded,
  sequential,
  stateDict,
  squaredError,
  train,
  trainer,
  type TrainingStep,
  unlimited,
  unroll,
  validate,
  type Window,
  windows,
} from '../../src/index.js';

const test = suite<{ folder: string }>('seams');
test.before.each((context) => void (context.folder = mkdtempSync(join(tmpdir(), 'rxrnn-seams-'))));
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

interface LionOptions {
  readonly learningRate?: number | Schedule;
  readonly betas?: readonly [number, number];
  readonly weightDecay?: number;
}

/** Chen et al., Symbolic Discovery of Optimization Algorithms, 2023. */
function lion({
  learningRate = 1e-3,
  betas: [beta1, beta2] = [0.9, 0.99],
  weightDecay = 0,
}: LionOptions = {}): Optimizer {
  return optimizer({
    kind: 'lion',
    learningRate,
    moments: { mean: 0 },
    apply({ weights, gradients, moments, learningRate }) {
      const mean = moments['mean']!;
      for (let i = 0; i < weights.length; i++) {
        const direction = Math.sign(beta1 * mean[i]! + (1 - beta1) * gradients[i]!);
        weights[i]! -= learningRate * (direction + weightDecay * weights[i]!);
        mean[i] = beta2 * mean[i]! + (1 - beta2) * gradients[i]!;
      }
    },
  });
}

/** `torch.nn.L1Loss`. */
const absoluteError = (options: LossOptions = {}) =>
  loss('absoluteError', options, ({ outputSize }) => ({
    width: outputSize,
    count(window, rows) {
      if (window.targets.length === rows * outputSize) return countUnmasked(window) * outputSize;
      throw new RangeError(`absoluteError: needs ${rows * outputSize} targets, got ${window.targets.length}`);
    },
    sum(losses, { output, outputGradient }, { targets, mask }, rows) {
      let sum = 0;
      for (let i = 0; i < rows * outputSize; i++) {
        const error = mask?.[Math.floor(i / outputSize)] === 0 ? 0 : output[i]! - targets[i]!;
        outputGradient[i] = Math.sign(error);
        sum += losses[i] = Math.abs(error);
      }
      return sum;
    },
  }));

/** A layer that multiplies each feature by a learned gain: y = g ⊙ x. */
function gain({ size, factor = 1 }: { readonly size: number; readonly factor?: number }): Layer {
  return {
    kind: 'gain',
    inputSize: size,
    outputSize: size,
    takes: 'features',
    parameters: [{ name: 'gain', shape: [size], initialise: (data) => void data.fill(factor) }],
    state: {},
    options: { size, factor },
    tape({ weights: { gain }, steps, lanes, allocate }) {
      const output = allocate(steps * lanes * size);
      return {
        output,
        state: {},
        forward(input, steps) {
          for (let i = 0; i < steps * lanes * size; i++) output[i] = gain![i % size]! * input[i]!;
        },
        differentiate: ({ gradients, outputGradient }) => ({
          stateGradient: {},
          backward(input, inputGradient, steps) {
            const gainGradient = gradients['gain']!;
            for (let i = 0; i < steps * lanes * size; i++) {
              gainGradient[i % size]! += outputGradient[i]! * input[i]!;
              if (inputGradient) inputGradient[i]! += outputGradient[i]! * gain![i % size]!;
            }
          },
        }),
      };
    },
  };
}
const layers = { gain };

const numbers$ = pull(Array.from({ length: 401 }, (_, i) => (i * i) % 5));
const window$ = numbers$.pipe(windows({ steps: 10 }));

function tokenModel(dtype: Dtype = 'float32', own = false): Model {
  const readout = linear({ inputSize: 6, outputSize: 5 });
  const parts = {
    lstm: lstm({ inputSize: 5, hiddenSize: 6 }),
    ...(own && { gain: gain({ size: 6, factor: 2 }) }),
    readout,
  };
  return sequential(parts, { dtype, random: seeded(2) });
}

function bits(model: Model): string {
  return [...stateDict(model).values()].map(({ data }) => Buffer.from(data.buffer).toString('hex')).join();
}

test('an optimizer of a rule of your own moves weights by its formula', () => {
  const model = sequential({ linear: linear({ inputSize: 1, outputSize: 1, bias: false }) }, { dtype: 'float64' });
  const rule = lion({ learningRate: 0.1, weightDecay: 0.5 });
  const block = model.tape(1, 1).gradients;
  let [weight, mean] = [model.weights.learned[0]!, 0];
  for (const gradient of [3, -1, -0.5, -20]) {
    block.learned[0] = gradient;
    rule.update(model, block);
    weight -= 0.1 * (Math.sign(0.9 * mean + 0.1 * gradient) + 0.5 * weight);
    mean = 0.99 * mean + 0.01 * gradient;
    assert.ok(Math.abs(model.weights.learned[0]! - weight) < 1e-15);
  }
  const { kind, updates, moments } = rule.state();
  assert.equal([kind, updates, [...moments.keys()]], ['lion', 4, ['mean.linear.weight']]);
});

test('an update reaches what the model computes: packed weights are packed again', () => {
  const model = sequential({ linear: linear({ inputSize: 8, outputSize: 8, bias: false }) });
  const ones = new Float32Array(8).fill(1);
  const before = model.step(ones, model.zeroState()).output.data;
  const tape = model.tape(1, 1);
  tape.gradients.learned.fill(1);
  lion({ learningRate: 1 }).update(model, tape.gradients);
  const after = model.step(ones, model.zeroState()).output.data;
  for (let i = 0; i < 8; i++) assert.ok(Math.abs(before[i]! - 8 - after[i]!) < 1e-5);
});

for (const dtype of ['float32', 'float64'] as const) {
  test(`an optimizer of your own is saved and resumed to the same bits, ${dtype}`, ({ folder }) => {
    const linearDecay: Schedule = (update) => 0.01 * (1 - update / 100);
    const make = (): Optimizer => lion({ learningRate: linearDecay });
    const whole: TrainingStep[] = [];
    const model = tokenModel(dtype);
    window$.pipe(train(model, { optimizer: make() })).subscribe((step) => whole.push(step));
    assert.is(whole.length, 40);
    assert.equal(
      whole.map(({ learningRate }) => learningRate),
      whole.map((_, update) => linearDecay(update)),
    );

    const run = trainer(tokenModel(dtype), { optimizer: make() });
    window$.pipe(run.learn, checkpoint({ trainer: run, folder, every: 7 }), take(20)).subscribe();
    const saved = latestCheckpoint(folder)!;
    assert.is(saved.training.optimizer.kind, 'lion');
    const rest: TrainingStep[] = [];
    window$
      .pipe(skip(14), trainer(saved.model, { optimizer: make(), resumeFrom: saved.training }).learn)
      .subscribe((step) => rest.push(step));
    assert.equal(rest, whole.slice(14));
    assert.is(bits(saved.model), bits(model));
    assert.throws(
      () => trainer(saved.model, { optimizer: adam(), resumeFrom: saved.training }),
      /^adam: restore needs a state of adam, got one of lion$/,
    );
  });
}

test('powers of factors are running products, and moments start from what the rule says', () => {
  const seen: unknown[] = [];
  const rule = optimizer({
    kind: 'watched',
    learningRate: 0.5,
    moments: { a: 2 },
    factors: { beta: 0.5 },
    apply({ moments, powers, update, learningRate }) {
      seen.push([moments['a']![0], powers['beta'], update, learningRate]);
      moments['a']![0]! += 1;
    },
  });
  const model = sequential({ linear: linear({ inputSize: 1, outputSize: 1 }) });
  const { gradients } = model.tape(1, 1);
  for (let i = 0; i < 3; i++) rule.update(model, gradients);
  assert.equal(seen, [
    [2, 0.5, 1, 0.5],
    [3, 0.25, 2, 0.5],
    [4, 0.125, 3, 0.5],
  ]);
});

const rule = { kind: 'own', learningRate: 0.1, apply: () => undefined };
for (const [bad, message] of [
  [{ ...rule, kind: '' }, 'optimizer: kind must be the name of the rule, got ""'],
  [{ ...rule, moment: {} }, 'optimizer: unknown option moment; did you mean moments?'],
  [{ ...rule, apply: 3 }, 'optimizer: apply must be a function, got 3'],
  [{ ...rule, moments: { 'a.b': 0 } }, 'optimizer: names of moments must not be empty nor have a dot, got "a.b"'],
  [{ ...rule, moments: { a: NaN } }, 'optimizer: moments.a must be a finite number, got NaN'],
  [{ ...rule, moments: 3 }, 'optimizer: moments must be an object of numbers, got 3'],
  [{ ...rule, factors: { beta: 1.5 } }, 'optimizer: factors.beta must be in [0, 1], got 1.5'],
  [{ ...rule, learningRate: -1 }, 'own: learningRate must be a number from 0 up, got -1'],
] as const) {
  test(`refused: ${message}`, () => {
    assert.throws(
      () => optimizer(bad as typeof rule),
      (error: Error) => error.message === message,
    );
  });
}

/** Two steps of two features; the second is padding where there is a mask. */
const window = (mask?: Uint8Array): Window => ({
  steps: 2,
  lanes: 1,
  inputs: Float32Array.of(1, 2, 3, 4),
  targets: Float32Array.of(9, -9),
  ...(mask && { mask }),
});

for (const [reduction, mask, expected] of [
  ['mean', undefined, { loss: 9, count: 2, gradient: [1, 1], losses: [9, 9] }],
  ['sum', undefined, { loss: 9, count: 2, gradient: [2, 2], losses: [9, 9] }],
  ['mean', Uint8Array.of(1, 0), { loss: 9, count: 1, gradient: [-1, -2], losses: [9, 0] }],
] as const) {
  test(`a loss of your own: ${reduction}${mask ? ', with padding' : ''}`, () => {
    const model = sequential({ linear: linear({ inputSize: 2, outputSize: 1, bias: false }) });
    model.weights.learned.fill(0);
    model.kernel.weightsChanged();
    let found: unknown;
    of(window(mask))
      .pipe(
        unroll(model),
        absoluteError({ reduction }),
        map((scored) => ({ scored, each: losses(scored) })),
        map(({ scored, each }) => ({ ...scored, each })),
        backpropagate(model),
      )
      .subscribe((it) => {
        found = {
          loss: it.loss,
          count: it.count,
          gradient: [...gradients(it).get('linear.weight')!.data],
          losses: [...losses(it).data],
        };
      });
    assert.equal(found, expected);
  });
}

test('a loss of your own tells where it is not finite, and refuses what it does not know', () => {
  const model = sequential({ linear: linear({ inputSize: 2, outputSize: 1 }) });
  let error: Error | undefined;
  of({ ...window(), inputs: Float32Array.of(NaN, 0, 0, 0) })
    .pipe(unroll(model), absoluteError())
    .subscribe({ error: (thrown: Error) => (error = thrown) });
  assert.match(error!.message, /^absoluteError: the loss of window 1 is not finite: the output of layer linear is not/);
  assert.throws(
    () => absoluteError({ reductions: 'sum' } as LossOptions),
    /^absoluteError: unknown option reductions; did you mean reduction\?$/,
  );
  assert.throws(
    () => absoluteError({ reduction: 'none' } as unknown as LossOptions),
    /^absoluteError: reduction must be mean or sum, got "none"$/,
  );
});

test('a measure of your own decides when to stop, and which checkpoint is the best', ({ folder }) => {
  const model = tokenModel();
  const errorRate = pipe(
    unroll(model),
    map((unrolled) => {
      const { data } = outputs(unrolled);
      const targets = [...unrolled.window.targets];
      const wrong = targets.filter((target, i) => {
        const row = data.subarray(i * model.outputSize, (i + 1) * model.outputSize);
        return row.indexOf(Math.max(...row)) !== target;
      });
      return { wrong: wrong.length, count: targets.length };
    }),
    reduce((sum, { wrong, count }) => ({ wrong: sum.wrong + wrong, count: sum.count + count })),
    map(({ wrong, count }) => ({ loss: wrong / count, count })),
  );
  const heldOut$ = window$.pipe(take(3));
  const run = trainer(model, { optimizer: adam({ learningRate: 0.03 }) });
  const rates: number[] = [];
  window$
    .pipe(
      run.learn,
      validate(model, heldOut$, { every: 5, measure: errorRate }),
      tap(({ validation }) => validation && rates.push(validation.loss) && assert.is(validation.count, 30)),
      earlyStop({ patience: 2 }),
      checkpoint({ trainer: run, folder, every: 100 }),
    )
    .subscribe();
  assert.ok(rates.length >= 2 && rates.every((rate) => rate >= 0 && rate <= 1));
  const best = loadCheckpoint(join(folder, 'best.safetensors'));
  assert.is(best.validations.at(-1)!.loss, Math.min(...rates));
});

test('a layer of your own is saved and loaded by its maker, to the same bits and bytes', ({ folder }) => {
  const path = join(folder, 'own.safetensors');
  const model = tokenModel('float32', true);
  saveModel(path, model, { layers });
  const file = readFileSync(path);
  for (const loaded of [loadModel(path, { layers }).model, readModel(file, { layers }).model]) {
    assert.equal(loaded.configuration, model.configuration);
    assert.equal(loaded.step(3, loaded.zeroState()), model.step(3, model.zeroState()));
    saveModel(path, loaded, { layers });
    assert.is(Buffer.compare(readFileSync(path), file), 0);
  }
  assert.throws(
    () => loadModel(path),
    /could not be loaded: buildModel: configuration\.layers\[1\]\.kind must be one of .*, got "gain"; a layer of your own needs its maker: \{ layers: \{ kind: maker \} \}$/,
  );
});

type Own = Parameters<typeof saveModel>[2];
const inGain = (change: Partial<Layer>): Model => sequential({ gain: { ...gain({ size: 2 }), ...change } });
for (const [what, model, options, message] of [
  ['without its maker', inGain({}), {}, 'layers[0].kind must be one of'],
  [
    'whose options make other parameters',
    inGain({ options: { size: 3 } }),
    { layers },
    'gain.gain must have shape [3], got [2]',
  ],
  [
    'whose maker does not know an option',
    inGain({ options: { size: 2, colour: 'red' } }),
    { layers },
    'gain does not know the option colour: "red"',
  ],
  [
    'with a function among its options',
    inGain({ options: { size: 2, factor: Math.abs as unknown as number } }),
    { layers },
    'layers[0].factor must be a text, a finite number, true or false, got function abs',
  ],
  [
    'with a number among its options that JSON does not have',
    inGain({ options: { size: 2, factor: Infinity } }),
    { layers },
    'layers[0].factor must be a text, a finite number, true or false, got Infinity',
  ],
  ['whose maker makes another kind', inGain({}), { layers: { gain: linear } }, 'linear: unknown option size'],
  [
    'whose maker makes a layer of another name',
    inGain({ kind: 'gain2' }),
    { layers: { gain2: gain } },
    'the maker of "gain2" gave a layer of kind "gain"',
  ],
  ['whose maker is not a function', inGain({}), { layers: { gain: 3 } }, 'layers: gain must be a function, got 3'],
  [
    'whose maker has the name of one of ours',
    inGain({ kind: 'linear' }),
    { layers: { linear: gain } },
    'layers: linear is a layer of the library; give yours a kind of its own',
  ],
  [
    'that only has the name of one of ours',
    inGain({ kind: 'linear', options: { inputSize: 2, outputSize: 2, bias: false } }),
    {},
    'gain.weight must have shape [2, 2], got none',
  ],
  ['of a provenance that is not an object', tokenModel(), { provenance: [] }, 'provenance must be an object, got []'],
  ['of a kind of its own', { ...tokenModel(), configuration: { kind: 'tree' } }, {}, 'configuration.kind must be'],
] as const) {
  test(`a model ${what} is refused before the file is touched`, ({ folder }) => {
    const path = join(folder, 'own.safetensors');
    let error: Error | undefined;
    try {
      saveModel(path, model, options as unknown as NonNullable<Own>);
    } catch (thrown) {
      error = thrown as Error;
    }
    assert.match(error!.message, message);
    assert.ok(error!.message.startsWith('saveModel: loadModel could not read this model: '));
    assert.ok(error!.message.endsWith(`${path} was not written`));
    assert.not(existsSync(path));
  });
}

test('a run with a layer of your own is saved with its maker, and resumed to the same bits', ({ folder }) => {
  const options = () => ({ optimizer: adam() });
  const whole: TrainingStep[] = [];
  const model = tokenModel('float32', true);
  window$.pipe(train(model, options())).subscribe((step) => whole.push(step));
  const refused = trainer(tokenModel('float32', true), options());
  let error: Error | undefined;
  window$
    .pipe(refused.learn, checkpoint({ trainer: refused, folder, every: 5 }))
    .subscribe({ error: (thrown: Error) => (error = thrown) });
  assert.match(error!.message, /^checkpoint: loadCheckpoint could not read this model: .*got "gain"; a layer of your/);
  assert.not(existsSync(join(folder, 'checkpoint-000000005.safetensors')));

  const run = trainer(tokenModel('float32', true), options());
  window$.pipe(run.learn, checkpoint({ trainer: run, folder, every: 5, layers }), take(12)).subscribe();
  const saved = latestCheckpoint(folder, { layers })!;
  const rest: TrainingStep[] = [];
  const resumed = trainer(saved.model, { ...options(), resumeFrom: saved.training });
  window$.pipe(skip(10), resumed.learn).subscribe((step) => rest.push(step));
  assert.equal(rest, whole.slice(10));
  assert.is(bits(saved.model), bits(model));
  const path = saveCheckpoint(folder, { training: resumed.state() }, { layers });
  assert.is(loadCheckpoint(path, { layers }).training.step, 40);
  assert.throws(() => loadCheckpoint(path), /got "gain"; a layer of your own needs its maker/);
});

test('a model with a layer of your own generates by weights that change', () => {
  const model = tokenModel('float64', true);
  const tokens = (options: object): number[] => {
    const found: number[] = [];
    generateText(model, { maxTokens: 20, random: seeded(1), demand: unlimited, ...options }).subscribe(({ token }) =>
      found.push(token),
    );
    return found;
  };
  const weights = stateDict(model);
  assert.equal(tokens({ weights$: of(weights) }), tokens({}));
  const sharper = new Map(
    [...weights].map(([name, { shape, data }]) => [name, { shape, data: data.map((w) => 9 * w) }]),
  );
  assert.is.not(tokens({ weights$: of(sharper) }).join(), tokens({}).join());
});

test('refused: a loss whose counts or divisors are not numbers to divide by', () => {
  const model = sequential({ linear: linear({ inputSize: 1, outputSize: 1 }) });
  const window: Window = { steps: 1, lanes: 1, inputs: Float32Array.of(1), targets: Float32Array.of(1) };
  for (const [given, message] of [
    [{ count: () => NaN }, /^own: count must be an integer from 0 up, got NaN$/],
    [{ count: () => -3 }, /^own: count must be an integer from 0 up, got -3$/],
    [{ divisor: () => NaN }, /^own: divisor must be a number from 0 up, got NaN$/],
  ] as const) {
    const own = loss('own', {}, () => ({ width: 1, count: () => 1, sum: () => 1, ...given }));
    let failure: unknown;
    of(window)
      .pipe(train(model, { optimizer: adam(), loss: own }))
      .subscribe({ error: (error: unknown) => (failure = error) });
    assert.match((failure as Error).message, message);
  }
});

test('losses that float32 rounds to 0 agree with their sum', async () => {
  const window = { steps: 1, lanes: 1, inputs: Float32Array.of(0), targets: Float32Array.of(1e-23) };
  for (const loss of [huber(), squaredError()]) {
    const model = sequential({ linear: linear({ inputSize: 1, outputSize: 1, bias: false }) });
    const scored = await lastValueFrom(of(window).pipe(unroll(model), loss));
    assert.ok(scored.loss < 1e-40, `${scored.loss}`);
  }
});

const disagreeing: [what: string, change: object, message: RegExp][] = [
  [
    'sum',
    { sum: (losses: Numbers) => losses.fill(1) && 40 },
    /^mine: sum must return the sum of the losses .*, 4 in window 1, got 40/,
  ],
  ['losses', { sum: () => 4 }, /^mine: sum must return the sum of the losses that it writes, 0 in window 1, got 4/],
  [
    'width',
    { width: 1 },
    /^mine: sum must return the sum of the losses that it writes, 2 in window 1, got 4; width is/,
  ],
  ['count', { count: () => 40 }, /^mine: count must be at most 4 in this window, got 40/],
];
for (const [what, change, message] of disagreeing) {
  test(`refused: a loss whose ${what} disagrees with the rest, which evaluate would report otherwise`, () => {
    const sum = (losses: Numbers) => losses.fill(1) && 4;
    const mine = loss('mine', {}, () => ({ width: 2, count: () => 4, sum, ...change }));
    const model = sequential({ linear: linear({ inputSize: 1, outputSize: 2 }) });
    const window: Window = { steps: 2, lanes: 1, inputs: Float32Array.of(1, 2), targets: new Float32Array(4) };
    const errors: Error[] = [];
    of(window)
      .pipe(train(model, { optimizer: adam(), loss: mine }))
      .subscribe({ error: (error: Error) => errors.push(error) });
    assert.match(errors[0]!.message, message);
  });
}

test('refused before a file is touched: a vocabulary that is only a list', ({ folder }) => {
  const path = join(folder, 'list.safetensors');
  const model = sequential({ linear: linear({ inputSize: 1, outputSize: 1 }) });
  assert.throws(
    () => saveModel(path, model, { vocabulary: ['a'] as never }),
    /vocabulary must be what vocabulary\(\) or vocabularyOf gives/,
  );
  assert.not.ok(existsSync(path));
});

test.run();
