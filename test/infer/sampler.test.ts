import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sampler } from '../../src/infer/sampler.js';
import { sampleToken } from '../../src/infer/sampleToken.js';
import { softmax } from '../../src/infer/softmax.js';
import { seeded } from '../../src/random/seeded.js';

const LOGITS = Float32Array.of(0.5, 2, 1, -0.5, 1.75);

/** What is left of a distribution, in plain words: sorted, cut at k, cut at p, rescaled. */
function left(logits: Float32Array, { temperature = 1, topK = Infinity, topP = 1 }): number[] {
  const probabilities = Array.from(softmax(logits, temperature));
  const sorted = probabilities.map((p, token) => ({ p, token })).toSorted((a, b) => b.p - a.p);
  const top = sorted.slice(0, topK);
  const total = top.reduce((sum, { p }) => sum + p, 0);
  const kept = new Set<number>();
  let sum = 0;
  for (const { p, token } of top) {
    if (topP < 1 && sum >= topP * total) break;
    kept.add(token);
    sum += p;
  }
  return probabilities.map((p, token) => (kept.has(token) ? p / sum : 0));
}

const cases = [
  {},
  { temperature: 0.5 },
  { temperature: 3 },
  { topK: 2 },
  { topK: 3, temperature: 2 },
  { topP: 0.7 },
  { topP: 0.001 },
  { topP: 0.95, temperature: 2 },
  { topK: 4, topP: 0.8 },
];
for (const how of cases) {
  test(`tokens come as often as they should: ${JSON.stringify(how)}`, () => {
    const draw = sampler({ ...how, random: seeded('often') });
    const counts = Array.from(LOGITS, () => 0);
    const draws = 20_000;
    for (let i = 0; i < draws; i++) counts[draw(LOGITS)]!++;
    let chiSquare = 0;
    for (const [token, probability] of left(LOGITS, how).entries()) {
      if (probability === 0) assert.is(counts[token], 0, `token ${token} must not come`);
      else chiSquare += (counts[token]! - draws * probability) ** 2 / (draws * probability);
    }
    assert.ok(chiSquare < 18.5, `chi-square ${chiSquare}`); // four degrees of freedom: once in a thousand seeds
  });
}

test('what is left is what sorting leaves, for any logits', () => {
  const logits = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(logits, fc.integer({ min: 1, max: 45 }), fc.double({ min: 0.05, max: 1, noNaN: true }), (x, k, p) => {
      const row = Float32Array.from(x);
      let seen: number[] = [];
      const random = { ...seeded(1), choice: (weights: ArrayLike<number>) => (seen = Array.from(weights)).length };
      sampler({ topK: k, topP: p, random })(row);
      assert.equal(
        seen.map((weight) => weight > 0),
        left(row, { topK: k, topP: p }).map((weight) => weight > 0),
      );
    }),
    { numRuns: 500 },
  );
});

test('at 0 it takes the most likely, of equal ones the lower, and draws nothing', () => {
  const random = seeded(1);
  assert.is(sampleToken(Float64Array.of(1, 3, 3, 2), { temperature: 0, random }), 1);
  assert.is(sampleToken(Float64Array.of(1, 3, 3, 2), { temperature: 0 }), 1);
  assert.equal(random.state(), seeded(1).state());
});

test('a sampler draws what single draws of one stream would, in any size of vocabulary', () => {
  const [one, other] = [seeded(4), seeded(4)];
  const draw = sampler({ topK: 3, random: one });
  for (const row of [LOGITS, LOGITS.subarray(1), Float32Array.of(1), LOGITS]) {
    for (let i = 0; i < 10; i++) assert.is(draw(row), sampleToken(row, { topK: 3, random: other }));
  }
});

test('a temperature of the call goes before that of the options', () => {
  const draw = sampler({ temperature: 50, random: seeded(2) });
  assert.equal(
    Array.from({ length: 20 }, () => draw(LOGITS, 0)),
    Array.from({ length: 20 }, () => 1),
  );
});

test('the logits stay as they are', () => {
  const row = LOGITS.slice();
  sampleToken(row, { temperature: 0.3, topK: 2, topP: 0.5, random: seeded(1) });
  assert.equal(row, LOGITS);
});

test('at temperature Infinity the tokens that can come are equally likely', () => {
  for (const logits of [Float64Array.of(0, -Infinity, 1), Float32Array.of(0, -Infinity, 1)]) {
    const counts = [0, 0, 0];
    const random = seeded(1);
    for (let i = 0; i < 2000; i++) counts[sampleToken(logits, { temperature: Infinity, random })]!++;
    assert.is(counts[1], 0);
    assert.ok(Math.abs(counts[0]! - 1000) < 100, String(counts));
  }
  const random = seeded(1);
  for (const bad of [
    [0, NaN],
    [0, Infinity],
    [-Infinity, -Infinity],
  ]) {
    // prettier-ignore
    assert.throws(() => sampleToken(Float64Array.from(bad), { temperature: Infinity, random }), /the logits are not finite/);
  }
});

test('a token of −Infinity never comes', () => {
  const draw = sampler({ random: seeded(1) });
  for (let i = 0; i < 200; i++) assert.is.not(draw(Float32Array.of(0, -Infinity, 0)), 1);
});

const random = seeded(1);
for (const [options, message] of [
  [{ temperature: -1, random }, 'sampler: temperature must be a number from 0 up, got -1'],
  [{ temperature: NaN, random }, 'sampler: temperature must be a number from 0 up, got NaN'],
  [{ topK: 0, random }, 'sampler: topK must be a positive integer, got 0'],
  [{ topK: 1.5, random }, 'sampler: topK must be a positive integer, got 1.5'],
  [{ topP: 0, random }, 'sampler: topP must be in (0, 1], got 0'],
  [{ topP: 1.1, random }, 'sampler: topP must be in (0, 1], got 1.1'],
  [{ topP: NaN, random }, 'sampler: topP must be in (0, 1], got NaN'],
] as const) {
  test(`refused: ${message}`, () => {
    assert.throws(
      () => sampler(options),
      (error: unknown) => error instanceof RangeError && error.message === message,
    );
    assert.throws(
      () => sampleToken(LOGITS, options),
      (error: Error) => error.message.includes(message.replace('sampler', 'sampleToken')),
    );
  });
}

test('refused: a draw without random', () =>
  assert.throws(
    () => sampleToken(LOGITS, {}),
    (error: Error) => error.message.includes('sampleToken: random is needed where the temperature is not 0'),
  ));

for (const row of [
  [0, NaN],
  [0, Infinity],
  [-Infinity, -Infinity],
]) {
  for (const temperature of [0, 1]) {
    test(`refused at temperature ${temperature}: logits ${row.join(', ')}`, () =>
      assert.throws(
        () => sampleToken(Float32Array.from(row), { temperature, random }),
        (error: Error) => error.message.includes('sampleToken: the logits are not finite'),
      ));
  }
}

test.run();
