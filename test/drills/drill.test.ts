// A short part of each trial that needs no process of its own; `npm run drill` runs the whole.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { keys } from './keys.js';
import { models } from './models.js';
import { rise } from './rise.js';
import { readEach } from './readEach.js';
import { onnx } from './onnx.js';
import { recordings } from './recordings.js';
import { terminal } from './terminal.js';

for (const [name, drill] of Object.entries({ models, onnx, recordings })) {
  test(`${name}: mutated files are read or refused, in time`, async () => {
    const { read, refused } = await drill(300, 1);
    assert.ok(read! > 10 && refused! > 10, `${read} read, ${refused} refused`);
  });
}

test('terminal: nothing steers it', async () => assert.ok((await terminal(50, 1))['paths']! >= 9));

test('keys: each line is learned', async () => assert.is((await keys(40, 1))['characters: keys'], 40));

test('memory rises where 100 bytes per key stay, and not where a collection left garbage lying', () => {
  const noisy = (i: number): number => 25 + (i % 3) + (i === 3 || i === 8 ? 14 : 0); // as it was seen
  const readings = Array.from({ length: 10 }, (_, i) => noisy(i));
  assert.is(rise(readings), 0);
  const keys = 1_000_000 / 20; // between two readings
  assert.ok(rise(readings.map((reading, i) => reading + (100 * keys * i) / 1e6)) > 2);
  assert.is(rise([1, 3]), 2);
});

test('the trial finds an accident, a foreign error and a hang', () => {
  const ours = (error: Error): boolean => error instanceof TypeError;
  const fails = (read: () => unknown): (() => void) => {
    return () => void readEach(1, () => 0, read, ours);
  };
  const refuse = (error: Error) => (): never => {
    throw error;
  };
  fails(refuse(new TypeError('config must be JSON')))();
  assert.throws(fails(refuse(new TypeError('x is not a function'))), /neither read nor refused/);
  assert.throws(fails(refuse(new RangeError('no'))), /neither read nor refused/);
  const hang = (): void => {
    for (const until = performance.now() + 2000; performance.now() < until;);
  };
  assert.throws(fails(hang), /input 0 took \d+ ms/);
});

test.run();
