import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pageHinkley, type PageHinkleyOptions } from '../../src/infer/pageHinkley.js';
import { marbles } from '../../src/record/marbles.js';
import { bits } from './bits.js';
import { through } from './models.js';

const sensitive: PageHinkleyOptions = { delta: 0.5, threshold: 7, minValues: 2 };

marbles('an alarm, as soon as enough has come above the mean', ({ cold, expectObservable }) => {
  const values = Object.fromEntries(Array.from('0123456789', (digit) => [digit, Number(digit)]));
  const alarm = { index: 6, since: 3, before: 4 / 3, after: 5.5 };
  expectObservable(cold('-1-2-1-4-6-6-6-1-|', values).pipe(pageHinkley(sensitive))).toBe('-------------a---|', {
    a: alarm,
  });
  expectObservable(cold('-1-2-#', values).pipe(pageHinkley(sensitive))).toBe('-----#');
});

const steady = Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? 3 : 5));
const higher = steady.map((value) => value + 4);
for (const [direction, values, expected] of [
  ['up', [...steady, ...higher], 1],
  ['down', [...steady, ...higher], 0],
  ['both', [...steady, ...higher], 1],
  ['up', [...higher, ...steady], 0],
  ['down', [...higher, ...steady], 1],
  ['both', [...higher, ...steady], 1],
] as const) {
  test(`${direction}: a mean from ${values[0]} to ${values[50]} raises ${expected} alarms`, async () => {
    const alarms = await through(values, pageHinkley({ direction, threshold: 20, minValues: 20 }));
    assert.is(alarms.length, expected);
    for (const alarm of alarms) {
      assert.ok(Math.abs(alarm.since - 50) <= 1);
      assert.ok(Math.abs(alarm.before - values[0]! - 1) < 0.1);
      assert.is(alarm.after > alarm.before, values[50]! > values[0]!);
    }
  });
}

test('a million values without a change raise no alarm', async () => {
  assert.equal(await through(bits('stationary', 1_000_000), pageHinkley()), []);
});

for (const [rise, delay] of [
  [1, 900],
  [2, 250],
  [4, 120],
] as const) {
  test(`a rise by ${rise} bits is found within ${delay} values, in each of 50 runs`, async () => {
    for (let run = 0; run < 50; run++) {
      const values = bits(`${rise} ${run}`, 5000 + delay, { at: 5000, rise });
      const alarms = await through(values, pageHinkley());
      assert.is(alarms.length > 0, true, `run ${run}`);
      assert.ok(alarms[0]!.index >= 5000, `run ${run}: an alarm at ${alarms[0]!.index}`);
      assert.ok(Math.abs(alarms[0]!.since - 5000) < 300, `run ${run}: placed at ${alarms[0]!.since}`);
    }
  });
}

test('after an alarm it starts from the beginning: each of several rises is found', async () => {
  const values = [1, 2, 3, 4].flatMap((level) => Array.from({ length: 300 }, () => 5 * level));
  const alarms = await through(values, pageHinkley());
  assert.equal(
    alarms.map(({ since, before, after }) => [since, before, after]),
    [
      [300, 5, 10],
      [600, 10, 15],
      [900, 15, 20],
    ],
  );
});

for (const [options, message] of [
  [{ delta: -1 }, 'pageHinkley: delta must be a number from 0 up, got -1'],
  [{ threshold: 0 }, 'pageHinkley: threshold must be a positive number, got 0'],
  [{ minValues: 0 }, 'pageHinkley: minValues must be a positive integer, got 0'],
  [{ direction: 'left' as 'up' }, 'pageHinkley: direction must be one of up, down, both, got "left"'],
] as [PageHinkleyOptions, string][]) {
  test(`refused: ${message}`, () => assert.throws(() => pageHinkley(options), message));
}

test('fails: a value that is not finite', async () => {
  let found = '';
  await through([1, NaN], pageHinkley()).catch((error: Error) => (found = error.message));
  assert.is(found, 'pageHinkley: value 1 must be a finite number, got NaN');
});

test.run();
