import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { greedyDecode } from '../../src/infer/greedyDecode.js';
import type { Token } from '../../src/types.js';
import { constant, layers, make, source, START } from './support.js';

/** What the model answers when it reads `input(answers)` at each step. */
function answers(seed: number, steps: number, input: (target: readonly Token[]) => Token): Token[] {
  const model = make(layers['gru']!, seed);
  const target: Token[] = [];
  let state = model.encode(source);
  for (let t = 0; t < steps; t++) {
    const next = model.step(input(target), state);
    const logits = Array.from(next.output.data);
    target.push(logits.indexOf(Math.max(...logits)));
    state = next.state;
  }
  return target;
}

test('it reads its own last answer, or the token to feed', () => {
  let different = 0;
  for (let seed = 0; seed < 10; seed++) {
    const model = make(layers['gru']!, seed);
    const options = { start: START, maxTokens: 8 };
    const own = greedyDecode(model, source, options);
    assert.equal(
      own,
      answers(seed, 8, (target) => target.at(-1) ?? START),
    );
    for (const feed of [0, 3]) {
      const fed = greedyDecode(model, source, { ...options, feed });
      assert.equal(
        fed,
        answers(seed, 8, (target) => (target.length === 0 ? START : feed)),
      );
      assert.is(fed[0], own[0]);
      if (fed.join() !== own.join()) different++;
    }
  }
  assert.ok(different > 0);
});

test('it stops after the end token, whatever is fed', () => {
  const model = make(layers['gru']!, 1);
  const options = { start: START, maxTokens: 8, feed: 2 };
  const all = greedyDecode(model, source, options);
  for (const end of new Set(all)) {
    assert.equal(greedyDecode(model, source, { ...options, end }), all.slice(0, all.indexOf(end) + 1));
  }
});

test('an end token that is the start token does not end what has not begun', () => {
  assert.equal(greedyDecode(constant([1, 0, 0, 0]), source, { start: 0, end: 0, maxTokens: 3 }), [0]);
  assert.equal(greedyDecode(constant([0, 1, 0, 0]), source, { start: 0, end: 0, maxTokens: 3 }), [1, 1, 1]);
});

test('of equal logits the lower token', () => {
  assert.equal(greedyDecode(constant([0, 2, 2, 1]), source, { start: START, maxTokens: 1 }), [1]);
});

const refusals: [() => unknown, string][] = [
  [
    () => greedyDecode(constant([0, 0, 0, 0]), source, { start: START, maxTokens: -1 }),
    'greedyDecode: maxTokens must be a positive integer, got -1',
  ],
  [
    () => greedyDecode(constant([0, 0, 0, 0]), source, { start: START, end: -1, maxTokens: 1 }),
    'greedyDecode: end must be an integer from 0 to 3, got -1',
  ],
  [
    () => greedyDecode(constant([0, 0, 0, 0]), source, { start: START, maxTokens: 2, feed: 7 }),
    'seq2seq: token 7 is outside the vocabulary of 4 of layer decoder',
  ],
  [
    () => greedyDecode(constant([0, 0, 0, NaN]), source, { start: START, maxTokens: 1 }),
    'greedyDecode: the logits are not finite',
  ],
  [
    () => greedyDecode(constant([0, 0, 0, Infinity]), source, { start: START, maxTokens: 1 }),
    'greedyDecode: the logits are not finite',
  ],
];
for (const [call, message] of refusals) {
  test(`refused: ${message}`, () =>
    assert.throws(call, (error: unknown) => error instanceof RangeError && error.message === message));
}

test.run();
