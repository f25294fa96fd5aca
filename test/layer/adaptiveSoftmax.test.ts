// Figures of torch are in test/goldens; here: gradients, files, streams, and what is refused.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { from, last, lastValueFrom, repeat, of, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  adam,
  adaptiveSoftmax,
  type AdaptiveSoftmaxOptions,
  embedding,
  loadModel,
  type Model,
  rnn,
  saveModel,
  sequential,
  stateDict,
  surprisal,
  train,
  type Window,
} from '../../src/index.js';
import { seeded } from '../../src/random/seeded.js';

const SIZES = { inputSize: 9, outputSize: 14, cutoffs: [4, 8], divValue: 2, headBias: true };

function make(options: Partial<AdaptiveSoftmaxOptions> = {}, dtype: 'float32' | 'float64' = 'float32'): Model {
  return sequential(
    {
      x: embedding({ inputSize: 14, outputSize: 6 }),
      rnn: rnn({ inputSize: 6, hiddenSize: 9 }),
      y: adaptiveSoftmax({ ...SIZES, ...options }),
    },
    { dtype },
  );
}

test('gradients are central differences, with any gradient from above', () => {
  const layer = adaptiveSoftmax(SIZES);
  const model = sequential({ layer }, { dtype: 'float64' });
  const random = seeded(4);
  const [steps, lanes] = [2, 3];
  const x = Float64Array.from({ length: steps * lanes * 9 }, () => random.normal());
  const above = Float64Array.from({ length: steps * lanes * 14 }, () => random.normal());
  const tape = model.tape(steps, lanes);
  const value = (): number => {
    model.kernel.weightsChanged();
    tape.forward(x, steps);
    return above.reduce((sum, factor, i) => sum + factor * tape.output[i]!, 0);
  };
  value();
  tape.outputGradient.set(above);
  tape.backward(undefined, { inputGradient: true });
  const found = new Map([...tape.gradients.tensors].map(([name, { data }]) => [name, data.slice()]));
  const atInput = tape.inputGradient().data;
  function check(name: string, numbers: Float32Array | Float64Array, gradient: ArrayLike<number>): void {
    for (const [i, number] of numbers.entries()) {
      numbers[i] = number + 1e-5;
      const high = value();
      numbers[i] = number - 1e-5;
      const low = value();
      numbers[i] = number;
      const expected = (high - low) / 2e-5;
      assert.ok(Math.abs(gradient[i]! - expected) < 1e-6, `${name}[${i}]: ${gradient[i]}, expected ${expected}`);
    }
  }
  for (const [name, { data }] of model.weights.tensors) check(name, data, found.get(name)!);
  check('x', x, atInput);
});

test('it learns, and its probabilities add up to 1', async () => {
  const model = make();
  const tokens = Int32Array.from({ length: 26 }, (_, i) => (i * 5) % 14);
  const window: Window = { steps: 25, lanes: 1, inputs: tokens.subarray(0, 25), targets: tokens.subarray(1) };
  const trained$ = of(window).pipe(repeat(150), train(model, { optimizer: adam({ learningRate: 0.02 }) }), last());
  assert.ok((await lastValueFrom(trained$)).loss < 0.1);
  const scored = await lastValueFrom(from(tokens).pipe(surprisal(model, { topK: 14 }), toArray()));
  for (const { top } of scored) {
    assert.ok(Math.abs(top.reduce((sum, { probability }) => sum + probability, 0) - 1) < 1e-5);
  }
});

test('a saved model loads with its cutoffs, and gives the same numbers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'adaptive-'));
  try {
    const model = make();
    const path = join(folder, 'model.safetensors');
    saveModel(path, model);
    const { model: loaded } = loadModel(path);
    assert.equal(stateDict(loaded), stateDict(model));
    assert.equal(loaded.step(3, loaded.zeroState()), model.step(3, model.zeroState()));
    assert.equal(loaded.layers.get('y')!.options, { ...SIZES, cutoffs: '4,8' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the kernel in TypeScript agrees with WebAssembly', () => {
  const model = make({}, 'float64');
  const plain = sequential(Object.fromEntries(model.layers), {
    dtype: 'float64',
    backend: 'plain',
    stateDict: stateDict(model),
  });
  const [a, b] = [model, plain].map((one) => one.step(3, one.zeroState()).output.data);
  for (const [i, x] of a!.entries()) assert.ok(Math.abs(x - b![i]!) < 1e-13);
});

for (const [options, message] of [
  [{ outputSize: 1 }, 'adaptiveSoftmax: outputSize must be an integer from 2 up, got 1'],
  [{ cutoffs: [] }, 'adaptiveSoftmax: cutoffs must be integers that ascend, from 1 to 13, got []'],
  [{ cutoffs: [4, 4] }, 'adaptiveSoftmax: cutoffs must be integers that ascend, from 1 to 13'],
  [{ cutoffs: [0, 4] }, 'adaptiveSoftmax: cutoffs must be integers that ascend, from 1 to 13'],
  [{ cutoffs: [4, 14] }, 'adaptiveSoftmax: cutoffs must be integers that ascend, from 1 to 13'],
  [{ cutoffs: '4,x' }, 'adaptiveSoftmax: cutoffs must be integers that ascend, from 1 to 13, got "4,x"'],
  [{ cutoffs: undefined as never }, 'adaptiveSoftmax: cutoffs must be integers that ascend, from 1 to 13'],
  [{ divValue: 4 }, 'adaptiveSoftmax: 9 features leave none for cluster 1; use a smaller divValue'],
  [{ divValue: 0.5 }, 'adaptiveSoftmax: divValue must be'],
  [{ outputSize: 0 }, 'adaptiveSoftmax: outputSize must be an integer from 2 up, got 0'],
] as [Partial<AdaptiveSoftmaxOptions>, string][]) {
  test(`refused: ${message} (${JSON.stringify(options)})`, () =>
    assert.throws(
      () => make(options),
      (error: Error) => error.message.includes(message),
    ));
}

test.run();
