import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { embedding, linear, type Model, type Random, rnn, sequential } from '../../src/index.js';
import { numpyRandom } from '../../src/random/numpyRandom.js';
import { seeded } from '../../src/random/seeded.js';
import { type TorchRandom, torchRandom } from '../../src/random/torchRandom.js';
import type { Numbers } from '../../src/types.js';
import { restoresIdentically } from './restoresIdentically.js';

type ByParameter = Readonly<Record<string, number[]>>;

/** One seed's draws; each field from a fresh seed. test/goldens/rng-torch.json, made with torch 1.13.1. */
interface Case {
  readonly [field: string]: unknown;
  readonly seed: number;
  readonly rand_5_then_randn_5_then_rand_3: [number[], number[], number[]];
  readonly rnn_29_128_first10: ByParameter;
  readonly then_linear_128_29_first10: ByParameter;
  readonly lstm_4_3_layers2_bidir_first10: ByParameter;
  readonly embedding_4_10: { readonly shape: number[]; readonly data: number[] };
}

const golden = JSON.parse(readFileSync(new URL('../goldens/rng-torch.json', import.meta.url), 'utf8')) as {
  readonly cases: Case[];
};

/** Fields that agree to the bit; a float32 number is printed with as few digits as tell it from its neighbours. */
const single: Record<string, (random: TorchRandom) => unknown> = {
  randint_100: (random) => random.integer(100),
  int64_random_: (random) => String(random.int64()),
  uniform_m05_05: (random) => random.uniform(-0.5, 0.5),
  bernoulli_03: (random) => random.bernoulli(0.3),
  xavier_uniform_5_4: (random) => random.uniform(-Math.sqrt(6 / 9), Math.sqrt(6 / 9)),
  randperm_6_x5: (random) => random.permutation(6),
  dataloader_6_batch3_epochs: (random) => random.dataLoaderOrder(6).join(''),
};
const whole: Record<string, (random: TorchRandom) => ArrayLike<number>> = {
  rand_20: (random) => random.rand(20),
  rand_20_f64: (random) => random.rand(20, 'float64'),
  randn_5: (random) => random.randn(5),
  randn_5_f64: (random) => random.randn(5, 'float64'),
  randperm_12: (random) => random.permutation(12),
};

/** Fields of 16 normal deviates and more: the allowed error of float32 is that of torch's vectorised functions. */
const near: Record<string, readonly [draw: (random: TorchRandom) => Numbers, allowed: number]> = {
  randn_16: [(random) => random.randn(16), 5e-7],
  randn_20: [(random) => random.randn(20), 5e-7],
  randn_40: [(random) => random.randn(40), 5e-7],
  xavier_normal_5_4: [(random) => filled(random, new Float32Array(20), Math.sqrt(2 / 9)), 5e-7],
  randn_20_f64: [(random) => random.randn(20, 'float64'), 5e-16],
};

for (const figures of golden.cases) {
  const { seed } = figures;
  for (const [field, draw] of Object.entries(single)) {
    test(`seed ${seed}: ${field} agrees with torch to the bit`, () => {
      const random = torchRandom(seed);
      const expected = figures[field] as unknown[];
      assert.ok(expected.length > 0);
      assert.equal(
        times(expected.length, () => draw(random)),
        field.includes('uniform') ? expected.map((value) => Math.fround(value as number)) : expected,
      );
    });
  }
  for (const [field, draw] of Object.entries(whole)) {
    test(`seed ${seed}: ${field} agrees with torch to the bit`, () => {
      same(draw(torchRandom(seed)), figures[field] as number[], field.endsWith('f64'));
    });
  }
  for (const [field, [draw, allowed]] of Object.entries(near)) {
    test(`seed ${seed}: ${field} agrees with torch within ${allowed}`, () => {
      close(draw(torchRandom(seed)), figures[field] as number[], allowed);
    });
  }

  test(`seed ${seed}: a mixed stream, rand_5_then_randn_5_then_rand_3`, () => {
    const random = torchRandom(seed);
    const [before, between, after] = figures.rand_5_then_randn_5_then_rand_3;
    same(random.rand(5), before);
    same(random.randn(5), between);
    same(random.rand(3), after);
  });

  test(`seed ${seed}: a recurrent and a linear layer start from torch’s weights to the bit`, () => {
    const model = sequential(
      {
        rnn: rnn({ inputSize: 29, hiddenSize: 128 }),
        linear: linear({ inputSize: 128, outputSize: 29 }),
      },
      { random: torchRandom(seed) },
    );
    starts(model, 'rnn', figures.rnn_29_128_first10);
    starts(model, 'linear', figures.then_linear_128_29_first10);
  });

  test(`seed ${seed}: uniform gives the weights of a bidirectional LSTM of two layers, in torch’s order`, () => {
    const random = torchRandom(seed);
    const bound = 1 / Math.sqrt(3);
    const fields = Object.entries(figures.lstm_4_3_layers2_bidir_first10);
    assert.is(fields.length, 16);
    for (const [name, expected] of fields) {
      const columns = name.startsWith('bias') ? 1 : name.startsWith('weight_hh') ? 3 : name.includes('l0') ? 4 : 6;
      same(times(12 * columns, () => random.uniform(-bound, bound)).slice(0, 10), expected);
    }
  });

  test(`seed ${seed}: an embedding starts from torch’s weights`, () => {
    const { shape, data } = figures.embedding_4_10;
    assert.equal(shape, [4, 10]);
    const layers = { embedding: embedding({ inputSize: 4, outputSize: 10 }) };
    const { weights } = sequential(layers, { random: torchRandom(seed) });
    close(weights.tensors.get('embedding.weight')!.data, data, 5e-7);
  });

  test(`seed ${seed}: every field of the golden is compared`, () => {
    const layers = [
      'rnn_29_128_first10',
      'then_linear_128_29_first10',
      'lstm_4_3_layers2_bidir_first10',
      'embedding_4_10',
    ];
    const fields = [...Object.keys(single), ...Object.keys(whole), ...Object.keys(near), ...layers];
    assert.equal(Object.keys(figures).toSorted(), [...fields, 'seed', 'rand_5_then_randn_5_then_rand_3'].toSorted());
  });
}

test('the words are those of NumPy’s generator, of the last 32 bits of the seed', () => {
  const numpy = numpyRandom(4294967295);
  const expected = times(700, () => numpy.word());
  for (const seed of [4294967295, -1, -1n, 2n ** 64n - 1n, 2 ** 32 + 4294967295]) {
    const torch = torchRandom(seed);
    assert.equal(
      times(700, () => torch.word()),
      expected,
    );
  }
});

test('the second normal deviate is kept across other calls, not by 16 and more', () => {
  const straight = torchRandom(3);
  const pair = [straight.normal(), straight.normal()];
  const random = torchRandom(3);
  const first = random.randn(1)[0]!;
  random.rand(3);
  random.integer(5);
  random.randn(16);
  assert.equal([first, random.normal()], pair);
});

test('one normal deviate by mean and deviation is computed in double and rounded once', () => {
  const wide = torchRandom(5, { dtype: 'float64' });
  const narrow = torchRandom(5);
  for (let i = 0; i < 50; i++) {
    const value = wide.normal(0.1, 0.3);
    assert.is(narrow.normal(0.1, 0.3), Math.fround(value));
    assert.is.not(value, Math.fround(value));
  }
  assert.equal(filled(torchRandom(5), new Float32Array(6), 0.3), singles(torchRandom(5), 6, 0.3));
});

test('dtype float64 draws 53 bits where float32 draws 24, unless a call says otherwise', () => {
  const wide = torchRandom(9, { dtype: 'float64' });
  assert.instance(wide.rand(2), Float64Array);
  assert.instance(wide.rand(2, 'float32'), Float32Array);
  assert.instance(torchRandom(9).randn(2), Float32Array);
  assert.equal(
    times(20, () => torchRandom(9, { dtype: 'float64' }).uniform()),
    times(20, () => torchRandom(9).rand(1, 'float64')[0]),
  );
  const random = torchRandom(9, { dtype: 'float64' });
  const numbers = torchRandom(9).rand(20, 'float64');
  for (const u of numbers) {
    const exact = BigInt(u * 2 ** 53) * 5n - 3n * 2n ** 53n; // in units of 2 ** -53
    assert.is(random.uniform(-3, 2), Number(exact) / 2 ** 53); // rounded once
  }
});

test('normals follow the generator’s dtype, whatever array they fill', () => {
  for (const n of [5, 16, 20, 40]) {
    const narrow = torchRandom(1).randn(n);
    const wide = torchRandom(1, { dtype: 'float64' }).randn(n);
    assert.equal(Array.from(filled(torchRandom(1), new Float64Array(n))), Array.from(narrow));
    assert.equal(
      filled(torchRandom(1, { dtype: 'float64' }), new Float32Array(n)),
      Float32Array.from(wide, (value) => value),
    );
  }
});

test('many normal deviates have their mean, deviation and tails', () => {
  for (const dtype of ['float32', 'float64'] as const) {
    const values = Array.from(torchRandom(11, { dtype }).randn(200_003));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / values.length;
    const beyond = values.filter((value) => Math.abs(value) > 1.959964).length / values.length;
    assert.ok(Math.abs(mean) < 0.009 && Math.abs(variance - 1) < 0.0125 && Math.abs(beyond - 0.05) < 0.002);
  }
});

test('whole numbers of more than 32 bits take two words, the high one first', () => {
  const words = torchRandom(2);
  const random = torchRandom(2);
  for (const n of [2 ** 32, 2 ** 40 + 1, Number.MAX_SAFE_INTEGER]) {
    const drawn = (BigInt(words.word()) << 32n) | BigInt(words.word());
    assert.is(random.integer(n), Number(drawn % BigInt(n)));
  }
  assert.is(random.integer(2 ** 32 - 1), words.word() % (2 ** 32 - 1));
});

test('shuffle takes the items in the order of permutation, and leaves the stream where it does', () => {
  const letters = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const [one, two] = [torchRandom(6), torchRandom(6)];
  const shuffled = [...letters];
  assert.is(one.shuffle(shuffled), shuffled);
  assert.equal(
    shuffled,
    two.permutation(7).map((i) => letters[i]),
  );
  assert.equal(one.state(), two.state());
  assert.equal(one.permutation(0), []);
  assert.equal(one.permutation(1), [0]);
  assert.equal(one.state(), two.state());
});

test('choice gives each index as often as its weight says', () => {
  const random = torchRandom(4);
  const counts = [0, 0, 0, 0];
  times(80_000, () => counts[random.choice([1, 0, 3, 4])]!++);
  for (const [i, expected] of [10_000, 0, 30_000, 40_000].entries()) {
    assert.ok(Math.abs(counts[i]! - expected) <= 4 * Math.sqrt(expected), `${counts[i]}, not about ${expected}`);
  }
});

test('bernoulli is never at p = 0 and always at p = 1', () => {
  const random = torchRandom(4);
  times(1000, () => assert.equal([random.bernoulli(0), random.bernoulli(1)], [0, 1]));
});

test('an epoch’s order takes two 64-bit draws from the stream, however many items there are', () => {
  for (const n of [0, 1, 1000]) {
    const [one, two] = [torchRandom(6), torchRandom(6)];
    const order = one.dataLoaderOrder(n);
    assert.equal(
      order.toSorted((a, b) => a - b),
      times(n, (i) => i),
    );
    two.int64();
    assert.equal(torchRandom(two.int64()).permutation(n), order);
    assert.equal(one.state(), two.state());
  }
});

const calls: Record<string, (random: TorchRandom) => unknown> = {
  word: (random) => random.word(),
  uniform: (random) => random.uniform(-1, 1),
  normal: (random) => random.normal(),
  rand: (random) => random.rand(3, 'float64'),
  randn: (random) => random.randn(3),
  blocks: (random) => random.randn(20),
  integer: (random) => random.integer(10),
  far: (random) => random.integer(2 ** 45 + 1),
  int64: (random) => random.int64(),
  bernoulli: (random) => random.bernoulli(0.5),
  choice: (random) => random.choice([1, 2, 3]),
  shuffle: (random) => random.shuffle([1, 2, 3, 4, 5]),
  epoch: (random) => random.dataLoaderOrder(5),
};

test('restore continues identically, wherever in the stream and through JSON', () =>
  restoresIdentically(torchRandom, calls));

test('a state in the middle of a pair keeps the second deviate in double', () => {
  const random = torchRandom(1);
  random.normal();
  const state = JSON.parse(JSON.stringify(random.state())) as ReturnType<Random['state']>;
  const wide = torchRandom(1, { dtype: 'float64' });
  const [, second] = wide.randn(2);
  assert.is(state.generator, 'torch');
  assert.is(state.kept, second);
  wide.restore(state);
  assert.is(wide.normal(), second);
});

test('a state that is refused changes nothing', () => {
  const random = torchRandom(8);
  random.normal();
  const good = random.state();
  const before = JSON.stringify(good);
  const bad: unknown[] = [
    null,
    'torch',
    numpyRandom(8).state(),
    seeded(8).state(),
    { ...good, registers: good.registers.slice(1) },
    { ...good, registers: good.registers.with(624, 625) },
    { ...good, registers: good.registers.map(() => 0) },
    { ...good, kept: NaN },
  ];
  for (const state of bad) {
    assert.throws(() => random.restore(state as typeof good), /^restore: /, JSON.stringify(state)?.slice(0, 80));
    assert.is(JSON.stringify(random.state()), before);
  }
});

test('errors say what was expected and what came, and draw nothing', () => {
  const random = torchRandom(1);
  const before = JSON.stringify(random.state());
  const seeds = 'torchRandom: seed must be an integer from -2^63 to 2^64 - 1, got ';
  for (const seed of [0.5, NaN, Infinity, 2 ** 64, -(2 ** 65)]) says(() => torchRandom(seed), `${seeds}${seed}`);
  says(() => torchRandom(2n ** 64n), `${seeds}18446744073709551616`);
  says(() => torchRandom(-(2n ** 63n) - 1n), `${seeds}-9223372036854775809`);
  says(() => torchRandom('1' as unknown as number), 'torchRandom: seed must be a number or a bigint, got "1"');
  const half = 'float16' as 'float32';
  says(() => torchRandom(1, { dtype: half }), 'torchRandom: dtype must be float32 or float64, got "float16"');
  says(() => random.rand(2, half), 'rand: dtype must be float32 or float64, got "float16"');
  says(() => random.rand(-1), 'rand: n must be an integer from 0 to 4294967295, got -1');
  says(() => random.randn(1.5), 'randn: n must be an integer from 0 to 4294967295, got 1.5');
  says(() => random.dataLoaderOrder(NaN), 'dataLoaderOrder: n must be an integer from 0 to 4294967295, got NaN');
  says(() => random.permutation(-1), 'permutation: n must be an integer from 0 to 4294967295, got -1');
  says(() => random.integer(0), 'integer: n must be a positive integer, got 0');
  says(() => random.bernoulli(1.1), 'bernoulli: p must be in [0, 1], got 1.1');
  says(() => random.bernoulli(NaN), 'bernoulli: p must be in [0, 1], got NaN');
  says(() => random.normal(0, -1), 'normal: mean must be finite and deviation 0 or more, got 0 and -1');
  const data = new Float32Array(20);
  says(() => random.normals(data, NaN), 'normals: mean must be finite and deviation 0 or more, got NaN and 1');
  says(() => random.uniform(2, 1), 'uniform: low and high must be finite and low <= high, got 2 and 1');
  says(() => random.uniform(0, 1e39), 'uniform: low and high must be finite as float32, got 0 and 1e+39');
  says(() => random.uniform(1e39, 2e39), 'uniform: low and high must be finite as float32, got 1e+39 and 2e+39');
  says(() => random.choice([0]), 'choice: the sum of the weights must be finite and above 0, got 0');
  assert.is(JSON.stringify(random.state()), before);
  assert.ok(torchRandom(1, { dtype: 'float64' }).uniform(0, 1e39) > 0);
});

test('a float64 uniform is rounded once, as by the fused instruction that torch is compiled to', () => {
  assert.is(torchRandom(5, { dtype: 'float64' }).uniform(-1 / 3.7, 1 / 3.7), 0.07676486844761841);
});

test.run();

function same(actual: ArrayLike<number>, expected: number[], wide = false): void {
  assert.ok(expected.length > 0);
  assert.equal(Array.from(actual), wide ? expected : expected.map(Math.fround));
}

function close(actual: ArrayLike<number>, expected: number[], allowed: number): void {
  assert.is(actual.length, expected.length);
  for (const [i, value] of expected.entries()) {
    assert.ok(Math.abs(actual[i]! - value) <= allowed, `${i}: ${actual[i]}, not ${value}`);
  }
}

function starts(model: Model, layer: string, figures: ByParameter): void {
  for (const [name, expected] of Object.entries(figures)) {
    same(model.weights.tensors.get(`${layer}.${name}`)!.data.slice(0, expected.length), expected);
  }
}

function filled<T extends Numbers>(random: TorchRandom, data: T, deviation = 1): T {
  random.normals(data, 0, deviation);
  return data;
}

function singles(random: TorchRandom, n: number, deviation: number): Float32Array {
  return Float32Array.from({ length: n }, () => random.normal(0, deviation));
}

function times<T>(n: number, draw: (i: number) => T): T[] {
  return Array.from({ length: n }, (_, i) => draw(i));
}

function says(call: () => unknown, message: string): void {
  assert.throws(call, (error: unknown) => error instanceof Error && error.message === message, message);
}
