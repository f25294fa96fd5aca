import { from, lastValueFrom } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { burst, drain, logRecords, surprisalByLine } from '../../src/index.js';
import { recentMap } from '../../src/log/recentMap.js';
import { seeded } from '../../src/random/seeded.js';

test('it is in the order in which keys were set last, and drops the oldest', () => {
  const random = seeded(3);
  const map = recentMap<number, number>();
  assert.is(map.dropOldest(), undefined);
  let order: (readonly [number, number])[] = [];
  for (let i = 0; i < 3000; i++) {
    const key = random.integer(40);
    if (random.integer(3) === 0) assert.is(map.dropOldest(), order.shift()?.[1]);
    else {
      order = [...order.filter(([other]) => other !== key), [key, i]];
      map.set(key, i);
    }
    assert.equal([...map], order);
    assert.is(map.size, order.length);
    assert.is(map.get(key), order.find(([other]) => other === key)?.[1]);
  }
  assert.equal([...recentMap(order)], order);
});

/** Lines of some 40 templates from 8 workers. */
function* someLines(count: number): Generator<string> {
  const random = seeded('lines');
  for (let i = 0; i < count; i++) {
    const time = new Date(Date.UTC(2026, 0, 2) + i).toISOString();
    const [verb, thing] = [`verb-${'abcdefgh'[random.integer(8)]}`, `thing-${'abcde'[random.integer(5)]}`];
    yield `${time} INFO worker-${random.integer(8)} ${thing} ${random.integer(100_000)} ${verb}`;
  }
}

/** Bytes that what `use` makes holds more after `count` uses of it than after the same number before. */
function growth(use: (count: number) => void, count: number): number {
  const used = (): number => {
    globalThis.gc!();
    return process.memoryUsage().heapUsed;
  };
  use(count);
  const before = used();
  use(count);
  return used() - before;
}

test('a map whose keys are set again and again does not grow', () => {
  const map = recentMap<number, number>();
  for (let key = 0; key < 100; key++) map.set(key, 0);
  const grown = growth((count) => {
    for (let i = 0; i < count; i++) map.set(i % 40, i);
  }, 200_000);
  assert.is(map.size, 100);
  assert.ok(grown < 500_000, `${grown} bytes`);
});

// each below its limit, where nothing is dropped; a Map whose iterator is kept grew by 70 bytes for each line
for (const [name, operate] of [
  ['logRecords', logRecords()],
  ['drain', drain()],
  ['burst', burst({ interval: 1 })],
  ['surprisalByLine', surprisalByLine()],
] as const) {
  test(`${name} holds the same memory after more lines of the same kind`, async () => {
    const count = 6000;
    const marks: number[] = [];
    const values = function* (): Generator<string | { key: string; time: number }> {
      let read = 0;
      for (const line of someLines(4 * count)) {
        if (read % count === 0) {
          globalThis.gc!();
          marks.push(process.memoryUsage().heapUsed);
        }
        read += 1;
        yield name === 'burst' ? { key: `${read % 40}`, time: read } : line;
      }
    };
    await lastValueFrom(from(values()).pipe(operate as never));
    const grown = marks.at(-1)! - marks.at(-2)!;
    assert.ok(grown < 20 * count, `${grown} bytes`);
  });
}

test.run();
