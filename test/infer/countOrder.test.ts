import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type CountOrder, countOrder } from '../../src/infer/countOrder.js';
import { seeded } from '../../src/random/seeded.js';

/** All tokens, by the method under test and by sorting. */
function compare(order: CountOrder, counts: readonly number[]): void {
  const sorted = counts.map((_, token) => token).toSorted((a, b) => counts[b]! - counts[a]! || a - b);
  const skip = Uint8Array.from(counts, (_, token) => (token % 3 === 1 ? 1 : 0));
  const kept = sorted.filter((token) => skip[token] === 0);
  const written = new Int32Array(counts.length);
  assert.is(order.writeFirst(written, 0, kept.length, skip), kept.length);
  assert.equal([...written.subarray(0, kept.length)], kept);
  assert.is(order.writeFirst(written, 0, 1, skip), 1);
  for (const [place, token] of sorted.entries()) assert.is(order.before(counts[token]!, token), place);
  assert.is(order.before(Infinity, 0), 0);
  assert.is(order.before(-1, 0), counts.length);
  assert.is(order.most(), counts[sorted[0]!]);
  assert.equal([...order.counts], counts);
}

for (const size of [1, 2, 33, 64, 200, 5000]) {
  for (const [name, draw] of [
    ['evenly', (u: number) => Math.floor(u * size)],
    ['few often', (u: number) => Math.floor(u ** 6 * size)],
    ['in turn', (_: number, i: number) => i % size],
    ['in turn, the last first', (_: number, i: number) => size - 1 - (i % size)],
  ] as const) {
    test(`${size} tokens, ${name}: the order is that of sorting`, () => {
      const order = countOrder(size);
      const counts = Array.from<number>({ length: size }).fill(0);
      const random = seeded(1);
      compare(order, counts);
      for (let i = 0; i < 3 * size + 1000; i++) {
        const token = draw(random.uniform(), i);
        counts[token]! += 1;
        order.add(token);
        if (i % (size + 37) === 0) compare(order, counts);
      }
      compare(order, counts);
    });
  }
}

test.run();
