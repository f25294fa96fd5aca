import { concat, EMPTY, from, of, Subject, throwError } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { credit } from '../../src/flow/credit.js';
import { iterate } from '../../src/flow/iterate.js';
import { pull } from '../../src/flow/pull.js';
import { naturals, spied, turn } from './support.js';

test('every value once, in order, with at most high in flight', async () => {
  const inFlight = credit({ high: 4, low: 2 });
  const cursor = spied(naturals(100));
  const got: number[] = [];
  let ahead = 0;
  for await (const value of iterate(
    pull(() => cursor, inFlight),
    inFlight,
  )) {
    got.push(value);
    ahead = Math.max(ahead, cursor.reads - got.length);
    if (value % 10 === 0) await turn();
  }
  assert.equal(got, [...naturals(100)]);
  assert.ok(ahead <= 3, `${ahead} ahead of the loop`);
  assert.is(inFlight.peak, 4);
  assert.is(inFlight.held, 0);
});

test('a value keeps its credit until the next is asked for', async () => {
  const inFlight = credit({ high: 1 });
  const cursor = spied('abc');
  const iterator = iterate(
    pull(() => cursor, inFlight),
    inFlight,
  );
  assert.is(cursor.reads, 0); // nothing before the first `next`
  assert.equal(await iterator.next(), { value: 'a', done: false });
  assert.is(cursor.reads, 1);
  assert.is(inFlight.held, 1);
  assert.equal(await iterator.next(), { value: 'b', done: false });
  assert.is(cursor.reads, 2);
  await iterator.return?.();
  assert.is(inFlight.held, 0);
  assert.is(cursor.returns, 1);
  assert.equal(await iterator.next(), { value: undefined, done: true });
});

test('empty, and again after the end', async () => {
  const iterator = iterate(EMPTY, credit());
  assert.equal(await iterator.next(), { value: undefined, done: true });
  assert.equal(await iterator.next(), { value: undefined, done: true });
});

test('an error comes after the values before it, once', async () => {
  const inFlight = credit();
  const source$ = concat(
    of(1, 2),
    throwError(() => new RangeError('source')),
  );
  const received: unknown[] = [];
  const iterator = iterate(source$, inFlight);
  for (let i = 0; i < 4; i++) {
    await iterator.next().then(
      ({ value, done }) => received.push(done === true ? 'end' : value),
      (error: Error) => received.push(error.message),
    );
  }
  assert.equal(received, [1, 2, 'source', 'end']);
  assert.is(inFlight.held, 0);
});

test('an error meets a caller who waits', async () => {
  const source$ = new Subject<number>();
  const iterator = iterate(source$, credit());
  const first = iterator.next();
  const second = iterator.next();
  source$.error(new Error('broken'));
  let message = '';
  await first.catch((error: Error) => (message = error.message));
  assert.is(message, 'broken');
  assert.equal(await second, { value: undefined, done: true });
});

test('without a credit it is refused at once', () => {
  assert.throws(() => iterate(of(1), undefined as never), /^iterate: credit must be/);
});

test('break, and what the loop throws, give all credit back and close the source', async () => {
  for (const how of ['break', 'throw'] as const) {
    const inFlight = credit({ high: 4, low: 2 });
    const cursor = spied(naturals());
    let n = 0;
    try {
      for await (const value of iterate(
        pull(() => cursor, inFlight),
        inFlight,
      )) {
        n = value;
        if (value === 5 && how === 'break') break;
        if (value === 5) throw new Error('loop');
      }
    } catch (error) {
      assert.is((error as Error).message, 'loop');
    }
    assert.is(n, 5);
    assert.is(inFlight.held, 0);
    assert.is(cursor.returns, 1);
    assert.ok(cursor.reads <= 9);
  }
});

test('return while a next is pending answers it, at once', async () => {
  const inFlight = credit();
  const never = new Subject<number>();
  const iterator = iterate(never, inFlight);
  const pending = iterator.next();
  assert.ok(never.observed);
  await iterator.return?.();
  assert.not(never.observed);
  assert.equal(await pending, { value: undefined, done: true });
});

test('return before the first next subscribes to nothing; throw rejects and leaves', async () => {
  const inFlight = credit({ high: 1 });
  const cursor = spied('abc');
  const unused = iterate(
    pull(() => cursor, inFlight),
    inFlight,
  );
  assert.equal(await unused.return?.(), { value: undefined, done: true });
  assert.equal(await unused.next(), { value: undefined, done: true });
  assert.is(cursor.reads, 0);
  const thrown = iterate(
    pull(() => cursor, inFlight),
    inFlight,
  );
  await thrown.next();
  let message = '';
  await thrown.throw?.(new Error('thrown')).catch((error: Error) => (message = error.message));
  assert.is(message, 'thrown');
  assert.is(inFlight.held, 0);
  assert.is(cursor.returns, 1);
});

test('several may ask before anything comes; each gets one, in order', async () => {
  const inFlight = credit();
  const source$ = new Subject<number>();
  const iterator = iterate(source$, inFlight);
  const asked = [iterator.next(), iterator.next(), iterator.next()];
  from([1, 2]).subscribe((value) => source$.next(value));
  assert.is(inFlight.held, 2);
  source$.complete();
  assert.equal(await Promise.all(asked), [
    { value: 1, done: false },
    { value: 2, done: false },
    { value: undefined, done: true },
  ]);
  await iterator.next();
  assert.is(inFlight.held, 0);
});

test.run();
