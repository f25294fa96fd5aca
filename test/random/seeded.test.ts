import * as fc from 'fast-check';
import seedrandom from 'seedrandom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { numpyRandom } from '../../src/random/numpyRandom.js';
import type { Random, RandomState } from '../../src/random/random.js';
import { seeded } from '../../src/random/seeded.js';

test('a number is two words of seedrandom’s alea, 27 bits of the first and 26 of the second', () => {
  const random = seeded('dinosaurs');
  const words = seedrandom.alea('dinosaurs');
  for (let i = 0; i < 100; i++) {
    const high = (words.int32() >>> 0) >>> 5;
    const low = (words.int32() >>> 0) >>> 6;
    assert.is(random.uniform(), (high * 2 ** 26 + low) / 2 ** 53);
  }
});

test('equal seeds give equal streams, other seeds others; a number is its text', () => {
  assert.equal(many(20, seeded(1)), many(20, seeded(1)));
  assert.equal(many(20, seeded(1)), many(20, seeded('1')));
  assert.not.equal(many(20, seeded(1)), many(20, seeded(2)));
  assert.not.equal(many(20, seeded('')), many(20, seeded(' ')));
});

test('the first draws of seed 1 stay what they are', () => {
  // From this generator: a change here changes every model that starts from a seed.
  const random = seeded(1);
  assert.equal(
    [random.uniform(), random.normal(), random.integer(1000), random.choice([1, 2, 3])],
    [0.526047096570161, -1.263222452280501, 889, 1],
  );
});

test('uniform keeps to its range and fills it evenly', () => {
  const random = seeded('uniform');
  const counts = zeros(20);
  for (let i = 0; i < 200_000; i++) {
    const value = random.uniform(-3, 2);
    assert.ok(value >= -3 && value < 2);
    counts[Math.floor((value + 3) * 4)]!++;
  }
  // Chi square of 19 degrees: 43.8 is passed once in a thousand.
  assert.ok(chiSquare(counts, 10_000) < 43.8);
});

test('uniform never gives its upper end, however narrow the range', () => {
  const random = seeded('narrow');
  const high = 1 + Number.EPSILON;
  for (let i = 0; i < 1000; i++) assert.is(random.uniform(1, high), 1);
  assert.is(random.uniform(2, 2), 2);
});

test('normal has its mean, deviation and tails', () => {
  const random = seeded('normal');
  const values = Array.from({ length: 200_000 }, () => random.normal(1, 2));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / values.length;
  const beyond = values.filter((value) => Math.abs(value - 1) > 2 * 1.959964).length / values.length;
  assert.ok(Math.abs(mean - 1) < 0.018);
  assert.ok(Math.abs(variance - 4) < 0.05);
  assert.ok(Math.abs(beyond - 0.05) < 0.002);
});

test('integer returns each number equally often, also where n is not a power of two', () => {
  const random = seeded('integer');
  const counts = zeros(11);
  for (let i = 0; i < 110_000; i++) counts[random.integer(11)]!++;
  assert.ok(chiSquare(counts, 10_000) < 29.6);
  assert.is(random.integer(1), 0);
  for (const n of [2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 33, Number.MAX_SAFE_INTEGER]) {
    const values = Array.from({ length: 200 }, () => random.integer(n));
    assert.ok(values.every((value) => Number.isSafeInteger(value) && value >= 0 && value < n));
    assert.ok(Math.max(...values) > n * 0.9 && Math.min(...values) < n * 0.1);
  }
});

test('choice gives each index as often as its weight says, none of weight 0', () => {
  const random = seeded('choice');
  const weights = Float32Array.of(0, 1, 0, 3, 4, 0);
  const counts = zeros(6);
  for (let i = 0; i < 80_000; i++) counts[random.choice(weights)]!++;
  assert.equal([counts[0], counts[2], counts[5]], [0, 0, 0]);
  for (const [i, expected] of [10_000, 30_000, 40_000].entries()) {
    const counted = counts[[1, 3, 4][i]!]!;
    assert.ok(Math.abs(counted - expected) < 4 * Math.sqrt(expected), `${counted}, not about ${expected}`);
  }
  assert.is(random.choice([5e-324]), 0);
});

test('shuffle and permutation hold what went in, in each order as often', () => {
  const random = seeded('shuffle');
  const counts = new Map<string, number>();
  for (let i = 0; i < 24_000; i++) {
    const letters = ['a', 'b', 'c', 'd'];
    assert.is(random.shuffle(letters), letters);
    counts.set(letters.join(''), (counts.get(letters.join('')) ?? 0) + 1);
  }
  assert.is(counts.size, 24);
  assert.ok(chiSquare([...counts.values()], 1000) < 49.7);
  assert.equal(
    random.permutation(100).toSorted((a, b) => a - b),
    [...Array.from({ length: 100 }).keys()],
  );
  assert.equal(random.permutation(0), []);
  assert.equal(random.shuffle([]), []);
});

test('restore goes on identically, wherever in the stream and through JSON', () => {
  const call = fc.constantFrom<(random: Random) => unknown>(
    (random) => random.uniform(),
    (random) => random.normal(),
    (random) => random.integer(10),
    (random) => random.integer(2 ** 45 + 1),
    (random) => random.choice([1, 2, 3]),
    (random) => random.permutation(5),
  );
  fc.assert(
    fc.property(
      fc.string(),
      fc.string(),
      fc.array(call),
      fc.array(call, { minLength: 1 }),
      (seed, other, before, after) => {
        const random = seeded(seed);
        for (const draw of before) draw(random);
        const state = JSON.parse(JSON.stringify(random.state())) as RandomState;
        const expected = after.map((draw) => draw(random));
        const again = seeded(other);
        again.normal();
        again.restore(state);
        assert.equal(
          after.map((draw) => draw(again)),
          expected,
        );
        assert.equal(again.state(), random.state());
      },
    ),
  );
});

test('a state is small', () => {
  const random = seeded('small');
  random.normal();
  assert.ok(JSON.stringify(random.state()).length < 200);
});

test('a state that is refused changes nothing', () => {
  const random = seeded(8);
  random.normal();
  const good = random.state();
  const before = JSON.stringify(good);
  const bad: unknown[] = [
    null,
    7,
    {},
    [],
    numpyRandom(7).state(),
    { ...good, generator: 'alea' },
    { ...good, registers: [] },
    { ...good, registers: [...good.registers, 0] },
    { ...good, registers: good.registers.with(0, 0.5) },
    { ...good, registers: good.registers.with(0, -1) },
    { ...good, registers: good.registers.with(1, 1) },
    { ...good, registers: good.registers.with(2, 0.1) },
    { ...good, registers: good.registers.with(3, NaN) },
    { ...good, registers: Object.assign({}, good.registers) },
    { ...good, kept: NaN },
    { ...good, kept: undefined },
  ];
  for (const state of bad) {
    assert.throws(() => random.restore(state as RandomState), /^restore: /, JSON.stringify(state));
    assert.is(JSON.stringify(random.state()), before);
  }
});

test('errors say what was expected and what came', () => {
  const random = seeded(1);
  says(() => seeded(NaN), 'seeded: seed must be a string or a finite number, got NaN');
  says(() => seeded(undefined as unknown as string), 'seeded: seed must be a string or a finite number, got undefined');
  says(() => random.uniform(2, 1), 'uniform: low and high must be finite and low <= high, got 2 and 1');
  says(
    () => random.uniform(-1e308, 1e308),
    'uniform: low and high must be finite and low <= high, got -1e+308 and 1e+308',
  );
  says(() => random.uniform(NaN), 'uniform: low and high must be finite and low <= high, got NaN and 1');
  says(() => random.normal(0, -1), 'normal: mean must be finite and deviation 0 or more, got 0 and -1');
  says(() => random.normal(NaN), 'normal: mean must be finite and deviation 0 or more, got NaN and 1');
  says(() => random.integer(0), 'integer: n must be a positive integer, got 0');
  says(() => random.integer(1.5), 'integer: n must be a positive integer, got 1.5');
  says(() => random.integer(2 ** 53), 'integer: n must be a positive integer, got 9007199254740992');
  says(() => random.permutation(-1), 'permutation: n must be an integer from 0 to 4294967295, got -1');
  says(() => random.choice([1, -1]), 'choice: weights must be 0 or more, got -1 at 1');
  says(() => random.choice([NaN]), 'choice: weights must be 0 or more, got NaN at 0');
  says(() => random.choice([]), 'choice: the sum of the weights must be finite and above 0, got 0');
  says(() => random.choice([0, 0]), 'choice: the sum of the weights must be finite and above 0, got 0');
  says(() => random.choice([Infinity]), 'choice: the sum of the weights must be finite and above 0, got Infinity');
});

test('a call that is refused draws nothing', () => {
  const random = seeded(1);
  const before = random.state();
  assert.throws(() => random.choice([1, -1]), /^choice: weights must be 0 or more, got -1 at 1$/);
  assert.throws(() => random.uniform(2, 1), /^uniform: .* got 2 and 1$/);
  assert.throws(() => random.normal(0, -1), /^normal: .* got 0 and -1$/);
  assert.equal(random.state(), before);
});

test.run();

function many(n: number, random: Random): number[] {
  return Array.from({ length: n }, () => random.uniform());
}

function zeros(n: number): number[] {
  return Array.from({ length: n }, () => 0);
}

function chiSquare(counts: number[], expected: number): number {
  return counts.reduce((sum, count) => sum + ((count - expected) * (count - expected)) / expected, 0);
}

function says(call: () => unknown, message: string): void {
  assert.throws(call, (error: unknown) => error instanceof Error && error.message === message, message);
}
