import { from, map } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { embedding } from '../../src/layer/embedding.js';
import { gru } from '../../src/layer/gru.js';
import type { Layer } from '../../src/layer/layer.js';
import { linear } from '../../src/layer/linear.js';
import { lstm } from '../../src/layer/lstm.js';
import { lstmCell } from '../../src/layer/lstmCell.js';
import { minGru } from '../../src/layer/minGru.js';
import { minGruCell } from '../../src/layer/minGruCell.js';
import { minLstm } from '../../src/layer/minLstm.js';
import { minLstmCell } from '../../src/layer/minLstmCell.js';
import { rgLru } from '../../src/layer/rgLru.js';
import { rgLruCell } from '../../src/layer/rgLruCell.js';
import { rnn } from '../../src/layer/rnn.js';
import { slstm } from '../../src/layer/slstm.js';
import { slstmCell } from '../../src/layer/slstmCell.js';
import { adam } from '../../src/learn/adam.js';
import { outputs } from '../../src/learn/outputs.js';
import { train } from '../../src/learn/train.js';
import { unroll } from '../../src/learn/unroll.js';
import { loadStateDict } from '../../src/model/loadStateDict.js';
import type { Model } from '../../src/model/model.js';
import { sequential } from '../../src/model/sequential.js';
import { stateDict } from '../../src/model/stateDict.js';
import type { Random } from '../../src/random/random.js';
import { seeded } from '../../src/random/seeded.js';
import { windows } from '../../src/token/windows.js';
import type { Numbers, Window } from '../../src/types.js';
import { cells, layers, normals, tokens } from './support.js';

const messageOf = (make: () => unknown): string => {
  try {
    make();
  } catch (error) {
    return (error as Error).message;
  }
  return '';
};
const shapes = (layer: Layer): string[] => layer.parameters.map(({ name, shape }) => `${name} ${shape.join('×')}`);

test("parameters have torch's names, shapes and order", () => {
  assert.equal(shapes(lstm({ inputSize: 3, hiddenSize: 2, numLayers: 2, bidirectional: true })), [
    'weight_ih_l0 8×3',
    'weight_hh_l0 8×2',
    'bias_ih_l0 8',
    'bias_hh_l0 8',
    'weight_ih_l0_reverse 8×3',
    'weight_hh_l0_reverse 8×2',
    'bias_ih_l0_reverse 8',
    'bias_hh_l0_reverse 8',
    'weight_ih_l1 8×4',
    'weight_hh_l1 8×2',
    'bias_ih_l1 8',
    'bias_hh_l1 8',
    'weight_ih_l1_reverse 8×4',
    'weight_hh_l1_reverse 8×2',
    'bias_ih_l1_reverse 8',
    'bias_hh_l1_reverse 8',
  ]);
  assert.equal(shapes(gru({ inputSize: 3, hiddenSize: 2, numLayers: 2, bias: false })), [
    'weight_ih_l0 6×3',
    'weight_hh_l0 6×2',
    'weight_ih_l1 6×2',
    'weight_hh_l1 6×2',
  ]);
  assert.equal(
    ['rnnCell', 'lstmCell', 'gruCell'].map((kind) => shapes(cells[kind]!({ inputSize: 3, hiddenSize: 2 }))),
    [2, 8, 6].map((rows) => [`weight_ih ${rows}×3`, `weight_hh ${rows}×2`, `bias_ih ${rows}`, `bias_hh ${rows}`]),
  );
});

test("the newer kinds have their authors' names; in front of the unit of Griffin a linear layer may stand", () => {
  const options = { inputSize: 3, hiddenSize: 4 };
  assert.equal(shapes(slstm({ ...options, heads: 2 })), ['weight_ih_l0 16×3', 'weight_hh_l0 2×8×2', 'bias_l0 16']);
  assert.equal(shapes(lstmCell({ ...options, layerNorm: 'state' })), [
    'weight_ih 16×3',
    'weight_hh 16×4',
    'layernorm_i.weight 16',
    'layernorm_i.bias 16',
    'layernorm_h.weight 16',
    'layernorm_h.bias 16',
    'layernorm_c.weight 4',
    'layernorm_c.bias 4',
  ]);
  const unit = ['a_param 4', 'input_gate.w 2×2×2', 'input_gate.b 2×2', 'a_gate.w 2×2×2', 'a_gate.b 2×2'];
  assert.equal(shapes(rgLruCell({ inputSize: 4, hiddenSize: 4, heads: 2, projection: false })), unit);
  assert.equal(shapes(rgLruCell({ ...options, heads: 2 })), ['linear_x.weight 4×3', 'linear_x.bias 4', ...unit]);
});

test('options of the newer kinds that make no sense are refused', () => {
  const options = { inputSize: 3, hiddenSize: 4 };
  assert.throws(() => slstm({ ...options, heads: 3 }), /^slstm: heads must divide hiddenSize, 4, got 3$/);
  assert.throws(() => slstm({ ...options, heads: 0 }), /^slstm: heads must be a positive integer, got 0$/);
  assert.throws(() => rgLru({ ...options, heads: 8 }), /^rgLru: heads must divide hiddenSize, 4, got 8$/);
  assert.throws(() => rgLru({ ...options, projection: false }), /must be as wide as the state, 4, got 3$/);
  assert.throws(
    () => rgLru({ inputSize: 4, hiddenSize: 4, projection: false, bidirectional: true, numLayers: 2 }),
    /^rgLru: without projection, both directions cannot be stacked: layer 1 would get the outputs of both, /,
  );
  const both = { inputSize: 4, hiddenSize: 4, projection: false, bidirectional: true };
  assert.throws(() => rgLru({ ...both, inputSize: 8 }), /must be as wide as the state, 4, got 8$/);
  assert.is(rgLru(both).outputSize, 8);
  assert.throws(
    () => lstm({ ...options, layerNorm: 'cell' as never }),
    /^lstm: layerNorm must be one of true, false, output/,
  );
  assert.throws(() => lstm({ ...options, layerNormEpsilon: 1e-3 }), /^lstm: layerNormEpsilon needs layerNorm$/);
  assert.throws(() => lstm({ ...options, layerNorm: true, layerNormEpsilon: 0 }), /layerNormEpsilon must be a number/);
  assert.throws(() => minLstm({ ...options, form: 'parallel' as never }), /^minLstm: form must be plain or log/);
  const orthogonal = { recurrentInitializer: 'orthogonal' } as object;
  assert.throws(() => minGru({ ...options, ...orthogonal }), /recurrentInitializer needs a recurrent product/);
});

for (const [name, make, misspelt, option] of [
  ['lstm', lstm, 'layernorm', 'layerNorm'],
  ['lstm', lstm, 'layerNormEpsylon', 'layerNormEpsilon'],
  ['lstmCell', lstmCell, 'layernorm', 'layerNorm'],
  ['lstmCell', lstmCell, 'layer_norm', 'layerNorm'],
  ['rnn', rnn, 'nonLinearity', 'nonlinearity'],
  ['minGru', minGru, 'from', 'form'],
  ['minLstmCell', minLstmCell, 'from', 'form'],
  ['slstm', slstm, 'head', 'heads'],
  ['rgLru', rgLru, 'projections', 'projection'],
] as const) {
  test(`${name}: ${misspelt} is answered with ${option}, an option of its own`, () => {
    const options = { inputSize: 2, hiddenSize: 2, [misspelt]: 1 };
    assert.throws(() => make(options), new RegExp(`^${name}: unknown option ${misspelt}; did you mean ${option}\\?$`));
  });
}

for (const [name, make, never] of [
  ['minGru', minGru, ['recurrentDropout', 'recurrentInitializer']],
  ['minGruCell', minGruCell, ['recurrentDropout', 'recurrentInitializer', 'inputWeight']],
  ['minLstm', minLstm, ['recurrentDropout', 'recurrentInitializer']],
  ['minLstmCell', minLstmCell, ['recurrentDropout', 'recurrentInitializer', 'inputWeight']],
  ['rgLru', rgLru, ['recurrentDropout', 'recurrentInitializer', 'inputWeight']],
  ['rgLruCell', rgLruCell, ['recurrentDropout', 'recurrentInitializer', 'inputWeight']],
  ['slstm', slstm, ['inputWeight']],
  ['slstmCell', slstmCell, ['recurrentDropout', 'inputWeight']],
] as const) {
  test(`${name} proposes each option that it accepts, and none that it refuses`, () => {
    const options = { inputSize: 4, hiddenSize: 4, other: 1 };
    const list = /^\w+: unknown option other; there are (.*)$/.exec(messageOf(() => make(options)))![1]!.split(', ');
    const common = ['inputSize', 'hiddenSize', 'bias', 'recurrentInitializer'];
    const stacked = ['numLayers', 'dropout', 'recurrentDropout', 'inputWeight', 'bidirectional'];
    const all = [...common, ...(name.endsWith('Cell') ? [] : stacked)];
    const known = all.filter((option) => !(never as readonly string[]).includes(option));
    assert.equal(
      list.filter((option) => [...common, ...stacked].includes(option)),
      known,
    );
    const values = { recurrentDropout: 0.5, recurrentInitializer: 'orthogonal', inputWeight: false };
    for (const option of never) {
      assert.throws(
        () => make({ inputSize: 4, hiddenSize: 4, [option]: values[option] }),
        new RegExp(`^${name}: (${option} needs |unknown option ${option})`),
      );
      const near = messageOf(() => make({ inputSize: 4, hiddenSize: 4, [`${option}s`]: values[option] }));
      assert.not.match(near, `did you mean ${option}`);
    }
  });
}

test('orthogonal recurrent weights: each block of a gate, and of a head, keeps lengths', () => {
  const options = { inputSize: 3, hiddenSize: 6, numLayers: 2, recurrentInitializer: 'orthogonal' } as const;
  for (const [layer, size] of [
    [lstm(options), 6],
    [rnn(options), 6],
    [slstm({ ...options, heads: 2 }), 3],
  ] as const) {
    assert.is(layer.options['recurrentInitializer'], 'orthogonal');
    const { tensors } = sequential({ it: layer }, { dtype: 'float64' }).weights;
    const { data } = tensors.get('it.weight_hh_l1')!;
    for (let block = 0; block < data.length; block += size * size) {
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < size; j++) {
          let dot = 0;
          for (let k = 0; k < size; k++) dot += data[block + i * size + k]! * data[block + j * size + k]!;
          assert.ok(Math.abs(dot - Number(i === j)) < 1e-12, `${layer.kind}: rows ${i} and ${j}`);
        }
      }
    }
  }
});

test('gates of minLSTM far beyond what an exponential holds share the state out evenly', () => {
  for (const dtype of ['float32', 'float64'] as const) {
    for (const backend of ['wasm', 'plain'] as const) {
      const model = sequential({ it: minLstmCell({ inputSize: 1, hiddenSize: 1 }) }, { dtype, backend });
      model.weights.learned.set([1, -1e4, -1e4, 0, 0, 0]);
      const { output } = model.step(
        model.dtype === 'float64' ? Float64Array.of(1) : Float32Array.of(1),
        model.zeroState(),
      );
      assert.is(output.data[0], 0.5);
    }
  }
});

test('first weights are uniform in ±1/√hidden, drawn in the order of declaration', () => {
  const layer = gru({ inputSize: 3, hiddenSize: 4, numLayers: 2, bidirectional: true });
  const random = seeded(5);
  for (const [name, { data }] of stateDict(sequential({ gru: layer }, { dtype: 'float64', random: seeded(5) }))) {
    assert.equal(
      [...data],
      Array.from(data, () => random.uniform(-0.5, 0.5)),
      name,
    );
  }
});

test('the state is one part a layer and direction; an lstm carries c too', () => {
  const both = { inputSize: 3, hiddenSize: 4, numLayers: 3, bidirectional: true };
  const of = (layer: Layer): unknown =>
    [...sequential({ it: layer }).zeroState(2)].map(([name, { shape }]) => [name, shape]);
  assert.equal(of(lstm(both)), [
    ['it.h', [6, 2, 4]],
    ['it.c', [6, 2, 4]],
  ]);
  assert.equal(of(gru(both)), [['it.h', [6, 2, 4]]]);
  assert.equal(of(rnn({ inputSize: 3, hiddenSize: 4, numLayers: 2 })), [['it.h', [2, 2, 4]]]);
  assert.is(lstm(both).outputSize, 8);
});

test('options are plain JSON that builds the same layer', () => {
  const given = {
    inputSize: 3,
    hiddenSize: 4,
    bias: false,
    numLayers: 2,
    dropout: 0.25,
    recurrentDropout: 0.5,
    bidirectional: true,
  };
  assert.equal(lstm(given).options, given);
  assert.equal(gru({ inputSize: 3, hiddenSize: 4 }).options, {
    inputSize: 3,
    hiddenSize: 4,
    bias: true,
    numLayers: 1,
    dropout: 0,
    recurrentDropout: 0,
    bidirectional: false,
  });
  assert.is(rnn({ inputSize: 3, hiddenSize: 4, nonlinearity: 'relu' }).options['nonlinearity'], 'relu');
  assert.equal(cells['lstmCell']!({ inputSize: 3, hiddenSize: 4 }).options, {
    inputSize: 3,
    hiddenSize: 4,
    bias: true,
  });
});

for (const [kind, make] of Object.entries(layers)) {
  test(`${kind}: refuses sizes and shares that make no sense`, () => {
    const good = { inputSize: 3, hiddenSize: 4 };
    const throws = (bad: object, message: string): void => {
      let said = '';
      try {
        make({ ...good, ...bad });
      } catch (error) {
        said = (error as Error).message;
      }
      assert.is(said, `${kind}: ${message}`);
    };
    throws({ hiddenSize: 0 }, 'hiddenSize must be a positive integer, got 0');
    throws({ inputSize: 1.5 }, 'inputSize must be a positive integer, got 1.5');
    throws({ numLayers: 0 }, 'numLayers must be a positive integer, got 0');
    throws({ dropout: 1.5 }, 'dropout must be in [0, 1], got 1.5');
    throws({ dropout: NaN }, 'dropout must be in [0, 1], got NaN');
  });

  test(`${kind}: the reverse direction is the forward one over the steps turned round`, () => {
    const both = sequential({ it: make({ inputSize: 3, hiddenSize: 2, bidirectional: true }) });
    const one = sequential({ it: make({ inputSize: 3, hiddenSize: 2 }) });
    const reverse = [...stateDict(both)].filter(([name]) => name.endsWith('_reverse'));
    loadStateDict(one, new Map(reverse.map(([name, value]) => [name.replace('_reverse', ''), value])));
    const inputs = normals(both, 4 * 3);
    const turned = inputs.map((_, i) => inputs[(3 - Math.floor(i / 3)) * 3 + (i % 3)]!);
    const forward = run(one, turned, 4, 1);
    const found = run(both, inputs, 4, 1);
    for (let t = 0; t < 4; t++) {
      assert.equal(found.slice(t * 4 + 2, t * 4 + 4), forward.slice((3 - t) * 2, (3 - t) * 2 + 2));
    }
  });

  test(`${kind}: windows shorter than the tape, either way`, () => {
    const it = sequential({ it: make({ inputSize: 3, hiddenSize: 4, numLayers: 2, bidirectional: true }) });
    const inputs = normals(it, 3 * 2 * 3);
    const tape = it.tape(8, 2);
    tape.forward(normals(it, 8 * 2 * 3), 8);
    tape.setState(it.zeroState(2));
    tape.forward(inputs, 3);
    assert.equal([...tape.output.subarray(0, 3 * 2 * 8)], run(it, inputs, 3, 2));
  });
}

function run(model: Model, inputs: Numbers, steps: number, lanes: number, dropout?: Random): number[] {
  const found: number[] = [];
  const window: Window = { steps, lanes, inputs, targets: new Int32Array(0) };
  from([window])
    .pipe(unroll(model, dropout ? { dropoutRandom: dropout } : {}), map(outputs))
    .subscribe(({ data }) => found.push(...data));
  return found;
}

test('dropout: nothing is dropped without a generator, and the same with the same seed', () => {
  const options = { inputSize: 3, hiddenSize: 40, numLayers: 2 };
  const [plain, dropping] = [0, 0.5].map((dropout) =>
    sequential({ it: gru({ ...options, dropout }) }, { random: seeded(1) }),
  ) as [Model, Model];
  const inputs = normals(plain, 6 * 2 * 3);
  const whole = run(plain, inputs, 6, 2);
  assert.equal(run(dropping, inputs, 6, 2), whole);
  assert.equal(run(plain, inputs, 6, 2, seeded(1)), whole);
  assert.equal(run(dropping, inputs, 6, 2, seeded(1)), run(dropping, inputs, 6, 2, seeded(1)));
  assert.not.equal(run(dropping, inputs, 6, 2, seeded(1)), run(dropping, inputs, 6, 2, seeded(2)));
  assert.not.equal(run(dropping, inputs, 6, 2, seeded(1)), whole);
});

test('dropout: one layer drops nothing, and a share of 1 leaves the upper layer no input', () => {
  const one = sequential({ it: lstm({ inputSize: 3, hiddenSize: 4, dropout: 0.5 }) });
  const inputs = normals(one, 6 * 3);
  assert.equal(run(one, inputs, 6, 1, seeded(1)), run(one, inputs, 6, 1));
  const all = sequential({ it: rnn({ inputSize: 3, hiddenSize: 4, numLayers: 2, dropout: 1 }) });
  assert.equal(run(all, inputs, 6, 1, seeded(1)), run(all, normals(all, 6 * 3), 6, 1, seeded(2)));
});

test('dropout: what is kept is scaled so that the mean stays, and gradients go the same way', () => {
  const dropout = 0.25;
  const size = 50;
  const options = {
    inputSize: 2,
    hiddenSize: size,
    numLayers: 2,
    dropout,
    nonlinearity: 'identity' as const,
    bias: false,
  };
  const model = sequential({ it: rnn(options) }, { dtype: 'float64' });
  const zeros = (name: string, fill: (i: number) => number): void =>
    model.weights.tensors.get(`it.${name}`)!.data.forEach((_, i, data) => (data[i] = fill(i)));
  zeros('weight_ih_l0', () => 0.5); // each unit of layer 0 gives the mean of both inputs
  zeros('weight_hh_l0', () => 0);
  zeros('weight_ih_l1', (i) => (i % (size + 1) === 0 ? 1 : 0)); // layer 1 hands them on
  zeros('weight_hh_l1', () => 0);
  const tape = model.tape(40, 1);
  tape.forward(new Float64Array(80).fill(3), 40, { dropoutRandom: seeded(4) });
  const out = [...tape.output];
  assert.ok(out.every((value) => value === 0 || value === 3 / (1 - dropout)));
  const share = out.filter((value) => value === 0).length / out.length;
  assert.ok(Math.abs(share - dropout) < 0.03, `${share} dropped`);
  tape.outputGradient.fill(1);
  tape.backward(undefined, { inputGradient: true });
  const gradient = tape.inputGradient().data;
  for (let t = 0; t < 40; t++) {
    const kept = out.slice(t * size, (t + 1) * size).filter((value) => value > 0).length;
    assert.ok(Math.abs(gradient[t * 2]! - (0.5 * kept) / (1 - dropout)) < 1e-12);
  }
});

test('train drops from the generator it is given', () => {
  const losses = (seed: number): number[] => {
    const parts = { it: gru({ inputSize: 5, hiddenSize: 8, numLayers: 2, dropout: 0.5 }) };
    const model = sequential({ ...parts, linear: linear({ inputSize: 8, outputSize: 5 }) }, { random: seeded(1) });
    const found: number[] = [];
    from(Array.from({ length: 81 }, (_, i) => (i * i) % 5))
      .pipe(windows({ steps: 8 }), train(model, { optimizer: adam(), dropoutRandom: seeded(seed) }))
      .subscribe(({ loss }) => found.push(loss));
    return found;
  };
  assert.is(losses(1).length, 10);
  assert.equal(losses(1), losses(1));
  assert.not.equal(losses(1), losses(2));
});

test('an embedding with a padding token: its row starts as zeros and gets no gradient', () => {
  const model = sequential({ it: embedding({ inputSize: 4, outputSize: 3, paddingIndex: 2 }) });
  const { data } = model.weights.tensors.get('it.weight')!;
  assert.equal([...data.subarray(6, 9)], [0, 0, 0]);
  assert.ok([...data.subarray(0, 6), ...data.subarray(9)].every((value) => value !== 0));
  const tape = model.tape(40, 1);
  const input = tokens(40, 4);
  tape.forward(input, 40);
  tape.outputGradient.fill(1);
  tape.backward();
  const counts = [0, 1, 2, 3].map((token) => input.filter((other) => other === token).length);
  assert.equal(
    [...tape.gradients.learned],
    [0, 1, 2, 3].flatMap((t) => Array(3).fill(t === 2 ? 0 : counts[t])),
  );
  for (const bad of [4, -1, 0.5]) {
    assert.throws(
      () => embedding({ inputSize: 4, outputSize: 3, paddingIndex: bad }),
      (error: Error) => error.message === `embedding: paddingIndex must be an integer from 0 to 3, got ${bad}`,
    );
  }
});

for (const [kind, make] of Object.entries(cells)) {
  test(`${kind}: gives the bits of one layer of its kind`, () => {
    const ofLayer = layers[kind.replace('Cell', '')]!;
    const layer = sequential({ it: ofLayer({ inputSize: 3, hiddenSize: 4 }) }, { random: seeded(2) });
    const cell = sequential({ it: make({ inputSize: 3, hiddenSize: 4 }) }, { random: seeded(9) });
    loadStateDict(cell, new Map([...stateDict(layer)].map(([name, value]) => [name.replace('_l0', ''), value])));
    const inputs = normals(layer, 5 * 2 * 3);
    assert.equal(run(cell, inputs, 5, 2), run(layer, inputs, 5, 2));
  });
}

test.run();
