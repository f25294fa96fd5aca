import { lastValueFrom, repeat, take, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { unlimited } from '../../src/flow/demand.js';
import { pull } from '../../src/flow/pull.js';
import { shuffle } from '../../src/flow/shuffle.js';
import { shuffleIterable } from '../../src/flow/shuffleIterable.js';
import { yielding } from '../../src/flow/yielding.js';
import { seeded } from '../../src/random/seeded.js';

const values = Array.from({ length: 20 }, (_, i) => i);

for (const size of [1, 7, 20, 100]) {
  test(`the order is that of shuffle, pass after pass: ${size} held of 20`, async () => {
    const [one, other] = [seeded(3), seeded(3)];
    const expected$ = pull(values).pipe(shuffle({ size, random: one }), repeat(3), toArray());
    const found$ = pull(() => shuffleIterable(values, { size, random: other })).pipe(repeat(3), toArray());
    assert.equal(await lastValueFrom(found$), await lastValueFrom(expected$));
  });
}

test('no more values are read than are held, and the iterable is closed with the result', () => {
  let [read, closed] = [0, false];
  function* source(): Generator<number> {
    try {
      for (;;) yield read++;
    } finally {
      closed = true;
    }
  }
  const shuffled = shuffleIterable(source(), { size: 5, random: seeded(1) });
  assert.is(read, 0);
  shuffled.next();
  assert.is(read, 5);
  shuffled.next();
  assert.is(read, 6);
  shuffled.return();
  assert.ok(closed);
});

test('a pass that is ended draws no more of its generator', async () => {
  let draws = 0;
  const random = { ...seeded(1), integer: (bound: number) => Math.min(draws++, bound - 1) };
  const some$ = pull(() => shuffleIterable(values, { size: 20, random }), yielding(unlimited)).pipe(take(3), toArray());
  assert.is((await lastValueFrom(some$)).length, 3);
  assert.is(draws, 3);
});

test('refused: what is not iterable, a size, a generator, an option that there is not', () => {
  const random = seeded(1);
  for (const [values, options, message] of [
    [5, { size: 1, random }, /^shuffleIterable: values must be iterable, got 5$/],
    [undefined, { size: 1, random }, /^shuffleIterable: values must be iterable, got undefined$/],
    [[], { size: 0, random }, /^shuffleIterable: size must be a positive integer, got 0$/],
    [[], { size: 1 }, /^shuffleIterable: random must be a generator such as seeded\(1\), got undefined$/],
    [[], { size: 1, random: () => random }, /^shuffleIterable: random must be a generator such as seeded\(1\), got/],
    [[], { size: 1, random, sise: 1 }, /^shuffleIterable: .*sise/],
  ] as const) {
    assert.throws(() => shuffleIterable(values as never, options as never), message);
  }
});

test.run();
