import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { digestOfLoop, digestOfOperators, runs } from './runs.js';

const digests = JSON.parse(readFileSync(new URL('digests.json', import.meta.url), 'utf8')) as Record<string, string>;

for (const [name, cell, dtype] of runs) {
  test(`${name}: losses and weights have the stored digest (npm run digest -- --write updates it)`, () => {
    assert.is(digestOfOperators(cell, dtype), digests[name]);
  });

  test(`${name}: a plain loop without RxJS gives the same bits`, () =>
    assert.is(digestOfLoop(cell, dtype), digests[name]));
}

test('the digests differ from each other', () => assert.is(new Set(Object.values(digests)).size, runs.length));

test.run();
