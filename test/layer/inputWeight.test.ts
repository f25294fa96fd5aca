// A layer of gates without a weight of its input: a table of rows as wide as the sums takes its place.
import { of } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  backpropagate,
  crossEntropy,
  embedding,
  gradients,
  gru,
  linear,
  loadModel,
  lstm,
  minGru,
  minLstm,
  type Model,
  outputs,
  rgLru,
  rnn,
  saveModel,
  seeded,
  sequential,
  slstm,
  stateDict,
  type Tensor,
  unroll,
} from '../../src/index.js';
import { join } from 'node:path';
import { temporaryFolder } from '../checkpoint/runs.js';
import { first } from '../learn/first.js';
import { gradientCheck } from '../learn/gradientCheck.js';
import { tokens } from './support.js';

const [V, H] = [5, 4];
const KINDS = { rnn: [rnn, 1], lstm: [lstm, 4], gru: [gru, 3], minGru: [minGru, 2], minLstm: [minLstm, 3] } as const;
const window = { steps: 6, lanes: 2, inputs: tokens(12, V), targets: tokens(12, V, 0) };
const options = { dtype: 'float64', random: seeded(3) } as const;
const outputsOf = (model: Model): number[] => [...first(of(window).pipe(unroll(model)), outputs).data];

function transposed({ shape: [rows, columns], data }: Tensor): Tensor {
  const turned = data.map((_, i) => data[(i % rows!) * columns! + Math.floor(i / rows!)]!);
  return { shape: [columns!, rows!], data: turned };
}

for (const [kind, [make, count]] of Object.entries(KINDS)) {
  const withTable = (extra: object = {}): Model =>
    sequential(
      {
        table: embedding({ inputSize: V, outputSize: count * H }),
        it: make({ inputSize: count * H, hiddenSize: H, inputWeight: false, ...extra }),
        linear: linear({ inputSize: H, outputSize: V }),
      },
      options,
    );

  test(`${kind}: rows of a table give the bits and the gradients of one-hot tokens`, () => {
    const own = sequential(
      { it: make({ inputSize: V, hiddenSize: H, numLayers: 2 }), linear: linear({ inputSize: H, outputSize: V }) },
      options,
    );
    const { 'it.weight_ih_l0': weight, ...others } = Object.fromEntries(stateDict(own));
    const model = sequential(
      {
        table: embedding({ inputSize: V, outputSize: count * H }),
        it: make({ inputSize: count * H, hiddenSize: H, inputWeight: false, numLayers: 2 }),
        linear: linear({ inputSize: H, outputSize: V }),
      },
      { ...options, stateDict: new Map(Object.entries({ 'table.weight': transposed(weight!), ...others })) },
    );
    assert.equal(outputsOf(model), outputsOf(own));
    const [one, two] = [model, own].map((of_) =>
      first(of(window).pipe(unroll(of_), crossEntropy(), backpropagate(of_)), gradients),
    );
    assert.equal(one!.get('it.weight_ih_l1'), two!.get('it.weight_ih_l1'));
    const [table, expected] = [one!.get('table.weight')!, transposed(two!.get('it.weight_ih_l0')!)];
    for (const [i, number] of table.data.entries()) assert.ok(Math.abs(number - expected.data[i]!) < 1e-15);
  });

  test(`${kind}: gradients agree with central differences, and a file keeps the layer`, () => {
    const model = withTable();
    gradientCheck(
      model,
      window,
      () => crossEntropy(),
      ({ loss }) => loss,
    );
    const path = join(temporaryFolder(), 'model.safetensors');
    saveModel(path, model);
    assert.equal(outputsOf(loadModel(path).model), outputsOf(model));
  });
}

test('widths that do not fit, and kinds with sums of their own, are refused', () => {
  assert.throws(
    () => lstm({ inputSize: 5, hiddenSize: 4, inputWeight: false }),
    /^lstm: without inputWeight the input must be 4 · hiddenSize numbers, 16, got 5$/,
  );
  const none = { inputWeight: false } as object; // they do not have the option
  for (const [kind, make] of Object.entries({ slstm, rgLru })) {
    assert.throws(
      () => make({ inputSize: 16, hiddenSize: 4, ...none }),
      new RegExp(`^${kind}: inputWeight needs sums as torch's, which this kind of cell does not have$`),
    );
  }
});

test.run();
