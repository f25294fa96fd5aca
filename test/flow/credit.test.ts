import { concat, concatMap, lastValueFrom, of, repeat, retry, Subject, take, throwError, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { credit } from '../../src/flow/credit.js';
import { pull } from '../../src/flow/pull.js';
import { concatMapBounded } from '../../src/flow/concatMapBounded.js';
import { naturals, spied, turn } from './support.js';

test('stops at high, resumes at low', () => {
  const ledger = credit({ high: 4, low: 1 });
  let n = 0;
  const subscription = pull(naturals(), ledger).subscribe(() => {
    n += 1;
    ledger.hold();
  });
  const seen: number[] = [n];
  for (let i = 0; i < 6; i++) {
    ledger.release();
    seen.push(n);
  }
  assert.equal(seen, [4, 4, 4, 7, 7, 7, 10]);
  assert.is(ledger.peak, 4);
  subscription.unsubscribe();
});

test('the defaults are 8 and half of high', () => {
  const ledger = credit();
  let n = 0;
  pull(naturals(), ledger).subscribe(() => {
    n += 1;
    ledger.hold();
  });
  assert.is(n, 8);
  ledger.release(3);
  assert.is(n, 8);
  ledger.release();
  assert.is(n, 12);
  assert.is(credit({ high: 1 }).take(), true);
});

test('several may be held and released at once', () => {
  const ledger = credit({ high: 3 });
  ledger.hold(5);
  assert.is(ledger.held, 5);
  assert.is(ledger.peak, 5);
  assert.not(ledger.take());
  ledger.release(5);
  assert.is(ledger.held, 0);
  assert.ok(ledger.take());
});

test('peak is the most that was held, not the last', () => {
  const ledger = credit();
  ledger.hold(3);
  ledger.release(2);
  ledger.hold();
  assert.is(ledger.peak, 3);
});

test('wakes its source only when it opens again', () => {
  const ledger = credit({ high: 3, low: 1 });
  let wakes = 0;
  const disconnect = ledger.connect({ wake: () => (wakes += 1), end: () => undefined, fail: () => undefined });
  ledger.hold(2);
  ledger.release();
  assert.is(wakes, 0); // it never was shut
  ledger.hold(2);
  ledger.release();
  assert.is(wakes, 0); // still above low
  ledger.release();
  ledger.release();
  assert.is(wakes, 1);
  ledger.hold(3);
  disconnect();
  ledger.release(3);
  assert.is(wakes, 1);
});

test('values that no count can meet are RangeErrors', () => {
  const cases: readonly (readonly [number, number | undefined, string])[] = [
    [0, undefined, 'credit: high must be a positive integer, got 0'],
    [NaN, undefined, 'credit: high must be a positive integer, got NaN'],
    [2.5, undefined, 'credit: high must be a positive integer, got 2.5'],
    [Infinity, undefined, 'credit: high must be a positive integer, got Infinity'],
    [4, 4, 'credit: low must be an integer from 0 to 3 (high - 1), got 4'],
    [4, -1, 'credit: low must be an integer from 0 to 3 (high - 1), got -1'],
    [4, 0.5, 'credit: low must be an integer from 0 to 3 (high - 1), got 0.5'],
  ];
  for (const [high, low, message] of cases) {
    assert.throws(
      () => credit(low === undefined ? { high } : { high, low }),
      (error: Error) => error instanceof RangeError && error.message === message,
    );
  }
});

test('releasing more than is held is an Error, and changes nothing', () => {
  const ledger = credit();
  ledger.hold();
  assert.throws(() => ledger.release(2), /credit: cannot release 2, only 1 held/);
  assert.is(ledger.held, 1);
});

test('repeat: one ledger serves subscription after subscription', async () => {
  const ledger = credit({ high: 2 });
  const values$ = pull([1, 2, 3], ledger).pipe(
    repeat(3),
    concatMapBounded(ledger, (x) => Promise.resolve(x)),
    toArray(),
  );
  assert.equal(await lastValueFrom(values$), [1, 2, 3, 1, 2, 3, 1, 2, 3]);
  assert.is(ledger.held, 0);
  assert.ok(ledger.peak <= 2);
});

test('retry: a failed source gives back its credit and its ledger', async () => {
  const ledger = credit({ high: 2 });
  let tries = 0;
  const values$ = pull(() => spied([1, 2, 3]), ledger).pipe(
    concatMapBounded(ledger, (x) =>
      x === 2 && tries++ < 2 ? throwError(() => new Error('again')) : Promise.resolve(x),
    ),
    retry(5),
    toArray(),
  );
  assert.equal(await lastValueFrom(values$), [1, 1, 1, 2, 3]);
  assert.is(ledger.held, 0);
});

test('concat: one source after another', async () => {
  const ledger = credit({ high: 2 });
  const values$ = concat(pull('ab', ledger), pull('cd', ledger)).pipe(
    concatMapBounded(ledger, (x) => Promise.resolve(x)),
    toArray(),
  );
  assert.equal(await lastValueFrom(values$), Array.from('abcd'));
});

test('a second subscription after one that was abandoned in flight', async () => {
  const ledger = credit({ high: 3 });
  const never$ = new Subject<number>();
  const abandoned = pull(naturals(), ledger)
    .pipe(concatMapBounded(ledger, () => never$))
    .subscribe();
  assert.is(ledger.held, 3);
  abandoned.unsubscribe();
  assert.is(ledger.held, 0);
  assert.is(
    await lastValueFrom(pull(naturals(10), ledger).pipe(concatMapBounded(ledger, (x) => Promise.resolve(x)))),
    9,
  );
});

test('a second source at the same time is refused', () => {
  const ledger = credit();
  const never$ = new Subject<number>();
  const first = pull(naturals(), ledger)
    .pipe(concatMapBounded(ledger, () => never$))
    .subscribe();
  const cursor = spied('ab');
  let message = '';
  pull(() => cursor, ledger).subscribe({ error: (error: Error) => (message = error.message) });
  assert.is(message, 'credit: already feeds a source; make one for each pipeline');
  assert.is(cursor.reads + cursor.returns, 0);
  first.unsubscribe();
});

test('two stages on one ledger: each holds, the sum is bounded', async () => {
  const ledger = credit({ high: 4, low: 2 });
  const result$ = pull(naturals(200), ledger).pipe(
    concatMapBounded(ledger, (x) => Promise.resolve(x)),
    concatMapBounded(ledger, (x) => turn().then(() => x)),
    concatMap((x) => of(x)),
    take(150),
    toArray(),
  );
  assert.equal(await lastValueFrom(result$), [...naturals(150)]);
  assert.is(ledger.held, 0);
  assert.ok(ledger.peak <= 5, `peak ${ledger.peak}`); // high, and the one that is handed from stage to stage
});

test.run();
