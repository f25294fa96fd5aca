import * as fc from 'fast-check';
import { lastValueFrom, take, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pull } from '../../src/flow/pull.js';
import { lanes } from '../../src/token/lanes.js';
import { windows } from '../../src/token/windows.js';
import type { Token } from '../../src/types.js';

function interleaved(tokens: ArrayLike<Token>, count: number): Promise<Token[]> {
  return lastValueFrom(pull(lanes(tokens, count)).pipe(toArray()));
}

for (const [tokens, count, expected] of [
  [[1, 2, 3, 4, 5, 6], 1, [1, 2, 3, 4, 5, 6]],
  [[1, 2, 3, 4, 5, 6], 2, [1, 4, 2, 5, 3, 6]],
  [[1, 2, 3, 4, 5, 6, 7], 3, [1, 3, 5, 2, 4, 6]],
] as const) {
  test(`${count} lanes of ${tokens.join(' ')}`, async () => {
    assert.equal(await interleaved(tokens, count), expected);
  });
}

test('lane k is the k-th stretch', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 2, max: 9 }),
      fc.nat(6),
      async (count, n, more) => {
        const tokens = Int32Array.from({ length: count * n + (more % count) }, (_, i) => i);
        const all = await interleaved(tokens, count);
        for (let k = 0; k < count; k++) {
          assert.equal(
            all.filter((_, i) => i % count === k),
            [...tokens.subarray(k * n, (k + 1) * n)],
          );
        }
      },
    ),
  );
});

test('fits windows of as many lanes', async () => {
  const source$ = pull(lanes([1, 2, 3, 11, 12, 13], 2)).pipe(windows({ steps: 2, lanes: 2 }), toArray());
  const [window, ...more] = await lastValueFrom(source$);
  assert.equal([[...window!.inputs], [...window!.targets], more], [[1, 11, 2, 12], [2, 12, 3, 13], []]);
});

test('each subscription starts at the beginning', async () => {
  const tokens$ = pull(lanes([1, 2, 3, 4], 2));
  assert.equal(await lastValueFrom(tokens$.pipe(take(3), toArray())), [1, 3, 2]);
  assert.equal(await lastValueFrom(tokens$.pipe(toArray())), [1, 3, 2, 4]);
});

for (const [tokens, count, message] of [
  [[1, 2, 3], 0, 'lanes: count must be a positive integer, got 0'],
  [[1, 2, 3], 1.5, 'lanes: count must be a positive integer, got 1.5'],
  [[1, 2, 3], 2, 'lanes: 2 lanes need at least 4 tokens, got 3'],
  [[], 1, 'lanes: 1 lanes need at least 2 tokens, got 0'],
] as const) {
  test(`refuses ${count} lanes of ${tokens.length} tokens at once`, () => {
    assert.throws(
      () => lanes(tokens, count),
      (error: unknown) => error instanceof RangeError && error.message === message,
    );
  });
}

test.run();
