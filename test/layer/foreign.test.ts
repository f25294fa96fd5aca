// A layer and a kind of cell written by what the package exports, and nothing else: they run, learn, are scored and
// generate beside our own.
import { lastValueFrom, of, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  adam,
  type CellKind,
  evaluate,
  generateText,
  type Layer,
  linear,
  type Model,
  pull,
  recurrent,
  type RecurrentOptions,
  seeded,
  sequential,
  squaredError,
  stateDict,
  surprisal,
  type Tensors,
  train,
  uniform,
  type Window,
  windows,
} from '../../src/index.js';
import { gradientCheck } from '../learn/gradientCheck.js';

/** `y = x · gain`, a learned factor for each feature, in plain loops. */
function gain(size: number): Layer {
  return {
    kind: 'gain',
    inputSize: size,
    outputSize: size,
    takes: 'features',
    parameters: [uniform('gain', [size], 1)],
    state: {},
    options: { size },
    tape({ weights, steps, lanes, allocate }) {
      const factors = weights['gain']!;
      const output = allocate(steps * lanes * size);
      return {
        output,
        state: {},
        forward(input, steps) {
          for (let i = 0; i < steps * lanes * size; i++) output[i] = input[i]! * factors[i % size]!;
        },
        differentiate: ({ gradients, outputGradient }) => ({
          stateGradient: {},
          backward(input, inputGradient, steps) {
            for (let i = 0; i < steps * lanes * size; i++) {
              gradients['gain']![i % size]! += outputGradient[i]! * input[i]!;
              if (inputGradient) inputGradient[i]! += outputGradient[i]! * factors[i % size]!;
            }
          },
        }),
      };
    },
  };
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** minGRU (Feng et al., 2024): `z = σ(W_z x + b_z)`, `v = W_v x + b_v`, `h[t] = (1 − z) h[t−1] + z v`; no product of h. */
const minGru: CellKind = {
  count: 2,
  carried: ['h'],
  recurrentProduct: false,
  bind({ steps, lanes, hiddenSize, carried, allocate }) {
    const sums = allocate(steps * lanes * 2 * hiddenSize); // of z and v, side by side
    const { before, after } = carried['h']!;
    const each = (t: number, visit: (unit: number, z: number, v: number) => void): void => {
      for (let lane = 0; lane < lanes; lane++) {
        const row = (t * lanes + lane) * 2 * hiddenSize;
        for (let n = 0; n < hiddenSize; n++) visit(lane * hiddenSize + n, row + n, row + hiddenSize + n);
      }
    };
    return {
      sums,
      hiddenSums: sums,
      step(t) {
        each(t, (unit, z, v) => {
          const share = sigmoid(sums[z]!);
          after[t]![unit] = (1 - share) * before[t]![unit]! + share * sums[v]!;
        });
      },
      differentiate({ hiddenGradient }) {
        const sumsGradient = allocate(sums.length);
        return {
          sumsGradient,
          hiddenSumsGradient: sumsGradient,
          stepBack(t, dBefore) {
            each(t, (unit, z, v) => {
              const share = sigmoid(sums[z]!);
              const d = hiddenGradient[t * lanes * hiddenSize + unit]!;
              sumsGradient[z] = d * (sums[v]! - before[t]![unit]!) * share * (1 - share);
              sumsGradient[v] = d * share;
              dBefore[unit]! += d * (1 - share);
            });
          },
        };
      },
    };
  },
};
const minGruLayer = (options: RecurrentOptions): Layer => recurrent('minGruLayer', minGru, options);

const random = seeded('foreign');
const normals = (length: number): Float64Array => new Float64Array(length).map(() => random.normal());
const languageModel = (): Model =>
  sequential(
    {
      rnn: minGruLayer({ inputSize: 3, hiddenSize: 12 }),
      gain: gain(12),
      linear: linear({ inputSize: 12, outputSize: 3 }),
    },
    { random: seeded(1) },
  );
const tokens = Array.from({ length: 301 }, (_, i) => [0, 1, 2, 1][i % 4]!);

for (const options of [{}, { numLayers: 2, dropout: 0.5 }, { numLayers: 2, bidirectional: true, bias: false }]) {
  test(`a cell without a recurrent product, ${JSON.stringify(options)}: gradients, with a mask and without`, () => {
    const rnn = minGruLayer({ inputSize: 3, hiddenSize: 4, ...options });
    const model = sequential({ rnn, gain: gain(rnn.outputSize) }, { dtype: 'float64', random: seeded(4) });
    assert.not.ok([...model.weights.tensors.keys()].some((name) => name.includes('_hh')));
    const rows = 5 * 2;
    const window: Window = { steps: 5, lanes: 2, inputs: normals(3 * rows), targets: normals(rows * model.outputSize) };
    const mask = Uint8Array.of(0, 1, 1, 1, 1, 0, 1, 1, 0, 1);
    for (const it of [window, { ...window, mask }]) {
      gradientCheck(
        model,
        it,
        squaredError,
        ({ loss }) => loss,
        model.zeroState(2),
        () => seeded(7),
      );
    }
  });
}

for (const backend of ['wasm', 'plain'] as const) {
  test(`a pass through a cell with a loop of its own is computed each time, ${backend}`, () => {
    const rnn = minGruLayer({ inputSize: 3, hiddenSize: 4 });
    const model = sequential({ rnn, linear: linear({ inputSize: 4, outputSize: 3 }) }, { backend, random: seeded(5) });
    const tape = model.tape(3, 1);
    const forward = (): number[] => {
      tape.setState(model.zeroState());
      tape.forward(Int32Array.of(0, 1, 2), 3);
      return [...tape.output];
    };
    const before = [forward(), forward(), forward()];
    assert.equal(before[1], before[0]);
    assert.equal(before[2], before[0]);
    model.weights.tensors.get('rnn.weight_ih_l0')!.data.fill(0);
    model.kernel.weightsChanged();
    const bias = forward();
    assert.not.equal(bias, before[0]);
    model.weights.tensors.get('rnn.bias_ih_l0')!.data.fill(0);
    model.kernel.weightsChanged();
    const readout = [...model.weights.tensors.get('linear.bias')!.data];
    assert.equal(forward(), [...readout, ...readout, ...readout]); // the state is zero at every step
  });
}

test('without a product of the state there is nothing for recurrentDropout', () => {
  assert.throws(
    () => minGruLayer({ inputSize: 3, hiddenSize: 4, recurrentDropout: 0.1 }),
    /^minGruLayer: recurrentDropout needs a recurrent product, which this kind of cell does not have$/,
  );
  assert.throws(
    () => minGruLayer({ inputSize: 3, hiddenSize: 4, numLayer: 2 } as never),
    /^minGruLayer: unknown option numLayer; did you mean numLayers\?$/,
  );
});

test('a foreign layer and cell learn, are scored, step and generate', async () => {
  const model = languageModel();
  const score = (): Promise<number> =>
    lastValueFrom(pull(tokens).pipe(windows({ steps: 50 }), evaluate(model))).then(({ loss }) => loss);
  const before = await score();
  const epochs$ = pull(Array.from({ length: 20 }, () => tokens).flat()).pipe(windows({ steps: 25 }));
  await lastValueFrom(epochs$.pipe(train(model, { optimizer: adam({ learningRate: 0.03 }) })));
  const after = await score();
  assert.ok(after < 0.05 && before > 1, `${before} nats before, ${after} after`);
  const text$ = generateText(model, { prompt: [0, 1], previous: null, maxTokens: 6, temperature: 0 });
  const generated = await lastValueFrom(text$.pipe(toArray()));
  assert.equal(
    generated.map(({ token }) => token),
    [2, 1, 0, 1, 2, 1],
  );
});

test('generating with weights$ copies a model of foreign layers', async () => {
  const model = languageModel();
  const weights: Tensors = stateDict(model);
  const options = { maxTokens: 4, temperature: 0 } as const;
  const own = await lastValueFrom(generateText(model, options).pipe(toArray()));
  for (const { data } of model.weights.tensors.values()) data.fill(0);
  model.kernel.weightsChanged();
  assert.equal(await lastValueFrom(generateText(model, { ...options, weights$: of(weights) }).pipe(toArray())), own);
});

/** Hands features on, by another of two arrays in each pass. */
function alternating(size: number): Layer {
  return {
    kind: 'alternating',
    inputSize: size,
    outputSize: size,
    takes: 'features',
    parameters: [],
    state: {},
    options: { size },
    tape({ steps, lanes, allocate }) {
      const arrays = [allocate(steps * lanes * size), allocate(steps * lanes * size)] as const;
      let pass = 0;
      return {
        get output() {
          return arrays[pass % 2 === 0 ? 0 : 1];
        },
        state: {},
        forward(input, steps) {
          pass++;
          this.output.set((input as Float32Array).subarray(0, steps * lanes * size));
        },
        differentiate: () => ({ stateGradient: {}, backward: () => undefined }),
      };
    },
  };
}

test('a last layer that writes to another array in each pass is scored as without it', async () => {
  const layers = { linear: linear({ inputSize: 3, outputSize: 3 }) };
  const plainly = sequential(layers);
  const behind = sequential({ ...layers, alternating: alternating(3) });
  const bits = async (model: Model): Promise<number[]> =>
    (await lastValueFrom(pull([0, 2, 1, 1, 0, 2]).pipe(surprisal(model), toArray()))).map((scored) => scored.bits);
  assert.equal(await bits(behind), await bits(plainly));
});

test('refused: an option that a model file uses, and parameters of one name', () => {
  const named: Layer = { ...gain(2), options: { name: 'x' } };
  assert.throws(() => sequential({ gain: named }), /^sequential: layer gain has an option called name/);
  const own: Layer = { ...gain(2), parameters: [uniform('b.weight', [2, 2], 1)] };
  const first = linear({ inputSize: 2, outputSize: 2, bias: false });
  assert.throws(() => sequential({ 'a.b': first, a: own }), /^sequential: two parameters have the name a\.b\.weight$/);
});

test.run();
