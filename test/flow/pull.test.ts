import { Readable } from 'node:stream';
import { connect, from, lastValueFrom, map, merge, of, Subject, take, timer, toArray, type Subscription } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { credit } from '../../src/flow/credit.js';
import { requested } from '../../src/flow/demand.js';
import type { Cursor, Later, Pullable } from '../../src/flow/openCursor.js';
import { pull } from '../../src/flow/pull.js';
import { concatMapBounded } from '../../src/flow/concatMapBounded.js';
import { marbles } from '../../src/record/marbles.js';
import { LARGE } from '../support/large.js';
import { naturals, spied, turn } from './support.js';

async function* letters(): AsyncGenerator<string> {
  yield 'a';
  await turn();
  yield 'b';
}

/** Notifications as they came; errors by message. */
function record<T>(source: Pullable<T>): { readonly received: unknown[]; readonly subscription: Subscription } {
  const received: unknown[] = [];
  const subscription = pull(source).subscribe({
    next: (value) => received.push(value),
    error: (error: Error) => received.push(`error ${error.message}`),
    complete: () => received.push('end'),
  });
  return { received, subscription };
}

test('iterables of all kinds', () => {
  assert.equal(record([1, 2]).received, [1, 2, 'end']);
  assert.equal(record('añ😀').received, ['a', 'ñ', '😀', 'end']);
  assert.equal(record(new Set([1, 2])).received, [1, 2, 'end']);
  assert.equal(record(Uint8Array.of(1, 2)).received, [1, 2, 'end']);
  assert.equal(record(naturals(2)).received, [0, 1, 'end']);
  assert.equal(record([]).received, ['end']);
  assert.equal(record(() => naturals(2)).received, [0, 1, 'end']);
});

test('async iterables and streams', async () => {
  assert.equal(await lastValueFrom(pull(letters).pipe(toArray())), ['a', 'b']);
  assert.equal(await lastValueFrom(pull<string>(Readable.from(['a', 'b'])).pipe(toArray())), ['a', 'b']);
});

test('what cannot be pulled is a TypeError at once', () => {
  for (const [source, shown] of [
    [7, '7'],
    [undefined, 'undefined'],
    [null, 'null'],
    [{}, '{}'],
  ] as const) {
    assert.throws(
      () => pull(source as never),
      (error: Error) =>
        error instanceof TypeError &&
        error.message ===
          `pull: source must be iterable, async iterable or a function that opens a cursor, got ${shown}`,
    );
  }
});

test('a cursor without next, and a step that is not an object, are TypeErrors of the result', () => {
  const cases: [source: unknown, message: string][] = [
    [() => [1], 'pull: what the function returns must be an object with the function next, got [1]'],
    [() => undefined, 'pull: what the function returns must be an object with the function next, got undefined'],
    [{ [Symbol.iterator]: () => ({}) }, 'pull: the iterator must be an object with the function next, got {}'],
    [() => ({ next: () => 5 }), 'pull: next must give a step, got 5'],
    [() => ({ next: () => undefined }), 'pull: next must give a step, got undefined'],
  ];
  for (const [source, message] of cases) {
    const errors: unknown[] = [];
    pull(source as never).subscribe({ next: () => assert.unreachable(), error: (error) => errors.push(error) });
    assert.is(errors.length, 1, message);
    assert.instance(errors[0], TypeError);
    assert.is((errors[0] as Error).message, message);
  }
});

marbles('a cursor that takes its time', ({ expectObservable }) => {
  expectObservable(pull(() => spied('abc', 2))).toBe('--a-b-c-|');
  expectObservable(pull(() => spied('', 2))).toBe('--|');
  expectObservable(
    pull(() => spied('abc', 2)),
    '-----!',
  ).toBe('--a-b');
});

marbles('each subscription opens a cursor of its own', ({ expectObservable }) => {
  const result = pull(() => spied('ab', 2));
  expectObservable(result).toBe('--a-b-|');
  expectObservable(result, '---^').toBe('-----a-b-|');
});

test('the cursor is opened at the first unit of demand', () => {
  let opened = 0;
  const demand$ = new Subject<number>();
  const subscription = pull(() => {
    opened += 1;
    return naturals();
  }, requested(demand$)).subscribe();
  assert.is(opened, 0);
  demand$.next(1);
  demand$.next(1);
  assert.is(opened, 1);
  subscription.unsubscribe();
});

test('errors of the cursor arrive once; a cursor that threw is not returned', async () => {
  const cases: Record<string, () => Cursor<number>> = {
    opening() {
      throw new Error('opening');
    },
    sync: () => ({
      next() {
        throw new Error('sync');
      },
    }),
    rejecting: () => ({ next: () => Promise.reject(new Error('rejecting')) as Later<number> }),
    thenable: () => ({
      next: () => ({
        // oxlint-disable-next-line unicorn/no-thenable -- a thenable is what is tested
        then() {
          throw new Error('thenable');
        },
      }),
    }),
    generator: () =>
      (function* () {
        if (Date.now() > 0) throw new Error('generator');
        yield 1;
      })(),
  };
  for (const [name, open] of Object.entries(cases)) {
    let returns = 0;
    const { received } = record(() => Object.assign(open(), { return: () => returns++ }));
    await turn();
    assert.equal(received, [`error ${name}`]);
    assert.is(returns, 0, name);
  }
});

test('a cursor that ended is not returned; one that was left is, once', () => {
  const ended = spied('ab');
  record(() => ended);
  assert.is(ended.returns, 0);
  assert.is(ended.reads, 3);
  const left = spied('ab');
  const subscription = pull(() => left)
    .pipe(take(1))
    .subscribe();
  subscription.unsubscribe();
  assert.is(left.returns, 1);
  assert.is(left.reads, 1);
});

marbles('leaving while a read is pending returns the cursor at once; what arrives is dropped', (helpers) => {
  const cursor = spied('abc', 4);
  const subscription = pull(() => cursor).subscribe(() => assert.unreachable('emitted after it was left'));
  timer(2).subscribe(() => {
    subscription.unsubscribe();
    assert.is(cursor.returns, 1);
    assert.is(cursor.pending, 1);
  });
  helpers.flush();
  assert.is(cursor.pending, 0);
  assert.is(cursor.reads, 1);
  assert.is(cursor.returns, 1);
});

test('leaving while a read is pending destroys a stream that is behind a cursor', async () => {
  const quiet = new Readable({ read: () => undefined });
  const subscription = pull<Uint8Array>(() => ({
    next: () => new Promise((resolve) => quiet.once('readable', () => resolve({ value: quiet.read(), done: false }))),
    return: () => quiet.destroy(),
  })).subscribe();
  await turn();
  subscription.unsubscribe();
  assert.ok(quiet.destroyed);
});

test('a rejection that comes after leaving is dropped', async () => {
  let reject: ((error: Error) => void) | undefined;
  const { received, subscription } = record(() => ({ next: () => new Promise<never>((_, fail) => (reject = fail)) }));
  subscription.unsubscribe();
  reject?.(new Error('too late'));
  await turn();
  assert.equal(received, []);
});

test('at most one read is pending, however often it is woken', async () => {
  const demand$ = new Subject<number>();
  let pending = 0;
  let most = 0;
  let i = 0;
  const result = pull(
    () => ({
      async next() {
        pending += 1;
        most = Math.max(most, pending);
        await turn();
        pending -= 1;
        return i < 5 ? { value: i++, done: false } : { value: undefined, done: true };
      },
    }),
    requested(demand$),
  ).pipe(toArray());
  const all = lastValueFrom(result);
  for (let n = 0; n < 10; n++) demand$.next(1);
  assert.equal(await all, [0, 1, 2, 3, 4]);
  assert.is(most, 1);
});

test('a generator that unsubscribes its own reader is closed once, and emits no more', () => {
  let closed = 0;
  const received: number[] = [];
  const leave = new Subject<void>();
  function* suicidal(): Generator<number> {
    try {
      yield 1;
      leave.next();
      yield 2;
    } finally {
      closed += 1;
    }
  }
  const demand$ = new Subject<number>();
  const subscription = pull(suicidal, requested(demand$)).subscribe((value) => received.push(value));
  leave.subscribe(() => subscription.unsubscribe());
  demand$.next(5);
  assert.equal(received, [1]);
  assert.is(closed, 1);
});

test('a cursor that unsubscribes its own reader and promises a step is returned at once', () => {
  let returns = 0;
  const demand$ = new Subject<number>();
  const subscription = pull<number>(
    () => ({
      next() {
        subscription.unsubscribe();
        return new Promise<never>(() => {});
      },
      return: () => returns++,
    }),
    requested(demand$),
  ).subscribe();
  demand$.next(1);
  assert.is(returns, 1);
});

test('a million thenables that answer at once do not use the stack', () => {
  let i = 0;
  let n = 0;
  pull<number>(() => ({
    next: () => ({
      // oxlint-disable-next-line unicorn/no-thenable -- a thenable is what is tested
      then: (arrive) => arrive(i < LARGE ? { value: i++, done: false } : { value: undefined, done: true }),
    }),
  })).subscribe(() => n++);
  assert.is(n, LARGE);
});

test('a demand made while a late item is delivered waits for it', async () => {
  const demand$ = new Subject<number>();
  const cursor = spied('ab');
  const received: string[] = [];
  const next = cursor.next.bind(cursor);
  cursor.next = () => Promise.resolve(next()) as Later<string>;
  pull(() => cursor, requested(demand$)).subscribe((item) => {
    received.push(`${item} comes`);
    demand$.next(1);
    received.push(`${item} is done with, ${cursor.reads} read`);
  });
  demand$.next(1);
  await turn();
  assert.equal(received, ['a comes', 'a is done with, 1 read', 'b comes', 'b is done with, 2 read']);
});

test('with the slower branch sets the pace', async () => {
  const inFlight = credit({ high: 4, low: 2 });
  const cursor = spied(naturals(50));
  const lead: number[] = [];
  let slow = 0;
  let fast = 0;
  const all = await lastValueFrom(
    pull(() => cursor, inFlight).pipe(
      connect((shared$) =>
        merge(
          shared$.pipe(
            concatMapBounded(inFlight, (x) => turn().then(() => x)),
            map(() => slow++),
          ),
          shared$.pipe(
            concatMapBounded(inFlight, (x) => of(x)),
            map(() => lead.push(fast++ - slow)),
          ),
        ),
      ),
      toArray(),
    ),
  );
  assert.is(all.length, 100);
  assert.ok(Math.max(...lead) < 4, `the fast branch was ${Math.max(...lead)} ahead`);
  assert.is(inFlight.held, 0);
  assert.ok(inFlight.peak <= 4 - 1 + 2);
});

test('what is emitted equals what from() emits', async () => {
  const items = ['a', undefined, null, 0, { value: 1, done: true }];
  assert.equal(await lastValueFrom(pull(items).pipe(toArray())), await lastValueFrom(from(items).pipe(toArray())));
});

test.run();
