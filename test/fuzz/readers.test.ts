// A short part of each campaign; `npm run fuzz` runs the whole.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readers } from './readers.js';

const RUNS = 2000;

for (const [name, campaign] of Object.entries(readers)) {
  test(`${name}: ${RUNS} inputs are read or refused, nothing else`, async () => {
    const { read, refused } = await campaign(RUNS);
    assert.ok(read > RUNS / 100 && refused > RUNS / 100, `${read} read, ${refused} refused`);
  });
}

test.run();
