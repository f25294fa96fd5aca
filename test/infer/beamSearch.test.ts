import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { beamSearch } from '../../src/infer/beamSearch.js';
import { greedyDecode } from '../../src/infer/greedyDecode.js';
import { constant, layers, logProbabilityOf, make, source, START, targets } from './support.js';

const END = 1;
const MAX = 4;
const seeds = [1, 2, 3, 4, 5];

for (const [name, layer] of Object.entries(layers)) {
  for (const end of [END, undefined]) {
    test(`${name}: a search of full width is exhaustive, ${end === undefined ? 'without' : 'with'} an end`, () => {
      const all = targets(end, MAX);
      for (const seed of seeds) {
        const model = make(layer, seed);
        const stop = end === undefined ? {} : { end };
        for (const lengthPenalty of [0, 0.7, 1]) {
          const found = beamSearch(model, source, {
            start: START,
            ...stop,
            maxTokens: MAX,
            width: all.length,
            lengthPenalty,
          });
          const expected = all
            .map((tokens) => ({ tokens, logProbability: logProbabilityOf(model, tokens) }))
            .toSorted(
              (a, b) =>
                b.logProbability / b.tokens.length ** lengthPenalty -
                a.logProbability / a.tokens.length ** lengthPenalty,
            );
          assert.equal(
            found.map(({ tokens }) => tokens),
            expected.map(({ tokens }) => tokens),
          );
          for (const [i, { logProbability }] of found.entries()) {
            assert.ok(Math.abs(logProbability - expected[i]!.logProbability) <= 1e-12, `${seed} ${i}`);
          }
          const total = found.reduce((sum, { logProbability }) => sum + Math.exp(logProbability), 0);
          assert.ok(Math.abs(total - 1) < 1e-12, `the probabilities sum to ${total}`);
        }
      }
    });
  }

  for (const dtype of ['float32', 'float64'] as const) {
    test(`${name}, ${dtype}: width 1 is greedy`, () => {
      for (const seed of seeds) {
        const model = make(layer, seed, dtype);
        for (const end of [0, 1, 2, 3]) {
          const options = { start: START, end, maxTokens: 12 };
          const found = beamSearch(model, source, { ...options, width: 1 });
          assert.equal(
            found.map(({ tokens }) => tokens),
            [greedyDecode(model, source, options)],
          );
        }
      }
    });
  }

  test(`${name}: narrow searches are sorted, of their width, without doubles, with the probabilities of each alone`, () => {
    for (const seed of seeds) {
      const model = make(layer, seed);
      for (const width of [2, 3, 5]) {
        for (const lengthPenalty of [0, 1]) {
          const found = beamSearch(model, source, { start: START, end: END, maxTokens: 6, width, lengthPenalty });
          assert.is(found.length, width);
          assert.is(new Set(found.map(({ tokens }) => tokens.join())).size, width);
          const scores = found.map(
            ({ tokens, logProbability }) => logProbability / (lengthPenalty === 0 ? 1 : tokens.length),
          );
          assert.equal(
            scores,
            scores.toSorted((a, b) => b - a),
          );
          for (const { tokens, logProbability } of found) {
            assert.ok(tokens.length === 6 || tokens.at(-1) === END);
            assert.not.ok(tokens.slice(0, -1).includes(END));
            assert.ok(Math.abs(logProbability - logProbabilityOf(model, tokens)) <= 1e-12);
          }
        }
      }
    }
  });
}

test('a wider search finds what a greedy one misses', () => {
  const gains = Array.from({ length: 20 }, (_, seed) => {
    const model = make(layers['rnn']!, seed);
    const [one, four] = [1, 64].map(
      (width) => beamSearch(model, source, { start: START, maxTokens: 3, width })[0]!.logProbability,
    );
    return four! - one!;
  });
  assert.ok(gains.every((gain) => gain >= 0));
  assert.ok(gains.some((gain) => gain > 0));
});

test('of equal probabilities the earlier hypothesis comes first, then the lower token', () => {
  const found = beamSearch(constant([0, 0, 0, 0]), source, { start: START, maxTokens: 2, width: 6 });
  assert.equal(
    found.map(({ tokens }) => tokens.join('')),
    ['00', '01', '02', '03', '10', '11'],
  );
});

test('what has ended is kept, and takes its place from the live ones', () => {
  const model = constant([0, 3, 2, 1]); // the end is most likely at once
  const found = beamSearch(model, source, { start: START, end: END, maxTokens: 9, width: 3 });
  assert.equal(
    found.map(({ tokens }) => tokens),
    [[1], [2, 1], [2, 2, 1]],
  );
});

test('the length penalty raises the longer', () => {
  const model = constant([-9, 1, 1.5, -9]);
  const options = { start: START, end: END, maxTokens: 3, width: 3 };
  const lengths = (lengthPenalty: number): number[] =>
    beamSearch(model, source, { ...options, lengthPenalty }).map(({ tokens }) => tokens.length);
  assert.equal(lengths(0), [1, 3, 2]); // 2 2 2 is likelier than 2 1, which ended before
  assert.equal(lengths(1), [3, 2, 1]);
});

test('each step of the search is one step of the model', () => {
  const model = make(layers['rnn']!, 1);
  const lanes: number[] = [];
  const counted = {
    ...model,
    step: (...args: Parameters<typeof model.step>) => {
      lanes.push((args[0] as Int32Array).length);
      return model.step(...args);
    },
  };
  beamSearch(counted, source, { start: START, maxTokens: 4, width: 3 });
  assert.equal(lanes, [3, 3, 3, 3]);
});

test('a token without probability is never chosen', () => {
  const found = beamSearch(constant([0, 1, -Infinity, -Infinity]), source, { start: START, maxTokens: 2, width: 16 });
  assert.equal(
    found.map(({ tokens }) => tokens.join('')),
    ['11', '10', '01', '00'],
  );
});

const good = { start: START, end: END, maxTokens: 3, width: 2 };
const refusals: [object, string][] = [
  [{ width: 0 }, 'beamSearch: width must be a positive integer, got 0'],
  [{ width: 1.5 }, 'beamSearch: width must be a positive integer, got 1.5'],
  [{ maxTokens: 0 }, 'beamSearch: maxTokens must be a positive integer, got 0'],
  [{ maxTokens: Infinity }, 'beamSearch: maxTokens must be a positive integer, got Infinity'],
  [{ end: 4 }, 'beamSearch: end must be an integer from 0 to 3, got 4'],
  [{ start: 4 }, 'seq2seq: token 4 is outside the vocabulary of 4 of layer decoder'],
  [{ lengthPenalty: -1 }, 'beamSearch: lengthPenalty must be a number from 0 up, got -1'],
  [{ lengthPenalty: NaN }, 'beamSearch: lengthPenalty must be a number from 0 up, got NaN'],
];
for (const [options, message] of refusals) {
  test(`refused: ${message}`, () => {
    const model = make(layers['rnn']!, 1);
    assert.throws(
      () => beamSearch(model, source, { ...good, ...options }),
      (error: unknown) => error instanceof RangeError && error.message === message,
    );
  });
}

for (const logits of [
  [0, NaN, 0, 0],
  [0, 0, Infinity, 0],
  [-Infinity, -Infinity, -Infinity, -Infinity],
]) {
  test(`refused: logits ${logits.join(', ')}`, () =>
    assert.throws(() => beamSearch(constant(logits), source, good), /^beamSearch: the logits are not finite$/));
}

test.run();
