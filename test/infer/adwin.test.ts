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

test('it does not look before its window holds minValues, at the start and after each alarm', async () => {
  const values = [...Array.from({ length: 16 }, () => 1), ...Array.from({ length: 16 }, () => 9)];
  const indices = async (minValues?: number) =>
    (await through(values, adwin({ confidence: 0.5, range: 1, every: 4, minValues }))).map(({ index }) => index);
  assert.equal(await indices(), await indices(10));
  const [first, ...rest] = await indices();
  assert.ok(first! < 27 && rest.length === 0);
  assert.equal(await indices(28), [27]);
  assert.equal(await indices(33), []);
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
  [{ minValues: 0 }, 'adwin: minValues must be a positive integer, got 0'],
  [{ every: 0 }, 'adwin: every must be a positive integer, got 0'],
] as [AdwinOptions, string][]) {
  test(`refused: ${message}`, () =>
    assert.throws(
      () => adwin(options),
      (error: Error) => error.message.includes(message),
    ));
}

test('it finds changes of any size, by its range', async () => {
  const step = [...Array<number>(200).fill(0), ...Array<number>(200).fill(1)];
  const alarmsIn = async (unit: number) =>
    through(
      step.map((x) => x * unit),
      adwin({ range: unit }),
    );
  const [expected] = await alarmsIn(1);
  assert.ok(expected);
  for (const unit of [2 ** 665, 2 ** 1023, 2 ** -1060]) {
    assert.equal(await alarmsIn(unit), [{ ...expected, before: expected.before * unit, after: expected.after * unit }]);
  }
  assert.equal(await through(Array<number>(500).fill(Number.MAX_VALUE), adwin({ range: 1e300 })), []);
});

test('fails: a value beyond what its range allows', async () => {
  let found = '';
  await through([1, 1.5e308], adwin()).catch((error: Error) => (found = error.message));
  assert.is(found, 'adwin: value 1 must be in [-1.6e+141, 1.6e+141), got 1.5e+308');
});

test('fails: a value that is not finite', async () => {
  let found = '';
  await through([1, Infinity], adwin()).catch((error: Error) => (found = error.message));
  assert.is(found, 'adwin: value 1 must be a finite number, got Infinity');
});

test.run();
