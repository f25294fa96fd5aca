import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hubOrder } from '../../src/infer/hubOrder.js';
import { seeded } from '../../src/random/seeded.js';
import type { Token } from '../../src/types.js';

for (const [width, most] of [
  [2, 3],
  [2, 40],
  [3, 4],
  [4, 2],
] as const) {
  test(`${width} counts up to ${most}: what is above and first is that of sorting`, () => {
    const random = seeded(width);
    const draw = (below: number): number => Math.floor(random.uniform() * below);
    const order = hubOrder(width);
    const counts = new Map<Token, Float64Array>();
    for (let i = 0; i < 6000; i++) {
      const token = draw(1500);
      const own = counts.get(token)?.slice() ?? new Float64Array(width).fill(1);
      if (counts.has(token)) own[draw(width)] = 1 + draw(most);
      own.sort(); // no count is smaller than the one before it
      counts.set(token, own);
      order.set(token, own);
      if (i % 500 !== 499) continue;

      const weights = Float64Array.from({ length: width }, () => 0.1 + random.uniform());
      const score = (token: Token): number => counts.get(token)!.reduce((sum, c, d) => sum + c * weights[d]!, 0);
      const all = [...counts.keys()];
      const other = all[draw(all.length)]!;
      const [low, high] = [score(other) * (1 - 1e-12), score(other) * (1 + 1e-12)];
      const isBefore = (token: Token): boolean => token < other;
      const above = all.filter((token) => score(token) > high || (score(token) >= low && isBefore(token)));
      assert.is(order.above(weights, low, high, isBefore), above.length);

      const last = (token: Token): number => counts.get(token)!.at(-1)!;
      const end = draw(1500);
      const aboveLast = all.filter((token) => last(token) > 2 || (last(token) === 2 && token < end));
      assert.is(order.aboveLast(2, end), aboveLast.length);

      const runs = new Map<string, Token[]>();
      for (const token of all.toSorted((a, b) => compare(counts.get(b)!, counts.get(a)!) || a - b)) {
        const run = counts.get(token)!.subarray(0, -1).join();
        runs.set(run, [...(runs.get(run) ?? []), token]);
      }
      const first: Token[] = [];
      order.forFirst(3, weights, (token, sum) => {
        first.push(token);
        assert.ok(Math.abs(sum - score(token)) < 1e-9);
        return -Infinity;
      });
      assert.equal(
        first,
        [...runs.values()].flatMap((run) => run.slice(0, 3)),
      );

      const likely: number[] = [];
      order.forFirst(1, weights, (_, sum) => {
        likely.push(sum);
        return score(other);
      });
      const enough = (scores: readonly number[]): number =>
        scores.filter((score_) => score_ > score(other) + 1e-9).length;
      assert.is(enough(likely), enough([...runs.values()].map(([token]) => score(token!))));
    }
  });
}

function compare(a: Float64Array, b: Float64Array): number {
  for (let d = 0; d < a.length; d++) if (a[d] !== b[d]) return a[d]! - b[d]!;
  return 0;
}

test.run();
