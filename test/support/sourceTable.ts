// The table that every source of ours is held to; one row a source, up to nine tests a row.
import { lastValueFrom, map, type Observable, Subject, take, takeUntil, tap } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Demand, requested } from '../../src/flow/demand.js';
import { outcome } from '../source/temporary.js';
import { leaveAtRandom, turns, until } from './leaving.js';

export interface SourceRow<T> {
  /** A source of three values or more, made anew; with a demand where it takes one. */
  readonly source: (demand?: Demand) => Observable<T>;
  /** All that it gives, as `look` shows it. */
  readonly values: readonly unknown[];
  /** What is compared of a value; all of it by default. */
  readonly look?: (value: T) => unknown;
  /** One that has nothing to give; or why there is none. */
  readonly empty: (() => Observable<T>) | string;
  readonly fails: Failing<T>;
  /** One that has much more to give than is taken of it. */
  readonly endless: () => Endless<T>;
  /** How a second subscription fails, where it cannot begin afresh. */
  readonly once?: string;
  /** Whether `endless` gives all within `subscribe`, so that nobody can leave before it began. */
  readonly synchronous?: true;
  /** Why it takes no demand, where it takes none. */
  readonly undemanded?: string;
}

/** A source whose error comes behind some values; none by default. */
interface Failing<T> {
  readonly source: () => Observable<T>;
  readonly values?: readonly unknown[];
  readonly error: string;
}

export interface Endless<T> {
  readonly source: Observable<T>;
  /** How much of what lies behind it was taken: bytes, blocks, passes. */
  readonly taken: () => number;
  /** As much as three values may cost. */
  readonly most: number;
  /** Whether it holds anything: a file, a buffer; absent where there is nothing to hold. */
  readonly held?: () => boolean;
}

type Row = SourceRow<unknown>;

/** With as many sources as there are, more than a thousand. */
const LEAVES = 60;

/** Holds each source of a table to the same facts, each a test of its own. */
export function sourceTable(table: Readonly<Record<string, Row>>): void {
  for (const [name, row] of Object.entries(table)) hold(name, row);
}

/** A row of whatever type, checked before it is forgotten. */
export function sourceRow<T>(row: SourceRow<T>): Row {
  return row as Row;
}

function hold(name: string, { source, values, look = (value) => value, ...row }: Row): void {
  const { empty, fails, endless, once, synchronous, undemanded } = row;
  const given = async (of: Observable<unknown>): Promise<[unknown[], string | undefined]> => {
    const { values, error } = await outcome(of.pipe(map(look)));
    return [values, error?.message];
  };

  test(`${name}: emits`, async () => {
    assert.ok(values.length >= 3);
    assert.equal(await given(source()), [values, undefined]);
  });
  if (typeof empty !== 'string') {
    test(`${name}: empty`, async () => assert.equal(await given(empty()), [[], undefined]));
  }
  test(`${name}: an error`, async () => {
    assert.equal(await given(fails.source()), [fails.values ?? [], fails.error]);
  });
  test(`${name}: leaving in the middle lets go, and nothing comes after`, async () => {
    const { source, held } = endless();
    const left$ = new Subject<void>();
    let seen = 0;
    const count = tap(() => {
      seen += 1;
      assert.ok(held?.() ?? true, 'it holds nothing while it gives');
      if (seen === 2) left$.next();
    });
    await lastValueFrom(source.pipe(count, takeUntil(left$)), { defaultValue: undefined });
    await until(() => !held?.());
    await turns();
    assert.is(seen, 2);
  });
  if (!synchronous) {
    test(`${name}: leaving at once lets go, and nothing comes`, async () => {
      const { source, held } = endless();
      let late = 0;
      const subscription = source.subscribe(() => (late += 1));
      subscription.unsubscribe();
      late = 0;
      await until(() => !held?.());
      await turns();
      assert.is(late, 0);
    });
  }
  test(`${name}: left at a random moment, ${LEAVES} times`, () => leaveAtRandom(name, LEAVES, endless));
  test(`${name}: as a firehose under take it reads no further`, async () => {
    const { source, taken, most, held } = endless();
    assert.is((await outcome(source.pipe(take(3)))).values.length, 3);
    await until(() => !held?.());
    await turns();
    assert.ok(taken() > 0 && taken() <= most, `${taken()} taken, ${most} at most`);
  });
  test(`${name}: a second subscription ${once === undefined ? 'begins afresh' : 'is refused'}`, async () => {
    const given$ = source();
    const first = await given(given$.pipe(take(1)));
    assert.equal(first, [values.slice(0, 1), undefined]);
    for (const _ of [2, 3]) assert.equal(await given(given$), once === undefined ? [values, undefined] : [[], once]);
  });
  if (undemanded !== undefined) return;
  test(`${name}: demand is obeyed`, async () => {
    const demand$ = new Subject<number>();
    const seen: unknown[] = [];
    const subscription = source(requested(demand$))
      .pipe(map(look))
      .subscribe((value) => seen.push(value));
    await turns();
    assert.equal(seen, []);
    for (const [units, sum] of [
      [1, 1],
      [2, 3],
    ] as const) {
      demand$.next(units);
      await until(() => seen.length >= sum);
      await turns();
      assert.equal(seen, values.slice(0, sum));
    }
    subscription.unsubscribe();
  });
}
