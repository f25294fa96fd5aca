import {
  concatMap,
  defer,
  EMPTY,
  lastValueFrom,
  map,
  NEVER,
  Observable,
  of,
  type OperatorFunction,
  range,
  Subject,
  take,
  throwError,
  timer,
  toArray,
} from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { credit } from '../../src/flow/credit.js';
import { requested } from '../../src/flow/demand.js';
import { pull } from '../../src/flow/pull.js';
import { concatMapBounded } from '../../src/flow/concatMapBounded.js';
import { marbles } from '../../src/record/marbles.js';
import { LARGE } from '../support/large.js';
import { naturals, spied, turn } from './support.js';

marbles('one after another, in order', ({ cold, expectObservable, expectSubscriptions }) => {
  const inFlight = credit();
  const inner = cold('    ---x|');
  const source = cold('  -a-b-------c|');
  const expected = '     ----x---x-----x|';
  expectObservable(source.pipe(concatMapBounded(inFlight, () => inner))).toBe(expected);
  expectSubscriptions(source.subscriptions).toBe('^-----------!');
  expectSubscriptions(inner.subscriptions).toBe(['-^---!', '-----^---!', '-----------^---!']);
});

marbles('results of an inner that completes at once keep their frame', ({ cold, expectObservable }) => {
  const source = cold('  -a---b---|');
  const expected = '     -(aa)(bb)|';
  expectObservable(source.pipe(concatMapBounded(credit(), (x) => of(x, x)))).toBe(expected);
});

marbles('empty and never', ({ expectObservable }) => {
  expectObservable(EMPTY.pipe(concatMapBounded(credit(), () => EMPTY))).toBe('|');
  expectObservable(NEVER.pipe(concatMapBounded(credit(), () => EMPTY))).toBe('-');
  expectObservable(of(1).pipe(concatMapBounded(credit(), () => NEVER))).toBe('-');
  expectObservable(of(1, 2).pipe(concatMapBounded(credit(), () => EMPTY))).toBe('|');
});

marbles(
  'an error of the source does not wait for inners, and gives their credit back',
  ({ cold, expectObservable, flush }) => {
    const inFlight = credit();
    expectObservable(cold('-ab-#').pipe(concatMapBounded(inFlight, () => cold('9ms x|')))).toBe('----#');
    flush();
    assert.is(inFlight.held, 0);
    assert.is(inFlight.peak, 2);
  },
);

marbles('an error of an inner ends the result', ({ cold, expectObservable, expectSubscriptions, flush }) => {
  const inFlight = credit();
  const source = cold('  -abc-|');
  const expected = '     ---x-#';
  const subs = '         ^----!';
  expectObservable(source.pipe(concatMapBounded(inFlight, (_, index) => cold(index === 1 ? '-#' : '--x|')))).toBe(
    expected,
  );
  expectSubscriptions(source.subscriptions).toBe(subs);
  flush();
  assert.is(inFlight.held, 0);
});

marbles('what project throws ends the result', ({ cold, expectObservable, expectSubscriptions, flush }) => {
  const inFlight = credit();
  const source = cold('  -a-b-c|');
  const expected = '     -a-#';
  const subs = '         ^--!';
  const stage = concatMapBounded<string, string>(inFlight, (x) => {
    if (x === 'b') throw new RangeError('no b');
    return of(x);
  });
  expectObservable(source.pipe(stage)).toBe(expected, undefined, new RangeError('no b'));
  expectSubscriptions(source.subscriptions).toBe(subs);
  flush();
  assert.is(inFlight.held, 0);
});

marbles(
  'leaving in the middle leaves source and inner, and gives all credit back',
  ({ cold, expectObservable, expectSubscriptions, flush }) => {
    const inFlight = credit();
    const source = cold('-a-b-c-|');
    const inner = cold('   ----x-----|');
    expectObservable(source.pipe(concatMapBounded(inFlight, () => inner)), '-------!').toBe('-----x');
    expectSubscriptions(source.subscriptions).toBe('^------!');
    expectSubscriptions(inner.subscriptions).toBe('-^-----!');
    flush();
    assert.is(inFlight.held, 0);
    assert.is(inFlight.peak, 3);
  },
);

marbles('two subscriptions have queues of their own', ({ hot, cold, expectObservable }) => {
  const result = hot('-a-b-|').pipe(concatMapBounded(credit(), (x, index) => cold('--x|', { x: `${x}${index}` })));
  expectObservable(result).toBe('---x--y|', { x: 'a0', y: 'b1' });
  expectObservable(result, '--^').toBe('-----z|', { z: 'b0' });
});

marbles(
  'its source is pulled at the pace of the inners: two ahead, topped up at one',
  ({ expectObservable, flush }) => {
    const inFlight = credit({ high: 2, low: 1 });
    const cursor = spied('abcd');
    const pulled: number[] = [];
    const stage = concatMapBounded<string, string>(inFlight, (x) => {
      pulled.push(cursor.reads);
      return timer(3).pipe(map(() => x));
    });
    expectObservable(pull(() => cursor, inFlight).pipe(stage)).toBe('---a--b--c--(d|)');
    flush();
    assert.equal(pulled, [1, 3, 4, 5]); // the third was read when the first was done: its slot was free
    assert.is(inFlight.peak, 2);
  },
);

marbles('demand by hand is obeyed through it', ({ cold, expectObservable }) => {
  const demand$ = cold('b----a-----c', { a: 1, b: 2, c: 3 });
  const stage = concatMapBounded<string, string>(credit(), (x) => timer(2).pipe(map(() => x)));
  expectObservable(pull('abcd', requested(demand$)).pipe(stage)).toBe('--a-b--c-----(d|)');
});

test('one asynchronous inner, then a million synchronous ones', async () => {
  for (const high of [1, 4, 1000]) {
    const inFlight = credit({ high });
    const last = pull(naturals(LARGE), inFlight).pipe(
      concatMapBounded(inFlight, (x) => (x === 0 ? turn().then(() => x) : [x])),
    );
    assert.is(await lastValueFrom(last), LARGE - 1);
    assert.is(inFlight.held, 0);
    assert.is(inFlight.peak, high);
  }
});

test('the same, where the whole source is in the queue', async () => {
  const inFlight = credit();
  const last = range(0, LARGE).pipe(concatMapBounded(inFlight, (x) => (x === 0 ? turn().then(() => x) : EMPTY)));
  assert.is(await lastValueFrom(last), 0);
  assert.is(inFlight.peak, LARGE);
});

/** One asynchronous inner, and then none but synchronous ones. */
const lateThenEmpty = (x: number): Observable<number> => (x === 0 ? timer(0) : EMPTY);

/** How many frames were on the stack at each call of `project`, for each of 101 values. */
function depths(stage: (project: typeof lateThenEmpty) => OperatorFunction<number, number>): Promise<number[]> {
  const depth: number[] = [];
  const watched$ = range(0, 101).pipe(
    stage((x) => {
      depth.push(new Error('where').stack?.split('\n').length ?? 0);
      return lateThenEmpty(x);
    }),
  );
  return lastValueFrom(watched$, { defaultValue: 0 }).then(() => depth);
}

test('control: after one asynchronous inner, stock concatMap goes down the stack with each synchronous one', async () => {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = Infinity;
  const stock = await depths((project) => concatMap(project));
  const ours = await depths((project) => concatMapBounded(credit(), project));
  Error.stackTraceLimit = limit;
  assert.ok((stock[100] ?? 0) - (stock[1] ?? 0) > 99, 'at least one frame for each inner');
  assert.is(ours[100], ours[2]);
});

test('control: so stock concatMap never gets through 100 000 of them', async () => {
  // What becomes of the overflow depends on where it strikes: an error here, an uncaught one, or no word at all.
  let outcome = 'silence';
  const uncaught = (error: Error): void => void (outcome = error.name);
  process.on('uncaughtException', uncaught);
  range(0, 100_000)
    .pipe(concatMap(lateThenEmpty))
    .subscribe({ error: uncaught, complete: () => (outcome = 'complete') });
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setTimeout(resolve, 5));
  process.off('uncaughtException', uncaught);
  assert.ok(outcome === 'silence' || outcome === 'RangeError', outcome);
  const ours$ = range(0, 100_000).pipe(concatMapBounded(credit(), lateThenEmpty));
  assert.is(await lastValueFrom(ours$), 0);
});

test('an endless synchronous inner stops with its consumer, and no unit is released twice', () => {
  const inFlight = credit({ high: 2 });
  let closed = 0;
  const got: number[] = [];
  pull(
    naturals(Infinity, () => closed++),
    inFlight,
  )
    .pipe(
      concatMapBounded(inFlight, () => pull(() => naturals(Infinity, () => closed++))),
      take(3),
    )
    .subscribe((x) => got.push(x));
  assert.equal(got, [0, 1, 2]);
  assert.is(closed, 2);
  assert.is(inFlight.held, 0);
});

test('a synchronous inner whose consumer leaves in mid-emission releases once', () => {
  const inFlight = credit();
  let late = 0;
  const stubborn = new Observable<number>((subscriber) => {
    subscriber.next(1); // the consumer leaves here
    late += 1;
    subscriber.next(2);
    subscriber.complete();
  });
  let n = 0;
  pull(naturals(5), inFlight)
    .pipe(
      concatMapBounded(inFlight, () => stubborn),
      take(1),
    )
    .subscribe(() => n++);
  assert.is(n, 1);
  assert.is(late, 1);
  assert.is(inFlight.held, 0);
});

test('credit given back while leaving pulls nothing more', () => {
  for (const how of ['unsubscribe', 'take', 'error'] as const) {
    const inFlight = credit({ high: 4, low: 2 });
    const cursor = spied(naturals());
    const gate = new Subject<number>();
    const stage = concatMapBounded<number, number>(inFlight, () => gate);
    const subscription = pull(() => cursor, inFlight)
      .pipe(stage, take(1))
      .subscribe({ error: () => undefined });
    assert.is(inFlight.held, 4);
    if (how === 'unsubscribe') subscription.unsubscribe();
    if (how === 'take') gate.next(1);
    if (how === 'error') gate.error(new Error('inner'));
    assert.is(inFlight.held, 0, how);
    assert.is(cursor.reads, 4, how);
    assert.is(cursor.returns, 1, how);
  }
});

test('promises, arrays, strings and observables are inners; anything else is an error', async () => {
  const inFlight = credit();
  const inners = [Promise.resolve(1), [2, 3], new Set([4]), defer(() => of(5)), naturals(2)];
  const all$ = pull(inners, inFlight).pipe(
    concatMapBounded(inFlight, (x) => x),
    toArray(),
  );
  assert.equal(await lastValueFrom(all$), [1, 2, 3, 4, 5, 0, 1]);
  const failure = await lastValueFrom(of(1).pipe(concatMapBounded(inFlight, () => 7 as never))).catch(
    (error: unknown) => error,
  );
  assert.instance(failure, TypeError);
  assert.is(inFlight.held, 0);
});

test('results that come while the consumer is busy with one do not overtake it', async () => {
  const inFlight = credit({ high: 3, low: 2 });
  const all$ = pull(naturals(100), inFlight).pipe(
    concatMapBounded(inFlight, (x) => (x % 3 === 0 ? turn().then(() => x) : [x])),
    concatMapBounded(inFlight, (x) => (x % 5 === 0 ? turn().then(() => x) : [x])),
    toArray(),
  );
  assert.equal(await lastValueFrom(all$), [...naturals(100)]);
});

test('an error given before the queue is empty arrives once', async () => {
  const inFlight = credit();
  let received = 0;
  pull(naturals(5), inFlight)
    .pipe(concatMapBounded(inFlight, (x) => (x === 1 ? throwError(() => new Error('inner')) : turn().then(() => x))))
    .subscribe({ error: () => received++ });
  for (let i = 0; i < 4; i++) await turn();
  assert.is(received, 1);
  assert.is(inFlight.held, 0);
});

test.run();
