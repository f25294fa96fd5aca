import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { adwin, type AdwinOptions, exponentialHistogram } from '../../src/infer/adwin.js';
import { marbles } from '../../src/record/marbles.js';
import { bits } from './bits.js';
import { through } from './models.js';

marbles('an alarm at a look after the change; errors pass', ({ cold, expectObservable }) => {
  const values = { 1: 1, 9: 9 };
  const narrow = adwin({ confidence: 0.5, range: 1, every: 4 });
  const a = { index: 11, since: 8, before: 1, after: 9 };
  expectObservable(cold('-11111111-99999999-|', values).pipe(narrow)).toBe('-------------a-----|', { a });
  expectObservable(cold('-11#', values).pipe(narrow)).toBe('---#');
});

test('200000 values without a change raise no alarm', async () => {
  assert.equal(await through(bits('stationary', 200_000), adwin()), []);
});

for (const [rise, delay] of [
  [1, 600],
  [2, 200],
  [4, 100],
  [-1, 600],
] as const) {
  test(`a change by ${rise} bits is found within ${delay} values, in each of 20 runs`, async () => {
    for (let run = 0; run < 20; run++) {
      const values = bits(`${rise} ${run}`, 5000 + delay, { at: 5000, rise });
      const [alarm] = await through(values, adwin());
      assert.ok(alarm, `run ${run}: no alarm`);
      assert.ok(alarm.index >= 5000, `run ${run}: an alarm at ${alarm.index}`);
      assert.is(alarm.after > alarm.before, rise > 0);
      assert.ok(Math.abs(alarm.since - 5000) < 400, `run ${run}: placed at ${alarm.since}`);
    }
  });
}

test('the histogram has the sums of its window, in logarithmic memory', () => {
  const window = exponentialHistogram();
  const values = bits('histogram', 3000);
  for (const value of values) window.add(value);
  for (let drops = 0; drops < 10; drops++) window.drop();
  const { count, sum, squares } = window.whole;
  const kept = values.slice(-count);
  const mean = kept.reduce((total, value) => total + value, 0) / count;
  const expected = kept.reduce((total, value) => total + (value - mean) ** 2, 0);
  let cuts = 0;
  window.eachCut(({ count: older, sum }) => {
    cuts += 1;
    const part = kept.slice(0, older).reduce((total, value) => total + value, 0);
    assert.ok(Math.abs(sum - part) < 1e-6);
  });
  assert.ok(Math.abs(sum / count - mean) < 1e-9);
  assert.ok(Math.abs(squares / expected - 1) < 1e-9);
  assert.ok(count < 3000 && cuts > 20 && cuts < 60, `${cuts} cuts of ${count}`);
});

for (const [options, message] of [
  [{ confidence: 0 }, 'adwin: confidence must be in (0, 1), got 0'],
  [{ confidence: 1 }, 'adwin: confidence must be in (0, 1), got 1'],
  [{ range: 0 }, 'adwin: range must be a positive number, got 0'],
  [{ every: 0 }, 'adwin: every must be a positive integer, got 0'],
] as [AdwinOptions, string][]) {
  test(`refused: ${message}`, () => assert.throws(() => adwin(options), message));
}

test('fails: a value that is not finite', async () => {
  let found = '';
  await through([1, Infinity], adwin()).catch((error: Error) => (found = error.message));
  assert.is(found, 'adwin: value 1 must be a finite number, got Infinity');
});

test.run();
