import { concat, concatMap, lastValueFrom, of, repeat, retry, Subject, take, throwError, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { credit } from '../../src/flow/credit.js';
import { pull } from '../../src/flow/pull.js';
import { concatMapBounded } from '../../src/flow/concatMapBounded.js';
import { naturals, spied, turn } from './support.js';

test('stops at high, resumes at low', () => {
  const inFlight = credit({ high: 4, low: 1 });
  let n = 0;
  const subscription = pull(naturals(), inFlight).subscribe(() => {
    n += 1;
    inFlight.hold();
  });
  const seen: number[] = [n];
  for (let i = 0; i < 6; i++) {
    inFlight.release();
    seen.push(n);
  }
  assert.equal(seen, [4, 4, 4, 7, 7, 7, 10]);
  assert.is(inFlight.peak, 4);
  subscription.unsubscribe();
});

test('the defaults are 8 and half of high', () => {
  const inFlight = credit();
  let n = 0;
  pull(naturals(), inFlight).subscribe(() => {
    n += 1;
    inFlight.hold();
  });
  assert.is(n, 8);
  inFlight.release(3);
  assert.is(n, 8);
  inFlight.release();
  assert.is(n, 12);
  assert.is(credit({ high: 1 }).take(), true);
});

test('several may be held and released at once', () => {
  const inFlight = credit({ high: 3 });
  inFlight.hold(5);
  assert.is(inFlight.held, 5);
  assert.is(inFlight.peak, 5);
  assert.not(inFlight.take());
  inFlight.release(5);
  assert.is(inFlight.held, 0);
  assert.ok(inFlight.take());
});

test('peak is the most that was held, not the last', () => {
  const inFlight = credit();
  inFlight.hold(3);
  inFlight.release(2);
  inFlight.hold();
  assert.is(inFlight.peak, 3);
});

test('wakes its source only when it opens again', () => {
  const inFlight = credit({ high: 3, low: 1 });
  let wakes = 0;
  const disconnect = inFlight.connect({ wake: () => (wakes += 1), end: () => undefined, fail: () => undefined });
  inFlight.hold(2);
  inFlight.release();
  assert.is(wakes, 0); // it never was shut
  inFlight.hold(2);
  inFlight.release();
  assert.is(wakes, 0); // still above low
  inFlight.release();
  inFlight.release();
  assert.is(wakes, 1);
  inFlight.hold(3);
  disconnect();
  inFlight.release(3);
  assert.is(wakes, 1);
});

test('values that no count can meet are RangeErrors', () => {
  const cases: readonly (readonly [number, number | undefined, string])[] = [
    [0, undefined, 'credit: high must be a positive integer, got 0'],
    [NaN, undefined, 'credit: high must be a positive integer, got NaN'],
    [2.5, undefined, 'credit: high must be a positive integer, got 2.5'],
    [Infinity, undefined, 'credit: high must be a positive integer, got Infinity'],
    [4, 4, 'credit: low must be an integer from 0 to 3, got 4'],
    [4, -1, 'credit: low must be an integer from 0 to 3, got -1'],
    [4, 0.5, 'credit: low must be an integer from 0 to 3, got 0.5'],
  ];
  for (const [high, low, message] of cases) {
    assert.throws(
      () => credit(low === undefined ? { high } : { high, low }),
      (error: Error) => error instanceof RangeError && error.message === message,
    );
  }
});

test('counts that are not whole numbers are refused, and change nothing', () => {
  const inFlight = credit({ high: 2 });
  inFlight.hold();
  for (const method of ['hold', 'release'] as const) {
    for (const count of [-5, NaN, 1.5, Infinity]) {
      assert.throws(
        () => inFlight[method](count),
        (error: Error) =>
          error instanceof RangeError &&
          error.message === `credit.${method}: count must be an integer from 0 up, got ${count}`,
      );
    }
  }
  assert.equal([inFlight.held, inFlight.peak, inFlight.take()], [1, 1, true]);
});

test('releasing more than is held is an Error, and changes nothing', () => {
  const inFlight = credit();
  inFlight.hold();
  assert.throws(() => inFlight.release(2), /credit: cannot release 2, only 1 held/);
  assert.is(inFlight.held, 1);
});

test('repeat: one credit serves subscription after subscription', async () => {
  const inFlight = credit({ high: 2 });
  const values$ = pull([1, 2, 3], inFlight).pipe(
    repeat(3),
    concatMapBounded(inFlight, (x) => Promise.resolve(x)),
    toArray(),
  );
  assert.equal(await lastValueFrom(values$), [1, 2, 3, 1, 2, 3, 1, 2, 3]);
  assert.is(inFlight.held, 0);
  assert.ok(inFlight.peak <= 2);
});

test('retry: a failed source releases its credit, and may use it again', async () => {
  const inFlight = credit({ high: 2 });
  let tries = 0;
  const values$ = pull(() => spied([1, 2, 3]), inFlight).pipe(
    concatMapBounded(inFlight, (x) =>
      x === 2 && tries++ < 2 ? throwError(() => new Error('again')) : Promise.resolve(x),
    ),
    retry(5),
    toArray(),
  );
  assert.equal(await lastValueFrom(values$), [1, 1, 1, 2, 3]);
  assert.is(inFlight.held, 0);
});

test('concat: one source after another', async () => {
  const inFlight = credit({ high: 2 });
  const values$ = concat(pull('ab', inFlight), pull('cd', inFlight)).pipe(
    concatMapBounded(inFlight, (x) => Promise.resolve(x)),
    toArray(),
  );
  assert.equal(await lastValueFrom(values$), Array.from('abcd'));
});

test('a second subscription after one that was abandoned in flight', async () => {
  const inFlight = credit({ high: 3 });
  const never$ = new Subject<number>();
  const abandoned = pull(naturals(), inFlight)
    .pipe(concatMapBounded(inFlight, () => never$))
    .subscribe();
  assert.is(inFlight.held, 3);
  abandoned.unsubscribe();
  assert.is(inFlight.held, 0);
  assert.is(
    await lastValueFrom(pull(naturals(10), inFlight).pipe(concatMapBounded(inFlight, (x) => Promise.resolve(x)))),
    9,
  );
});

test('a second source at the same time is refused', () => {
  const inFlight = credit();
  const never$ = new Subject<number>();
  const first = pull(naturals(), inFlight)
    .pipe(concatMapBounded(inFlight, () => never$))
    .subscribe();
  const cursor = spied('ab');
  let message = '';
  pull(() => cursor, inFlight).subscribe({ error: (error: Error) => (message = error.message) });
  assert.is(message, 'credit: already feeds a source; make one for each pipeline');
  assert.is(cursor.reads + cursor.returns, 0);
  first.unsubscribe();
});

test('two stages on one credit: each holds, the sum is bounded', async () => {
  const inFlight = credit({ high: 4, low: 2 });
  const result$ = pull(naturals(200), inFlight).pipe(
    concatMapBounded(inFlight, (x) => Promise.resolve(x)),
    concatMapBounded(inFlight, (x) => turn().then(() => x)),
    concatMap((x) => of(x)),
    take(150),
    toArray(),
  );
  assert.equal(await lastValueFrom(result$), [...naturals(150)]);
  assert.is(inFlight.held, 0);
  assert.ok(inFlight.peak <= 5, `peak ${inFlight.peak}`); // high, and one that passes from stage to stage
});

test.run();
