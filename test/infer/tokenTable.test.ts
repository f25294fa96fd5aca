import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { tokenTable } from '../../src/infer/tokenTable.js';
import { seeded } from '../../src/random/seeded.js';

for (const room of [0, 1, 3, 128]) {
  test(`room for ${room}: the numbers are those of a Map`, () => {
    const table = tokenTable(room);
    const map = new Map<number, number>();
    const random = seeded(1);
    for (let i = 0; i < 5000; i++) {
      const token = Math.floor(random.uniform() * (i < 2000 ? 700 : 2 ** 31));
      assert.is(table.get(token), map.get(token) ?? -1);
      map.set(token, i);
      table.set(token, i);
    }
    for (const [token, value] of map) assert.is(table.get(token), value);
  });
}

test.run();
