// The table of tests that every public operator passes: one row per operator, ten tests per row.
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

/** Marbles of a source, and those of the result. */
type Pair = readonly [source: string, result: string];

export interface OperatorRow<T, R> {
  /** Makes the operator, with new models and ledgers. */
  readonly operator: () => OperatorFunction<T, R>;
  /** The source's values: `a`, `b` and `c` at least. */
  readonly values: Readonly<Record<string, T>>;
  /** The result's values, as `look` gives them. */
  readonly results: Readonly<Record<string, unknown>>;
  /** Selects what is compared of a result when it is emitted; all of it by default. */
  readonly look?: (result: R) => unknown;
  /** One result per value by default. */
  readonly emits?: Pair;
  /** The result of an empty source; `|` by default. `#` fails with `emptyError`. */
  readonly empty?: string;
  readonly emptyError?: Error;
  /** Whether it emits as it goes although an empty source is an error. */
  readonly streams?: boolean;
  /** The result of a source that fails; `-a-#` to `-a-#` by default. */
  readonly fails?: Pair;
  /** An operator whose user function throws, or a value that it refuses; or why neither exists. */
  readonly throws: Throws<T, R> | string;
}

export interface Throws<T, R> {
  readonly operator?: () => OperatorFunction<T, R>;
  readonly values?: Readonly<Record<string, T>>;
  readonly diagrams: Pair;
  readonly error: Error;
}

/** Times that each operator is left; more than a thousand over all operators. */
const LEAVES = 30;

/** Makes the same ten tests for each operator of a table. */
export function operatorTable(table: Readonly<Record<string, Row>>): void {
  for (const [name, row] of Object.entries(table)) testOperator(name, row);
}

/** Forgets the types of a row after checking them. */
export function row<T, R>(row: OperatorRow<T, R>): Row {
  const { look, operator, throws } = row;
  const seen = (make: () => OperatorFunction<T, R>) => (): OperatorFunction<T, unknown> =>
    look ? pipe(make(), map(look)) : make();
  const looked: OperatorRow<T, unknown> = { ...row, operator: seen(operator), look: identity };
  const own = typeof throws !== 'string' && throws.operator;
  return (own ? { ...looked, throws: { ...throws, operator: seen(own) } } : looked) as Row;
}

type Row = OperatorRow<unknown, unknown>;

function testOperator(name: string, row: Row): void {
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
  marbles(
    `${name}: unsubscribing midway unsubscribes from the source`,
    ({ cold, expectObservable, expectSubscriptions }) => {
      const it = cold(source, values);
      const left = (source: Observable<unknown>): Observable<unknown> => merge(source.pipe(takeUntil(timer(4))), NEVER);
      expectObservable(left(it.pipe(operator()))).toEqual(left(cold(result, results)));
      expectSubscriptions(it.subscriptions).toBe('^---!');
    },
  );
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
    // An operator that emits only at the end is stopped from above.
    const gathers = row.emptyError !== undefined && row.streams !== true;
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
  marbles(`${name}: a second subscription starts over`, ({ cold, expectObservable }) => {
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
