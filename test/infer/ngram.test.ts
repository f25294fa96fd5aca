import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ngram, type NgramOptions } from '../../src/infer/ngram.js';
import { surprisalOf } from '../../src/infer/surprisalOf.js';
import { log } from '../../src/kernel/math/log.js';
import { seeded } from '../../src/random/seeded.js';
import type { Token } from '../../src/types.js';
import { sum, through, tokens } from './models.js';

/** Witten and Bell's formula as it is written, over all that came before. */
function byDefinition(past: readonly Token[], token: Token, order: number, vocabSize: number): number {
  let probability = 1 / vocabSize;
  for (let length = 0; length < order && length <= past.length; length++) {
    const context = past.slice(past.length - length).join();
    const after = past.filter((_, i) => i >= length && past.slice(i - length, i).join() === context);
    const kinds = new Set(after).size;
    if (after.length === 0) continue;
    const own = after.filter((one) => one === token).length;
    probability = (own + kinds * probability) / (after.length + kinds);
  }
  return probability;
}

for (const order of [1, 2, 3, 5]) {
  for (const vocabSize of [7, 70_000]) {
    test(`order ${order}, ${vocabSize} tokens: the bits are those of the definition`, async () => {
      const text = tokens(vocabSize === 7 ? 80 : 30).map((token) => token * (vocabSize === 7 ? 1 : 9999));
      for (const [i, { token, bits }] of (await through(text, ngram({ order, vocabSize }))).entries()) {
        const expected = -Math.log2(byDefinition(text.slice(0, i), token, order, vocabSize));
        assert.ok(Math.abs(bits - expected) < 1e-12, `${i}: ${bits} for ${expected}`);
      }
    });
  }
}

for (const [order, vocabSize, maxContexts] of [
  [1, 5, 1],
  [2, 3, 2],
  [3, 5, 4],
  [4, 3, 17],
  [5, 9, 40],
  [5, 2, Infinity],
  [5, 30, Infinity],
  [8, 40, 300],
  [3, 70_000, 50],
  [3, 700, Infinity],
  [2, 2500, 900],
] as const) {
  test(`order ${order}, ${vocabSize} tokens, ${maxContexts} contexts: all digits are those of maps`, async () => {
    for (const seed of [1, 2]) {
      const random = seeded(seed);
      const text = Array.from({ length: vocabSize > 1000 ? 150 : 3000 }, (_, i) => {
        const few = Math.floor(i / 500) % 2 === 0 ? vocabSize : Math.min(2, vocabSize);
        return Math.floor(random.uniform() ** 2 * few);
      });
      const scored = await through(text, ngram({ order, vocabSize, maxContexts, topK: 3 }));
      const alone = await through(text, ngram({ order, vocabSize, maxContexts }));
      assert.equal(
        alone,
        scored.map((one) => ({ ...one, top: [] })),
      );
      const counts = plainCounts(order - 1, vocabSize, maxContexts);
      for (const [i, one] of scored.entries()) {
        const probabilities = counts.probabilities();
        const nats = -log(probabilities[text[i]!]!);
        assert.equal(one, surprisalOf(text[i]!, nats, probabilities, probabilities, 0, vocabSize, 3));
        counts.add(text[i]!);
      }
    }
  });
}

for (const [name, before] of [
  ['one', () => [0]],
  ['one that another always precedes', () => [1, 0]],
  ['one that two others precede', (i: number) => [1 + (i % 2), 0]],
] as const) {
  test(`2,700 different tokens after a hub, ${name}: all digits are those of maps`, async () => {
    const vocabSize = 2703;
    const random = seeded(3);
    const text = Array.from({ length: 3000 }, (_, i) => {
      const word = i < 2700 ? (i * 1009) % 2700 : Math.floor(2700 * random.uniform() ** 2);
      return [...before(i), word + 3];
    }).flat();
    const scored = await through(text, ngram({ order: 3, vocabSize, topK: 3 }));
    const counts = plainCounts(2, vocabSize, Infinity);
    for (const [i, token] of text.entries()) {
      if (i > 0.95 * text.length) {
        const probabilities = counts.probabilities();
        const nats = -log(probabilities[token]!);
        assert.equal(scored[i], surprisalOf(token, nats, probabilities, probabilities, 0, vocabSize, 3));
      }
      counts.add(token);
    }
  });
}

/** The counts in maps by the text of each context: what `ngram` computes, without its speed. */
function plainCounts(longest: number, vocabSize: number, max: number) {
  const kept = new Map<string, { counts: Map<Token, number>; total: number }>();
  let past: Token[] = [];
  const keys = (): string[] => Array.from({ length: past.length + 1 }, (_, n) => past.slice(past.length - n).join());
  return {
    probabilities() {
      const probabilities = new Float64Array(vocabSize).fill(1 / vocabSize);
      for (const context of keys().map((key) => kept.get(key))) {
        if (context === undefined) continue;
        const kinds = context.counts.size;
        for (let w = 0; w < vocabSize; w++) probabilities[w]! *= kinds / (context.total + kinds);
        for (const [w, count] of context.counts) probabilities[w]! += count / (context.total + kinds);
      }
      return probabilities;
    },
    add(token: Token) {
      for (const key of keys().toReversed()) {
        const context = kept.get(key) ?? { counts: new Map<Token, number>(), total: 0 };
        context.counts.set(token, (context.counts.get(token) ?? 0) + 1);
        context.total += 1;
        kept.delete(key); // and set again: a Map keeps the order of insertion
        kept.set(key, context);
      }
      for (const key of kept.keys()) {
        if (kept.size <= max) break;
        kept.delete(key);
      }
      past = longest === 0 ? [] : [...past, token].slice(-longest);
    },
  };
}

test('probabilities of all tokens add up to 1, and rank and top go by them', async () => {
  const scored = await through(tokens(50), ngram({ order: 3, vocabSize: 7, topK: 7 }));
  for (const { token, bits, rank, top } of scored) {
    assert.ok(Math.abs(sum(top.map(({ probability }) => probability)) - 1) < 1e-12);
    assert.is(top[rank - 1]!.token, token);
    assert.ok(Math.abs(top[rank - 1]!.probability - 2 ** -bits) < 1e-12);
    for (const [i, { probability }] of top.slice(1).entries()) assert.ok(probability <= top[i]!.probability + 1e-15);
  }
});

test('ranks and top are right where probabilities are too small for their digits', async () => {
  const order = 200;
  const text = Array.from({ length: 1300 }, (_, i) => (i % 400 === 399 ? 8 - (i >> 9) : i % 3));
  const scored = await through(text, ngram({ order, vocabSize: 9, topK: 9 }));
  const counts = plainCounts(order - 1, 9, Infinity);
  for (const [i, one] of scored.entries()) {
    const probabilities = counts.probabilities();
    const nats = -log(probabilities[text[i]!]!);
    assert.equal(one, surprisalOf(text[i]!, nats, probabilities, probabilities, 0, 9, 9));
    counts.add(text[i]!);
  }
  assert.is(Math.max(...scored.map(({ bits }) => bits)), Infinity); // all others are equally unlikely: 0
});

test('a text that repeats is soon predicted', async () => {
  const text = Array.from({ length: 400 }, (_, i) => [0, 1, 2, 0, 3][i % 5]!);
  const bits = (await through(text, ngram({ order: 3, vocabSize: 4 }))).map((one) => one.bits);
  assert.is(bits[0], 2);
  assert.ok(Math.max(...bits.slice(300)) < 0.1);
});

test('a bound on the contexts forgets what was least recently seen, and only that', async () => {
  const options = { order: 2, vocabSize: 50 };
  const text = Array.from({ length: 2000 }, (_, i) => (i < 1000 ? i % 50 : i % 2));
  const free = await through(text, ngram(options));
  const bound = await through(text, ngram({ ...options, maxContexts: 10 }));
  const over = (scored: typeof free, from: number, to: number): number =>
    sum(scored.slice(from, to).map(({ bits }) => bits)) / (to - from);
  assert.ok(over(bound, 500, 1000) > over(free, 500, 1000) + 4); // 50 contexts in turn: each is forgotten in time
  assert.ok(over(bound, 1900, 2000) < 0.1); // two contexts in turn
  assert.equal(await through(text, ngram({ ...options, maxContexts: 51 })), free);
});

test('a second subscription starts from the beginning', async () => {
  const count = ngram({ order: 3, vocabSize: 7 });
  assert.equal(await through(tokens(30), count), await through(tokens(30), count));
});

for (const [options, message] of [
  [{ order: 0, vocabSize: 2 }, 'ngram: order must be a positive integer, got 0'],
  [{ order: 2, vocabSize: 0 }, 'ngram: vocabSize must be an integer from 1 to 16777216, got 0'],
  [{ order: 2, vocabSize: 1e9 }, 'ngram: vocabSize must be an integer from 1 to 16777216, got 1000000000'],
  [{ order: 2, vocabSize: 2, topK: -1 }, 'ngram: topK must be an integer from 0 up, got -1'],
  [{ order: 3, vocabSize: 2, maxContexts: 2 }, 'ngram: maxContexts must be an integer from 3 up, got 2'],
] as [NgramOptions, string][]) {
  test(`refused: ${message}`, () =>
    assert.throws(
      () => ngram(options),
      (error: Error) => error.message.includes(message),
    ));
}

test('fails: a token outside the vocabulary', async () => {
  let found = '';
  await through([1, 2], ngram({ order: 2, vocabSize: 2 })).catch((error: Error) => (found = error.message));
  assert.is(found, 'ngram: token 2 at index 1 is outside the vocabulary of 2');
});

test.run();
