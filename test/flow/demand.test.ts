import { BehaviorSubject, NEVER, of, Subject, take } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { requested, unlimited } from '../../src/flow/demand.js';
import { pull } from '../../src/flow/pull.js';
import { marbles } from '../../src/record/marbles.js';
import { LARGE } from '../support/large.js';
import { naturals, spied } from './support.js';

marbles('emits exactly what was asked for; the end costs a unit', ({ cold, expectObservable }) => {
  const demand$ = cold('  --b---a---a-a', { a: 1, b: 2 });
  const expected = '      --(ab)c---|';
  expectObservable(pull('abc', requested(demand$))).toBe(expected);
});

marbles('requests add up', ({ cold, expectObservable }) => {
  const demand$ = cold('  (aab)', { a: 1, b: 2 });
  const expected = '      ---a--b--c--d';
  expectObservable(pull(() => spied('abcdef', 3), requested(demand$))).toBe(expected);
});

marbles('no demand, no item, and no end', ({ expectObservable }) => {
  const cursor = spied('abc');
  expectObservable(pull(() => cursor, requested(NEVER))).toBe('-');
  assert.is(cursor.reads, 0);
});

marbles('once demand$ completes, what is left is all there will be', ({ cold, expectObservable }) => {
  expectObservable(pull('abc', requested(cold('--a---|', { a: 2 })))).toBe('--(ab)|');
  expectObservable(pull(() => spied('abc', 3), requested(cold('(a|)', { a: 2 })))).toBe('---a--(b|)');
  expectObservable(pull('abc', requested(of(2)))).toBe('(ab|)');
  expectObservable(pull('abc', requested(of(9)))).toBe('(abc|)');
});

marbles('an error of demand$ is an error of the source', ({ cold, expectObservable }) => {
  expectObservable(pull('abc', requested(cold('a--#', { a: 1 }, new Error('no more'))))).toBe(
    'a--#',
    undefined,
    new Error('no more'),
  );
});

marbles(
  'demand is obeyed behind a slow cursor: one read pending, the rest are owed',
  ({ cold, expectObservable, flush }) => {
    const cursor = spied('abcd', 2);
    let most = 0;
    const demand$ = cold('-3-----1--|', { 3: 3, 1: 1 });
    expectObservable(
      pull(() => {
        const next = cursor.next.bind(cursor);
        cursor.next = () => {
          const step = next();
          most = Math.max(most, cursor.pending);
          return step;
        };
        return cursor;
      }, requested(demand$)),
    ).toBe('---a-b-c-d|');
    flush();
    assert.is(most, 1);
  },
);

marbles('each subscription subscribes to demand$ again', ({ cold, expectObservable }) => {
  const demand$ = cold('a---b-----|', { a: 1, b: 2 });
  const result = pull('abcdef', requested(demand$));
  expectObservable(result).toBe('a---(bc)--|');
  expectObservable(result, '20ms ^').toBe('20ms a---(bc)--|');
});

test('a demand that is not a positive integer is a RangeError and closes the cursor', () => {
  for (const count of [0, -1, NaN, 1.5, -Infinity]) {
    const cursor = spied('abcdef');
    const demand$ = new Subject<number>();
    const received: unknown[] = [];
    pull(() => cursor, requested(demand$)).subscribe({
      next: (value) => received.push(value),
      error: (error) => received.push(error),
    });
    demand$.next(1);
    demand$.next(count);
    demand$.next(1); // nobody listens any more
    assert.is(received.length, 2);
    assert.instance(received[1], RangeError);
    assert.is((received[1] as Error).message, `requested: demand must be a positive integer or Infinity, got ${count}`);
    assert.is(cursor.returns, 1);
    assert.not(demand$.observed);
  }
});

test('Infinity asks for everything', () => {
  let n = 0;
  pull(naturals(1000), requested(of(Infinity))).subscribe(() => n++);
  assert.is(n, 1000);
});

test('requests after the end do nothing', () => {
  const demand$ = new Subject<number>();
  const received: unknown[] = [];
  pull('ab', requested(demand$)).subscribe({
    next: (value) => received.push(value),
    complete: () => received.push('end'),
  });
  demand$.next(3);
  demand$.next(3);
  assert.equal(received, ['a', 'b', 'end']);
  assert.not(demand$.observed);
});

test('a million request(1) made inside next reach depth 1', () => {
  const demand$ = new Subject<number>();
  let depth = 0;
  let deepest = 0;
  let n = 0;
  pull(() => naturals(LARGE), requested(demand$)).subscribe(() => {
    depth += 1;
    if (depth > deepest) deepest = depth;
    n += 1;
    demand$.next(1);
    depth -= 1;
  });
  demand$.next(1);
  assert.is(n, LARGE);
  assert.is(deepest, 1);
});

test('a second source at the same time is refused; one after another is not', () => {
  const demand = requested(new BehaviorSubject(1));
  const first = pull('ab', demand).subscribe();
  let message = '';
  pull('ab', demand).subscribe({ error: (error: Error) => (message = error.message) });
  assert.is(message, 'requested: already feeds a source; make one for each pipeline');
  first.unsubscribe();
  let got = '';
  pull('ab', demand).subscribe((value) => (got += value));
  assert.is(got, 'a');
});

test('unlimited serves any number of sources', () => {
  let got = '';
  pull('ab', unlimited).subscribe((outer) => pull('cd', unlimited).subscribe((inner) => (got += outer + inner)));
  assert.is(got, 'acadbcbd');
});

test('leaving stops listening to demand$', () => {
  const demand$ = new Subject<number>();
  pull(naturals(), requested(demand$)).pipe(take(2)).subscribe();
  demand$.next(5);
  assert.not(demand$.observed);
});

test.run();
