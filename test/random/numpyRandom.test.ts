import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type NumpyRandom, numpyRandom } from '../../src/random/numpyRandom.js';
import { seeded } from '../../src/random/seeded.js';
import { restoresIdentically } from './restoresIdentically.js';

/** One seed's draws; each field from a fresh seed. test/goldens/rng-numpy.json, made with NumPy 1.24.2. */
interface Case {
  readonly [field: string]: unknown;
  readonly seed: number;
  readonly mixed: {
    readonly randn_3: number[];
    readonly random_sample_2: number[];
    readonly randn_2: number[];
    readonly randint_128_3: number[];
    readonly random_sample_2b: number[];
    readonly order: string;
  };
}

interface Golden {
  readonly choice_p_probabilities: number[];
  readonly cases: Case[];
}

const golden = JSON.parse(readFileSync(new URL('../goldens/rng-numpy.json', import.meta.url), 'utf8')) as Golden;

/** How each field is drawn: `times` draws of one kind, or one draw of a list. */
const single: Record<string, (random: NumpyRandom) => number> = {
  uint32: (random) => random.word(),
  random_sample: (random) => random.uniform(),
  randn: (random) => random.normal(),
  randint_128: (random) => random.integer(128),
  randint_1000: (random) => random.integer(1000),
  randint_2p40: (random) => random.integer(2 ** 40),
  choice_p: (random) => random.choice(golden.choice_p_probabilities),
  choice_uniform_5: (random) => random.integer(5),
  uniform_m1_1: (random) => random.uniform(-1, 1),
  normal_2_3: (random) => random.normal(2, 3),
};
const whole: Record<string, (random: NumpyRandom, length: number) => number[]> = {
  shuffle_list_30: (random) => random.shuffle(indices(30)),
  shuffle_array_30: (random) => random.shuffle(indices(30)),
  permutation_30: (random) => random.permutation(30),
  choice_no_replace_8_of_20: (random, length) => random.permutation(20).slice(0, length),
};

for (const figures of golden.cases) {
  const { seed } = figures;
  for (const [field, draw] of Object.entries(single)) {
    test(`seed ${seed}: ${field} agrees with NumPy to the bit`, () => {
      const random = numpyRandom(seed);
      const expected = figures[field] as number[];
      assert.ok(expected.length > 0);
      assert.equal(
        times(expected.length, () => draw(random)),
        expected,
      );
    });
  }
  for (const [field, draw] of Object.entries(whole)) {
    test(`seed ${seed}: ${field} agrees with NumPy`, () => {
      const expected = figures[field] as number[];
      assert.ok(expected.length > 0);
      assert.equal(draw(numpyRandom(seed), expected.length), expected);
    });
  }
  test(`seed ${seed}: a mixed stream keeps the second normal deviate across other calls`, () => {
    const random = numpyRandom(seed);
    const { mixed } = figures;
    assert.is(mixed.order, 'randn(3), random_sample(2), randn(2), randint(128,size=3), random_sample(2)');
    assert.equal(
      times(3, () => random.normal()),
      mixed.randn_3,
    );
    assert.equal(
      times(2, () => random.uniform()),
      mixed.random_sample_2,
    );
    assert.equal(
      times(2, () => random.normal()),
      mixed.randn_2,
    );
    assert.equal(
      times(3, () => random.integer(128)),
      mixed.randint_128_3,
    );
    assert.equal(
      times(2, () => random.uniform()),
      mixed.random_sample_2b,
    );
  });
  test(`seed ${seed}: every field of the golden is compared`, () => {
    const compared = ['seed', 'mixed', ...Object.keys(single), ...Object.keys(whole)];
    assert.equal(Object.keys(figures).toSorted(), compared.toSorted());
  });
}

test('the ten-thousandth word of seed 5489 is the one the C++ standard names', () => {
  // ISO C++ 26.6.6 [rand.predef]: the 10000th consecutive invocation of mt19937 gives 4123659995.
  const random = numpyRandom(5489);
  times(9999, () => random.word());
  assert.is(random.word(), 4123659995);
});

const draws: Record<string, (random: NumpyRandom) => unknown> = {
  word: (random) => random.word(),
  uniform: (random) => random.uniform(),
  normal: (random) => random.normal(),
  integer: (random) => random.integer(10),
  far: (random) => random.integer(2 ** 45 + 1),
  choice: (random) => random.choice([1, 2, 3]),
  shuffle: (random) => random.shuffle(indices(5)),
};

test('restore continues identically, wherever in the stream and through JSON', () =>
  restoresIdentically(numpyRandom, draws));

test('a state is not changed by later draws', () => {
  const random = numpyRandom(3);
  const state = random.state();
  const before = JSON.stringify(state);
  times(1000, () => random.normal());
  assert.is(JSON.stringify(state), before);
});

test('a state that is refused changes nothing', () => {
  const good = numpyRandom(7).state();
  const bad: unknown[] = [
    null,
    undefined,
    'numpy',
    {},
    seeded(7).state(),
    { ...good, generator: 'torch' },
    { ...good, registers: good.registers.slice(1) },
    { ...good, registers: good.registers.with(3, -1) },
    { ...good, registers: good.registers.with(3, 0.5) },
    { ...good, registers: good.registers.with(3, 2 ** 32) },
    { ...good, registers: good.registers.with(624, 625) },
    { ...good, registers: good.registers.map(() => 0) },
    { ...good, registers: undefined },
    { ...good, kept: Infinity },
    { ...good, kept: '0' },
    { generator: good.generator, registers: good.registers },
  ];
  const random = numpyRandom(8);
  random.normal();
  const before = JSON.stringify(random.state());
  for (const state of bad) {
    assert.throws(() => random.restore(state as typeof good), /^restore: /, JSON.stringify(state)?.slice(0, 80));
    assert.is(JSON.stringify(random.state()), before);
  }
});

test('the errors of restore say what came', () => {
  const random = numpyRandom(8);
  const text = /^restore: state must be of generator numpy, got "seeded"$/;
  assert.throws(
    () => random.restore(seeded(1).state()),
    (error: Error) => text.test(error.message),
  );
});

test('seeds are whole numbers from 0 to 2^32 - 1', () => {
  for (const seed of [-1, 0.5, NaN, Infinity, 2 ** 32]) {
    assert.throws(
      () => numpyRandom(seed),
      (error: unknown) => error instanceof RangeError && error.message.endsWith(`from 0 to 4294967295, got ${seed}`),
    );
  }
  assert.throws(() => numpyRandom('1' as unknown as number), /from 0 to 4294967295, got "1"$/);
  assert.type(numpyRandom(2 ** 32 - 1).word(), 'number');
});

test.run();

function times<T>(n: number, draw: (i: number) => T): T[] {
  return indices(n).map(draw);
}

function indices(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}
