import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { from, lastValueFrom, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  generateText,
  gru,
  linear,
  loadModel,
  loadStateDict,
  lstm,
  rnn,
  saveModel,
  seeded,
  sequential,
  sgd,
  stateDict,
  surprisal,
  train,
  windows,
} from '../../src/index.js';
import { halves, roundTo, widened } from '../../src/model/halves.js';
import type { HalfDtype, Tensors } from '../../src/types.js';

const DTYPES: readonly HalfDtype[] = ['float16', 'bfloat16'];
const folder = mkdtempSync(join(tmpdir(), 'halves-'));
test.after(() => rmSync(folder, { recursive: true }));

for (const dtype of DTYPES) {
  test(`${dtype}: every number of 16 bits is itself, and numbers between go to the nearer, ties to even`, () => {
    const infinity = dtype === 'float16' ? 0x7c00 : 0x7f80;
    const all = Uint16Array.from({ length: infinity }, (_, i) => i);
    const numbers = widened(dtype, all);
    assert.equal(halves('w', dtype, numbers), all);
    assert.equal(
      halves(
        'w',
        dtype,
        numbers.map((x) => -x),
      ),
      all.map((bits) => bits | 0x8000),
    );
    const random = seeded(1);
    for (let i = 0; i + 1 < infinity; i += dtype === 'float16' ? 7 : 11) {
      const [low, high] = [numbers[i]!, numbers[i + 1]!];
      const middle = (low + high) / 2; // exact in float32 but for the smallest of bfloat16
      if (low < 2 ** -120 && dtype === 'bfloat16') continue;
      const share = random.uniform(0.01, 0.49);
      const [below, above] = [low + share * (high - low), high - share * (high - low)];
      const found = halves('w', dtype, Float64Array.of(below, middle, above));
      assert.equal([...found], [i, i % 2 === 0 ? i : i + 1, i + 1]);
    }
  });
}

test('a number beyond the range is refused by name', () => {
  assert.equal([...halves('w', 'float16', Float32Array.of(65519))], [0x7bff]);
  const [last, middle] = [0x7f7f7fff, 0x7f7f8000].map((bits) => new Float32Array(Uint32Array.of(bits).buffer));
  assert.equal([...halves('w', 'bfloat16', last!)], [0x7f7f]);
  assert.throws(() => halves('w', 'bfloat16', middle!), /^w is beyond the range of bfloat16: number 0 is 3.39/);
  assert.throws(
    () => halves('w', 'float16', Float32Array.of(1, -65520)),
    (error: Error) => error.message.includes('w is beyond the range of float16: number 1 is -65520'),
  );
});

for (const dtype of DTYPES) {
  test(`${dtype}: NaN and infinity are refused by name, whatever the bits of NaN`, () => {
    const nan = new Float32Array(Uint32Array.of(0x7fffffff, 0xffffffff, 0x7f800001, 0x7fc00000).buffer);
    for (let i = 0; i < nan.length; i++) {
      assert.throws(
        () => halves('w', dtype, nan.subarray(i)),
        (error: Error) => error.message === `w has no ${dtype}: number 0 is NaN`,
      );
    }
    assert.throws(
      () => halves('w', dtype, Float32Array.of(0, -Infinity)),
      (error: Error) => error.message === `w is beyond the range of ${dtype}: number 1 is -Infinity`,
    );
  });
}

test('a weight beyond the range is refused when it is saved, by name, and nothing is written', () => {
  const layers = { l: linear({ inputSize: 2, outputSize: 1 }) };
  const model = sequential(layers);
  model.weights.tensors.get('l.bias')!.data[0] = 1e5;
  const path = join(folder, 'beyond');
  assert.throws(
    () => saveModel(path, model, { dtype: 'float16' }),
    (error: Error) =>
      error.message === `saveModel: l.bias is beyond the range of float16: number 0 is 100000; ${path} was not written`,
  );
  assert.not(existsSync(path));
  saveModel(path, model, { dtype: 'bfloat16' });
});

const sizes = { inputSize: 11, hiddenSize: 19 };
const makers = {
  rnn: () => sequential({ a: rnn(sizes), b: linear({ inputSize: 19, outputSize: 11 }) }),
  lstm: () => sequential({ a: lstm({ ...sizes, numLayers: 2 }), b: linear({ inputSize: 19, outputSize: 11 }) }),
  gru: () => sequential({ a: gru(sizes), b: linear({ inputSize: 19, outputSize: 11 }) }),
};
const rounded = (dtype: HalfDtype, tensors: Tensors): Tensors =>
  new Map(
    [...tensors].map(([name, { shape, data }]) => [name, { shape, data: widened(dtype, halves(name, dtype, data)) }]),
  );

for (const [name, make] of Object.entries(makers)) {
  for (const dtype of DTYPES) {
    test(`${name}, ${dtype}: the numbers are those of float32 with rounded weights, to the bit`, async () => {
      const model = make();
      const path = join(folder, `${name}.${dtype}`);
      saveModel(path, model);
      const { model: half } = loadModel(path, { weights: dtype });
      const plain = make();
      loadStateDict(plain, rounded(dtype, stateDict(model)));
      assert.equal(stateDict(half), stateDict(plain));
      const text = Array.from({ length: 60 }, (_, i) => (i * i) % 11);
      const [one, other] = await Promise.all(
        [half, plain].map((m) => lastValueFrom(from(text).pipe(surprisal(m), toArray()))),
      );
      assert.equal(one, other);
      const generated = [half, plain].map((m) =>
        lastValueFrom(generateText(m, { maxTokens: 40, random: seeded(3) }).pipe(toArray())),
      );
      assert.equal(await generated[0], await generated[1]);
      assert.equal(
        half.step(Int32Array.of(1, 2, 3), half.zeroState(3)),
        plain.step(Int32Array.of(1, 2, 3), plain.zeroState(3)),
      );
    });

    test(`${name}, ${dtype}: a file of such weights has half the size and loads as they are`, () => {
      const model = make();
      const [whole, part] = [join(folder, 'whole'), join(folder, 'part')];
      saveModel(whole, model);
      saveModel(part, model, { dtype });
      const numbers = [...stateDict(model).values()].reduce((sum, { data }) => sum + data.length, 0);
      assert.is(statSync(whole).size - statSync(part).size > 1.9 * numbers, true);
      assert.equal(stateDict(loadModel(part).model), rounded(dtype, stateDict(model)));
    });
  }
}

for (const dtype of DTYPES) {
  test(`${dtype}: many numbers are rounded as each is alone`, () => {
    const random = seeded(2);
    const numbers = Float64Array.from({ length: 9000 }, () => random.normal());
    const to = new Float32Array(numbers.length);
    roundTo(to, dtype, numbers);
    const alone = (x: number): number => widened(dtype, halves('w', dtype, Float64Array.of(x)))[0]!;
    assert.equal([...to], [...numbers].map(alone));
    assert.equal(widened(dtype, halves('w', dtype, numbers)), to);
  });

  test(`${dtype}: new weights take no memory besides the model's`, () => {
    const make = () => sequential({ l: linear({ inputSize: 1000, outputSize: 1000 }) }, { weights: dtype });
    const [half, given] = [make(), stateDict(make())];
    const before = process.memoryUsage().arrayBuffers;
    loadStateDict(half, given);
    const more = process.memoryUsage().arrayBuffers - before; // one copy of the weights would be 4 MB
    assert.ok(more < 1_000_000, `${more} bytes`);
  });
}

test('new weights of such a model are rounded, all or none', () => {
  const make = (weights?: HalfDtype) => sequential({ l: linear({ inputSize: 2, outputSize: 1 }) }, { weights });
  const half = make('float16');
  assert.equal(stateDict(half), rounded('float16', stateDict(make())));
  const before = stateDict(half);
  const given = (bias: number): Tensors =>
    new Map([
      ['l.weight', { shape: [1, 2], data: Float32Array.of(0.1, 0.2) }],
      ['l.bias', { shape: [1], data: Float32Array.of(bias) }],
    ]);
  assert.throws(
    () => loadStateDict(half, given(1e9)),
    (error: Error) => error.message.includes('l.bias is beyond the range of float16'),
  );
  assert.equal(stateDict(half), before);
  loadStateDict(half, given(0.3));
  assert.equal(stateDict(half), rounded('float16', given(0.3)));
});

test('such a model refuses to learn', async () => {
  const model = sequential({ a: rnn(sizes), b: linear({ inputSize: 19, outputSize: 11 }) }, { weights: 'bfloat16' });
  const tokens = Array.from({ length: 40 }, (_, i) => i % 11);
  let message = '';
  await lastValueFrom(
    from(tokens).pipe(windows({ steps: 5 }), train(model, { optimizer: sgd({ learningRate: 0.1 }) })),
  ).catch((error: Error) => (message = error.message));
  assert.is(
    message,
    'this model has weights of bfloat16, so that it scores and generates, but does not learn: ' +
      'leave out the option weights of loadModel or sequential',
  );
});

test('refused: other dtypes', () => {
  const l = { l: linear({ inputSize: 2, outputSize: 1 }) };
  assert.throws(
    () => sequential(l, { weights: 'int8' as never }),
    (error: Error) => error.message.includes('sequential: weights must be float16 or bfloat16, got "int8"'),
  );
  assert.throws(
    () => sequential(l, { weights: 'float16', dtype: 'float64' }),
    (error: Error) => error.message.includes('weights of float16 need dtype float32'),
  );
  const path = join(folder, 'l');
  assert.throws(
    () => saveModel(path, sequential(l), { dtype: 'float32' as never }),
    (error: Error) => error.message.includes('saveModel: dtype must be float16 or bfloat16, got "float32"'),
  );
  assert.throws(
    () => loadModel(path, { weights: 'half' as never }),
    (error: Error) => error.message.includes('loadModel: weights must be float16 or bfloat16'),
  );
  const double = join(folder, 'double');
  saveModel(double, sequential(l, { dtype: 'float64' }));
  for (const weights of DTYPES) {
    assert.throws(
      () => loadModel(double, { weights }),
      (error: Error) =>
        error.message ===
        `loadModel: ${double} could not be loaded: weights of ${weights} are for models of float32, this one has float64; ` +
          'leave weights out',
    );
  }
});

test.run();
