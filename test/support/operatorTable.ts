// The table that every operator of ours is held to; one row an operator, ten tests a row.
import {
  identity,
  map,
  merge,
  NEVER,
  type Observable,
  type OperatorFunction,
  pipe,
  Subject,
  take,
  takeUntil,
  timer,
} from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LARGE } from './large.js';
import { leaveAtRandom } from './leaving.js';
import { yielding } from '../../src/flow/yielding.js';
import { requested, unlimited } from '../../src/flow/demand.js';
import { pull } from '../../src/flow/pull.js';
import { marbles } from '../../src/record/marbles.js';

/** What a source does, and what the operator makes of it. */
type Pair = readonly [source: string, result: string];

export interface OperatorRow<T, R> {
  /** A fresh operator; models and ledgers are made anew, too. */
  readonly operator: () => OperatorFunction<T, R>;
  /** The source's values: `a`, `b` and `c` at least. */
  readonly values: Readonly<Record<string, T>>;
  /** The result's values, as `look` shows them. */
  readonly results: Readonly<Record<string, unknown>>;
  /** What is compared of a result, taken when it comes; all of it by default. */
  readonly look?: (result: R) => unknown;
  /** One to one unless it is told. */
  readonly emits?: Pair;
  /** What comes of a source that completes at once; `|` by default. `#` fails with `emptyError`. */
  readonly empty?: string;
  readonly emptyError?: Error;
  /** What comes of a source that fails; `-a-#` to `-a-#` by default. */
  readonly fails?: Pair;
  /** An operator whose user's function throws, or a value that it refuses; or why there is neither. */
  readonly throws: Throws<T, R> | string;
}

export interface Throws<T, R> {
  readonly operator?: () => OperatorFunction<T, R>;
  readonly values?: Readonly<Record<string, T>>;
  readonly diagrams: Pair;
  readonly error: Error;
}

/** With as many operators as there are, more than a thousand. */
const LEAVES = 30;

/** Holds each operator of a table to the same ten facts, each a test of its own. */
export function operatorTable(table: Readonly<Record<string, Row>>): void {
  for (const [name, row] of Object.entries(table)) hold(name, row);
}

/** A row of whatever types, checked before they are forgotten. */
export function row<T, R>(row: OperatorRow<T, R>): Row {
  const { look, operator, throws } = row;
  const seen = (make: () => OperatorFunction<T, R>) => (): OperatorFunction<T, unknown> =>
    look ? pipe(make(), map(look)) : make();
  const looked: OperatorRow<T, unknown> = { ...row, operator: seen(operator), look: identity };
  const own = typeof throws !== 'string' && throws.operator;
  return (own ? { ...looked, throws: { ...throws, operator: seen(own) } } : looked) as Row;
}

type Row = OperatorRow<unknown, unknown>;

function hold(name: string, row: Row): void {
  const { operator, values, results } = row;
  const letters = Object.values(values);
  const [source, result] = row.emits ?? ['-a-b-c-|', '-a-b-c-|'];
  const [failing, failed] = row.fails ?? ['-a-#', '-a-#'];
  const end = '-'.repeat(source.length - 1);

  marbles(`${name}: emits`, ({ cold, expectObservable, expectSubscriptions }) => {
    const it = cold(source, values);
    expectObservable(it.pipe(operator())).toBe(result, results);
    expectSubscriptions(it.subscriptions).toBe(`^${end.slice(1)}!`);
  });
  marbles(`${name}: empty`, ({ cold, expectObservable }) => {
    expectObservable(cold('|').pipe(operator())).toBe(row.empty ?? '|', results, row.emptyError);
  });
  marbles(`${name}: never`, ({ cold, expectObservable, expectSubscriptions }) => {
    const it = cold('-');
    expectObservable(it.pipe(operator()), '^---!').toBe('-');
    expectSubscriptions(it.subscriptions).toBe('^---!');
  });
  marbles(`${name}: an error of the source`, ({ cold, expectObservable, expectSubscriptions }) => {
    const error = new RangeError('the source failed');
    const it = cold(failing, values, error);
    expectObservable(it.pipe(operator())).toBe(failed, results, error);
    expectSubscriptions(it.subscriptions).toBe(`^${'-'.repeat(failing.length - 2)}!`);
  });
  const { throws } = row;
  if (typeof throws !== 'string') {
    marbles(`${name}: an error of its own`, ({ cold, expectObservable, expectSubscriptions }) => {
      const [source, result] = throws.diagrams;
      const it = cold(source, { ...values, ...throws.values });
      expectObservable(it.pipe((throws.operator ?? operator)())).toBe(result, results, throws.error);
      expectSubscriptions(it.subscriptions).toBe(`^${'-'.repeat(result.indexOf('#') - 1)}!`);
    });
  }
  marbles(`${name}: leaving in the middle leaves the source`, ({ cold, expectObservable, expectSubscriptions }) => {
    const it = cold(source, values);
    const left = (source: Observable<unknown>): Observable<unknown> => merge(source.pipe(takeUntil(timer(4))), NEVER);
    expectObservable(left(it.pipe(operator()))).toEqual(left(cold(result, results)));
    expectSubscriptions(it.subscriptions).toBe('^---!');
  });
  test(`${name}: stops a firehose`, () => {
    let closed = 0;
    function* endless(): Generator {
      try {
        for (let i = 0; i < LARGE; i++) yield letters[i % letters.length]!;
        assert.unreachable(`${name} let a firehose run`);
      } finally {
        closed += 1;
      }
    }
    // What emits at the end only has nothing to take: it is stopped from above.
    const gathers = row.emptyError !== undefined;
    let emitted = 0;
    const cut$ = pull(endless()).pipe(gathers ? take(9) : identity, operator(), take(3));
    cut$.subscribe({ next: () => (emitted += 1), error: (error: unknown) => assert.unreachable(String(error)) });
    assert.ok(emitted > 0, 'nothing came');
    assert.is(closed, 1);
  });
  test(`${name}: left at a random moment, ${LEAVES} times`, () =>
    leaveAtRandom(name, LEAVES, () => {
      let open = false;
      let pulled = 0;
      function* endless(): Generator {
        open = true;
        try {
          for (;;) for (const letter of letters) yield (pulled++, letter);
        } finally {
          open = false;
        }
      }
      const source = pull(endless(), yielding(unlimited, 1)).pipe(operator());
      return { source, taken: () => pulled, held: () => open };
    }));
  marbles(`${name}: a second subscription begins afresh`, ({ cold, expectObservable }) => {
    const shared = operator();
    const both = cold(source, values).pipe(shared);
    expectObservable(both).toBe(result, results);
    expectObservable(both, `--^`).toBe(`--${result}`, results);
  });
  test(`${name}: demand passes through to the source`, () => {
    let pulled = 0;
    function* endless(): Generator {
      for (;;) for (const letter of letters) yield (pulled++, letter);
    }
    const demand$ = new Subject<number>();
    const fail = (error: unknown): never => assert.unreachable(String(error)) as never;
    const subscription = pull(endless(), requested(demand$)).pipe(operator()).subscribe({ error: fail });
    const after = [1, 2, 3].map((n) => {
      demand$.next(n);
      return pulled;
    });
    subscription.unsubscribe();
    assert.equal(after, [1, 3, 6]);
  });
}
