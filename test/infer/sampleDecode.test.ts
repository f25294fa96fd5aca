import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { greedyDecode } from '../../src/infer/greedyDecode.js';
import { sampleDecode, type SampleDecodeOptions } from '../../src/infer/sampleDecode.js';
import { seeded } from '../../src/random/seeded.js';
import { constant, layers, logProbabilityOf, make, source, START, targets } from './support.js';

const LOGITS = [0.5, 2, 1, -0.5];

/** Σ (found − expected)² / expected over the classes that can be; a class that cannot must not be found. */
function chiSquare(counts: readonly number[], probabilities: readonly number[]): number {
  const draws = counts.reduce((sum, count) => sum + count, 0);
  return counts.reduce((sum, count, i) => {
    const expected = draws * probabilities[i]!;
    if (expected > 0) return sum + (count - expected) ** 2 / expected;
    assert.is(count, 0);
    return sum;
  }, 0);
}

function share(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

const cases: [string, Pick<SampleDecodeOptions, 'temperature' | 'topK'>, number[]][] = [
  ['as they are', {}, LOGITS.map((x) => Math.exp(x))],
  ['at temperature 0.5', { temperature: 0.5 }, LOGITS.map((x) => Math.exp(x / 0.5))],
  ['at temperature 3', { temperature: 3 }, LOGITS.map((x) => Math.exp(x / 3))],
  ['of the top two', { topK: 2 }, LOGITS.map((x) => (x >= 1 ? Math.exp(x) : 0))],
  ['of the top three at 2', { topK: 3, temperature: 2 }, LOGITS.map((x) => (x >= 0 ? Math.exp(x / 2) : 0))],
];
for (const [name, how, weights] of cases) {
  test(`tokens are drawn by their softmax ${name}`, () => {
    const tokens = sampleDecode(constant(LOGITS), source, seeded(7), { start: START, maxTokens: 20_000, ...how });
    const counts = LOGITS.map((_, token) => tokens.filter((drawn) => drawn === token).length);
    // three degrees of freedom: above 16.3 once in a thousand seeds
    const found = chiSquare(counts, share(weights));
    assert.ok(found < 16.3, `chi-square ${found}, counts ${counts.join(', ')}`);
  });
}

test('whole targets are drawn by their probability: each draw is fed back', () => {
  const model = make(layers['gru']!, 3);
  const random = seeded('targets');
  const all = targets(1, 2);
  const counts = all.map(() => 0);
  for (let i = 0; i < 10_000; i++) {
    const drawn = sampleDecode(model, source, random, { start: START, end: 1, maxTokens: 2 }).join();
    counts[all.findIndex((target) => target.join() === drawn)]!++;
  }
  const found = chiSquare(
    counts,
    all.map((target) => Math.exp(logProbabilityOf(model, target))),
  );
  // twelve degrees of freedom: above 32.9 once in a thousand seeds
  assert.is(all.length, 13);
  assert.ok(found < 32.9, `chi-square ${found}`);
});

for (const [name, layer] of Object.entries(layers)) {
  for (const how of [{ temperature: 0 }, { temperature: 0, topK: 3 }, { topK: 1 }, { topK: 1, temperature: 50 }]) {
    test(`${name}: ${JSON.stringify(how)} is greedy`, () => {
      for (let seed = 0; seed < 5; seed++) {
        const model = make(layer, seed);
        const options = { start: START, end: 1, maxTokens: 10 };
        assert.equal(
          sampleDecode(model, source, seeded(seed), { ...options, ...how }),
          greedyDecode(model, source, options),
        );
      }
    });
  }
}

test('of equal logits the top holds the lower tokens', () => {
  const tokens = sampleDecode(constant([1, 1, 1, 1]), source, seeded(1), { start: START, maxTokens: 200, topK: 2 });
  assert.equal(
    [0, 1, 2, 3].map((token) => tokens.includes(token)),
    [true, true, false, false],
  );
});

test('equal seeds, equal targets; a top of all tokens leaves out none; temperature 0 draws nothing', () => {
  const model = make(layers['rnn']!, 2);
  const sample = (how: Partial<SampleDecodeOptions>): number[] =>
    sampleDecode(model, source, seeded(5), { start: START, maxTokens: 30, ...how });
  assert.equal(sample({}), sample({}));
  assert.equal(sample({ topK: 4 }), sample({}));
  assert.equal(sample({ topK: 9 }), sample({}));

  const random = seeded(5);
  sampleDecode(model, source, random, { start: START, maxTokens: 3, temperature: 0 });
  assert.equal(random.state(), seeded(5).state());
});

test('it stops after the end token', () => {
  for (let seed = 0; seed < 50; seed++) {
    const tokens = sampleDecode(constant([0, 0, 0, 0]), source, seeded(seed), { start: START, end: 2, maxTokens: 5 });
    const at = tokens.indexOf(2);
    assert.is(tokens.length, at < 0 ? 5 : at + 1);
  }
});

const refusals: [Partial<SampleDecodeOptions>, string][] = [
  [{ temperature: -1 }, 'sampleDecode: temperature must be a number from 0 up, got -1'],
  [{ temperature: NaN }, 'sampleDecode: temperature must be a number from 0 up, got NaN'],
  [{ topK: 0 }, 'sampleDecode: topK must be a positive integer, got 0'],
  [{ maxTokens: 2.5 }, 'sampleDecode: maxTokens must be a positive integer, got 2.5'],
  [{ end: 4 }, 'sampleDecode: end must be an integer from 0 to 3, got 4'],
];
for (const [options, message] of refusals) {
  test(`refused: ${message}`, () =>
    assert.throws(
      () => sampleDecode(constant(LOGITS), source, seeded(1), { start: START, maxTokens: 2, ...options }),
      (error: unknown) => error instanceof RangeError && error.message === message,
    ));
}

test('refused: logits that are not finite', () => {
  const call = (how: Partial<SampleDecodeOptions>) => (): unknown =>
    sampleDecode(constant([0, NaN, 0, 0]), source, seeded(1), { start: START, maxTokens: 2, ...how });
  assert.throws(call({}), /^sampleDecode: the logits are not finite$/);
  assert.throws(call({ topK: 2 }), /^sampleDecode: the logits are not finite$/);
  assert.throws(call({ temperature: 0 }), /^sampleDecode: the logits are not finite$/);
});

test.run();
