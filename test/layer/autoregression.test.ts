import { of } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readModel } from '../../src/format/readModel.js';
import { safetensors } from '../../src/format/safetensors.js';
import { autoregression } from '../../src/layer/autoregression.js';
import { gru } from '../../src/layer/gru.js';
import type { Layer, TapeContext } from '../../src/layer/layer.js';
import { linear } from '../../src/layer/linear.js';
import { backpropagate } from '../../src/learn/backpropagate.js';
import { gradients } from '../../src/learn/gradients.js';
import { outputs } from '../../src/learn/outputs.js';
import { squaredError } from '../../src/learn/squaredError.js';
import { unroll } from '../../src/learn/unroll.js';
import type { Model } from '../../src/model/model.js';
import { sequential } from '../../src/model/sequential.js';
import { stateDict } from '../../src/model/stateDict.js';
import { numpyRandom } from '../../src/random/numpyRandom.js';
import type { Window } from '../../src/types.js';
import { first } from '../learn/first.js';
import { gradientCheck } from '../learn/gradientCheck.js';
import { centralDifferences } from '../support/centralDifferences.js';
import { normals, randomState } from './support.js';

const random = numpyRandom(5);
const numbers = (length: number): Float64Array => Float64Array.from({ length }, () => random.normal());

/** A model of the layer alone or beside a network, with random weights. */
function model({ shared = false, beside = false, dtype = 'float64', backend = 'wasm' } = {}): Model {
  const layer = autoregression({ inputSize: 2, steps: 3, horizon: 2, shared });
  const options = { dtype: dtype as 'float64', backend: backend as 'wasm', random: numpyRandom(3) };
  const it = beside
    ? sequential(
        { gru: gru({ inputSize: 2, hiddenSize: 3 }), linear: linear({ inputSize: 3, outputSize: 6 }) },
        { ...options, skip: layer },
      )
    : sequential({ skip: layer }, options);
  const draw = numpyRandom(7);
  for (const [name, { data }] of it.weights.tensors) {
    if (name.startsWith('skip')) data.forEach((_, i) => (data[i] = draw.normal()));
  }
  it.kernel.weightsChanged();
  return it;
}

const windowOf = (it: Model, steps: number, lanes: number, mask?: Uint8Array): Window => ({
  steps,
  lanes,
  inputs: normals(it, steps * lanes * it.inputSize),
  targets: normals(it, steps * lanes * it.outputSize),
  ...(mask && { mask }),
});

test('predicts by the last steps, relative to the last', () => {
  const it = sequential({ skip: autoregression({ inputSize: 2, steps: 2, horizon: 2 }) }, { dtype: 'float64' });
  it.weights.tensors.get('skip.weight')!.data.set([1, 0, 0, 1, -1, 0, 10, 0]); // column 0: two steps ahead, then column 1
  it.weights.tensors.get('skip.bias')!.data.set([0, 0.5, 0, 0]);
  it.kernel.weightsChanged();
  const rows = Float64Array.of(1, 10, 2, 20, 4, 40);
  const window = { steps: 3, lanes: 1, inputs: rows, targets: new Float64Array(12) };
  const { shape, data } = first(of(window).pipe(unroll(it)), outputs);
  assert.equal(shape, [3, 1, 4]);
  // x + (x[t−1] − x), x + (x[t−2] − x) + 0.5; x − (x[t−1] − x), x + 10 (x[t−1] − x)
  assert.equal([...data.subarray(8)], [2, 60, 1.5, -160]);
});

test('says at first that all stays as it is', () => {
  const it = sequential({ skip: autoregression({ inputSize: 2, steps: 4, horizon: 2 }) });
  assert.equal([...it.step(Float32Array.of(3, 7), it.zeroState()).output.data], [3, 7, 3, 7]);
});

for (const shared of [false, true]) {
  for (const beside of [false, true]) {
    const name = `${shared ? 'one map' : 'a map per column'}${beside ? ', beside a network' : ''}`;

    test(`${name}: gradients of weights, with a state, several lanes and padding`, () => {
      const it = model({ shared, beside });
      const mask = Uint8Array.of(1, 1, 1, 0, 1, 1, 0, 1, 1, 1);
      gradientCheck(it, windowOf(it, 5, 2, mask), squaredError, ({ loss }) => loss, randomState(it, 2));
    });

    test(`${name}: gradients at the input and at the state before`, () => {
      const it = model({ shared, beside });
      const [steps, lanes] = [5, 2];
      const tape = it.tape(steps, lanes);
      const inputs = normals(it, steps * lanes * it.inputSize);
      const upstream = normals(it, steps * lanes * it.outputSize);
      const finalState = randomState(it, lanes);
      const initial = randomState(it, lanes);
      const objective = (): number => {
        tape.setState(initial);
        tape.forward(inputs, steps);
        const last = tape.state();
        let sum = 0;
        upstream.forEach((dy, i) => (sum += dy * tape.output[i]!));
        for (const [key, { data }] of finalState) data.forEach((d, i) => (sum += d * last.get(key)!.data[i]!));
        return sum;
      };
      objective();
      tape.outputGradient.set(upstream);
      tape.backward(finalState, { inputGradient: true });
      const atInput = tape.inputGradient().data.slice();
      const atState = tape.stateGradient();
      assert.ok(centralDifferences(inputs, atInput, objective).relative < 1e-6);
      for (const [key, { data }] of initial) {
        const { relative } = centralDifferences(data, atState.get(key)!.data, objective);
        assert.ok(relative < 1e-6, `${key} ${relative}`);
      }
    });

    test(`${name}: steps give the bits of a window, and so do two windows for one`, () => {
      for (const dtype of ['float32', 'float64']) {
        const it = model({ shared, beside, dtype });
        const window = windowOf(it, 6, 2);
        const whole = first(of(window).pipe(unroll(it)), outputs).data;
        let state = it.zeroState(2);
        const stepped: number[] = [];
        for (let t = 0; t < 6; t++) {
          const stepResult = it.step(window.inputs.slice(t * 4, t * 4 + 4), state);
          stepped.push(...stepResult.output.data);
          state = stepResult.state;
        }
        assert.equal(stepped, [...whole]);
        const cut = (from: number, to: number): Window => ({
          steps: to - from,
          lanes: 2,
          inputs: window.inputs.slice(from * 4, to * 4),
          targets: new Float64Array((to - from) * 2 * it.outputSize),
        });
        const halves: number[] = [];
        of(cut(0, 2), cut(2, 6))
          .pipe(unroll(it))
          .subscribe((unrolled) => halves.push(...outputs(unrolled).data));
        assert.equal(halves, [...whole]);
      }
    });

    test(`${name}: wasm agrees with plain, forward and back; in float64 to the bit`, () => {
      for (const dtype of ['float32', 'float64']) {
        const [a, b] = (['wasm', 'plain'] as const).map((backend) => {
          const it = model({ shared, beside, dtype, backend });
          const draw = numpyRandom(9);
          const inputs = Float64Array.from({ length: 28 }, () => draw.normal());
          const targets = Float64Array.from({ length: 14 * it.outputSize }, () => draw.normal());
          const window = { steps: 7, lanes: 2, inputs, targets };
          return first(of(window).pipe(unroll(it), squaredError(), backpropagate(it)), (event) => [
            ...outputs(event).data,
            ...[...gradients(event).values()].flatMap(({ data }) => [...data]),
          ]);
        });
        if (dtype === 'float64') assert.equal(a, b);
        const apart = a!.map((value, i) => Math.abs(value - b![i]!));
        assert.ok(Math.max(...apart) < 1e-5, `${dtype}: ${Math.max(...apart)} apart`);
      }
    });

    test(`${name}: is read from a model file`, () => {
      const it = model({ shared, beside });
      const metadata = { format: 'rxrnn', version: '1', configuration: JSON.stringify(it.configuration) };
      const read = readModel(safetensors(stateDict(it), metadata)).model;
      const input = numbers(2);
      assert.equal(read.step(input, read.zeroState()).output.data, it.step(input, it.zeroState()).output.data);
      assert.equal(read.configuration, it.configuration);
    });
  }
}

test('padding is passed over: the rows after it look back past it', () => {
  const it = model();
  const rows = [numbers(2), numbers(2), numbers(2)];
  const run = (inputs: Float64Array, mask?: Uint8Array): number[] => {
    const steps = inputs.length / 2;
    const window = { steps, lanes: 1, inputs, targets: new Float64Array(steps * 4), ...(mask && { mask }) };
    return [...first(of(window).pipe(unroll(it)), outputs).data];
  };
  const dense = run(Float64Array.from(rows.flatMap((row) => [...row])));
  const padded = run(
    Float64Array.from([rows[0]!, [NaN, NaN], rows[1]!, [NaN, NaN], rows[2]!].flatMap((row) => [...row])),
    Uint8Array.of(1, 0, 1, 0, 1),
  );
  assert.equal(padded, [...dense.slice(0, 4), 0, 0, 0, 0, ...dense.slice(4, 8), 0, 0, 0, 0, ...dense.slice(8)]);
});

/** A network that reads tokens and features alike, beside a layer that reads features. */
const besideAny = (change: Partial<Layer> = {}): Model =>
  sequential(
    { gru: gru({ inputSize: 2, hiddenSize: 4 }) },
    { dtype: 'float64', skip: { ...autoregression({ inputSize: 2, steps: 2 }), ...change } },
  );
const failure = (work: () => unknown): string => {
  try {
    return String(work());
  } catch (error) {
    return String(error);
  }
};

test('beside a layer that takes either, the model takes what this one takes', () => {
  const told = 'TypeError: sequential: layer skip takes features, got tokens';
  assert.is(
    failure(() => besideAny().tape(2, 1).forward(Int32Array.of(0, 1), 2)),
    told,
  );
  assert.is(
    failure(() => besideAny({ takes: 'tokens' }).tape(2, 1).forward(numbers(4), 2)),
    'TypeError: sequential: layer skip takes tokens (Int32Array), got features',
  );
  besideAny().tape(2, 1).forward(numbers(4), 2);
});

test('beside another layer its own check is asked', () => {
  const check = (): void => {
    throw new RangeError('none of these');
  };
  assert.is(
    failure(() => besideAny({ check }).tape(2, 1).forward(numbers(4), 2)),
    'RangeError: none of these',
  );
});

test('beside another layer an output that is not of the memory given is refused', () => {
  const layer = autoregression({ inputSize: 2, steps: 2 });
  const change = { tape: (context: TapeContext) => ({ ...layer.tape(context), output: new Float64Array(4) }) };
  assert.match(
    failure(() => besideAny(change).tape(2, 1).forward(numbers(4), 2)),
    /^TypeError: sequential: the output of layer skip must be an array that allocate gave, got another /,
  );
});

test('frozen beside another layer, its gradient at the state is the same', () => {
  const [inputs, upstream] = [numbers(8), numbers(16)];
  const [free, fixed] = [[], ['skip.weight', 'skip.bias']].map((frozen) => {
    const it = sequential(
      { gru: gru({ inputSize: 2, hiddenSize: 4 }) },
      { dtype: 'float64', random: numpyRandom(2), frozen, skip: autoregression({ inputSize: 2, steps: 2 }) },
    );
    const { data } = it.weights.tensors.get('skip.weight')!;
    data.forEach((_, i) => (data[i] = i + 1));
    it.kernel.weightsChanged();
    const tape = it.tape(4, 1);
    const gradientAt = (): number[] => [...tape.stateGradient()].flatMap(([, { data }]) => [...data]);
    return [1, 2].map(() => {
      tape.forward(inputs, 4);
      tape.outputGradient.set(upstream);
      tape.backward();
      return [gradientAt(), gradientAt()];
    });
  });
  assert.ok(free!.flat().every((numbers) => numbers.filter((x) => x !== 0).length > 4));
  assert.equal(fixed, free);
});

const refused: [() => unknown, string][] = [
  [() => autoregression({ inputSize: 0, steps: 1 }), 'autoregression: inputSize must be a positive integer, got 0'],
  [() => autoregression({ inputSize: 1, steps: 0 }), 'autoregression: steps must be a positive integer, got 0'],
  [
    () =>
      sequential({ a: linear({ inputSize: 3, outputSize: 2 }) }, { skip: autoregression({ inputSize: 2, steps: 1 }) }),
    'sequential: skip takes 2 numbers, a, whose input it reads, 3',
  ],
  [
    () =>
      sequential({ a: linear({ inputSize: 2, outputSize: 1 }) }, { skip: autoregression({ inputSize: 2, steps: 1 }) }),
    'sequential: skip gives 2 numbers, which are added to those of a, 1',
  ],
];
for (const [make, message] of refused) {
  test(`refused: ${message}`, () => {
    assert.throws(make, (error: unknown) => error instanceof RangeError && error.message === message);
  });
}

test.run();
