import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pageHinkley } from '../../src/infer/pageHinkley.js';
import { type PageHinkleyOptions, type PageHinkleyState, pageHinkleyTest } from '../../src/infer/pageHinkleyTest.js';
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

/** Where the sum of river's PageHinkley, for changes upward, passes the limits of ours. */
function riverChanges(values: readonly number[], { alpha = 1, delta = 0, threshold = 0, minValues = 0 }): number[] {
  const found: number[] = [];
  let [count, mean, sum] = [0, 0, 0];
  for (const [i, value] of values.entries()) {
    count += 1;
    mean += (value - mean) / count;
    sum = Math.max(0, alpha * sum + (value - mean - delta));
    if (count <= minValues || sum <= threshold) continue;
    found.push(i);
    count = mean = sum = 0;
  }
  return found;
}

for (const alpha of [0.9, 0.99, 0.9999, 1]) {
  test(`alpha ${alpha}: alarms where the sum of river, with its forgetting factor, has them`, async () => {
    const options = { alpha, delta: 0.2, threshold: 8, minValues: 30 };
    let alarms = 0;
    for (let run = 0; run < 20; run++) {
      const values = bits(`alpha ${run}`, 2000, { at: 1000, rise: 2 });
      const found = (await through(values, pageHinkley(options))).map(({ index }) => index);
      assert.equal(found, riverChanges(values, options));
      alarms += found.length;
    }
    assert.ok(alarms > 20, `${alarms} alarms`);
  });
}

test('a slow drift is forgotten with a factor below 1, and adds up without one', async () => {
  const values = Array.from({ length: 3000 }, (_, i) => i / 1000);
  const options = { delta: 0.1, threshold: 50 };
  assert.is((await through(values, pageHinkley(options))).length > 0, true);
  assert.equal(await through(values, pageHinkley({ ...options, alpha: 0.9 })), []);
});

test('a test that is saved between any two numbers continues as if nothing had happened', async () => {
  const options = { direction: 'both', threshold: 20, minValues: 20 } as const;
  const values = [...steady, ...higher, ...steady].map((value, i) => value + (i % 7) / 3);
  const expected = await through(values, pageHinkley(options));
  assert.is(expected.length, 2);
  let kept = pageHinkleyTest(options);
  const found = values.flatMap((value) => {
    kept = pageHinkleyTest({ ...options, state: JSON.parse(JSON.stringify(kept.state())) as PageHinkleyState });
    return kept.add(value) ?? [];
  });
  assert.equal(found, expected);
});

test('states that are none are refused', () => {
  const state = pageHinkleyTest().state();
  assert.throws(() => pageHinkleyTest({ state: { ...state, sum: NaN } }), /pageHinkleyTest: state\.sum must be|finite/);
  assert.throws(
    () => pageHinkleyTest({ state, direction: 'both' }),
    (error: Error) => error.message.includes('pageHinkleyTest: state is of another direction'),
  );
  assert.throws(() => pageHinkleyTest({ state: 'x' as never }), /pageHinkleyTest: state/);
});

test('states whose numbers do not fit each other are refused', () => {
  const options = { direction: 'up', threshold: 20 } as const;
  const test = pageHinkleyTest(options);
  for (const value of [1, 2, 3]) test.add(value);
  const { walks, ...state } = test.state();
  const [walk] = walks;
  for (const wrong of [
    { ...state, numbers: 2, walks },
    { ...state, sum: 1e308, walks },
    { ...state, walks: [{ ...walk!, count: 4 }] },
    { ...state, walks: [{ ...walk!, height: -1 }] },
    { ...state, walks: [{ ...walk!, height: 1e300 }] },
    { ...state, walks: [{ ...walk!, sum: -1e308 }] },
  ]) {
    assert.throws(
      () => pageHinkleyTest({ ...options, state: wrong }),
      /^pageHinkleyTest: state must be what state\(\) of a test gives, got \{/,
    );
  }
  assert.equal(pageHinkleyTest({ ...options, state: { ...state, walks } }).state(), { ...state, walks });
});

test('numbers whose sums could overflow are refused, and change nothing', () => {
  const test = pageHinkleyTest({ minValues: 1, threshold: 1e290 });
  test.add(9e289);
  const before = test.state();
  for (const value of [1.5e308, -1.5e308, 1e290, -1.1e290]) {
    assert.throws(
      () => test.add(value),
      (error: Error) =>
        error.message.includes(`pageHinkleyTest: value 1 must be in [-1e+290, 1e+290), got ${String(value)}`),
    );
  }
  assert.equal(test.state(), before);
  for (let i = 0; i < 1000; i++) test.add(i % 2 === 0 ? -9e289 : 9e289);
  assert.ok(test.state().walks.every(({ height, sum }) => Number.isFinite(height) && Number.isFinite(sum)));
});

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
  [{ alpha: 0 }, 'pageHinkley: alpha must be in (0, 1], got 0'],
  [{ alpha: 1.5 }, 'pageHinkley: alpha must be in (0, 1], got 1.5'],
  [{ minValues: 0 }, 'pageHinkley: minValues must be a positive integer, got 0'],
  [{ direction: 'left' as 'up' }, 'pageHinkley: direction must be one of up, down, both, got "left"'],
] as [PageHinkleyOptions, string][]) {
  test(`refused: ${message}`, () =>
    assert.throws(
      () => pageHinkley(options),
      (error: Error) => error.message.includes(message),
    ));
}

test('fails: a value so large that sums could overflow', async () => {
  let found = '';
  await through([1, 1.5e308], pageHinkley()).catch((error: Error) => (found = error.message));
  assert.is(found, 'pageHinkley: value 1 must be in [-1e+290, 1e+290), got 1.5e+308');
});

test('fails: a value that is not finite', async () => {
  let found = '';
  await through([1, NaN], pageHinkley()).catch((error: Error) => (found = error.message));
  assert.is(found, 'pageHinkley: value 1 must be a finite number, got NaN');
});

test.run();
