// The table of tests that every public source passes: one row per source, up to nine tests per row.
import { lastValueFrom, map, type Observable, Subject, take, takeUntil, tap } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Demand, requested } from '../../src/flow/demand.js';
import { outcome } from '../source/temporary.js';
import { leaveAtRandom, turns } from './leaving.js';
import { until } from './until.js';

export interface SourceRow<T> {
  /** Makes a source of three values or more, with a demand where it takes one. */
  readonly source: (demand?: Demand) => Observable<T>;
  /** All its values, as `look` gives them. */
  readonly values: readonly unknown[];
  /** Selects what is compared of a value; all of it by default. */
  readonly look?: (value: T) => unknown;
  /** Makes an empty source; or why there is none. */
  readonly empty: (() => Observable<T>) | string;
  readonly fails: Failing<T>;
  /** Makes a source with many more values than are taken. */
  readonly endless: () => Endless<T>;
  /** The error of a second subscription, where only one is possible. */
  readonly once?: string;
  /** Whether `endless` emits within `subscribe`, so that it cannot be left before its first value. */
  readonly synchronous?: true;
  /** Why it takes no demand, if it takes none. */
  readonly undemanded?: string;
}

/** A source that fails after some values; none by default. */
interface Failing<T> {
  readonly source: () => Observable<T>;
  readonly values?: readonly unknown[];
  readonly error: string;
}

export interface Endless<T> {
  readonly source: Observable<T>;
  /** How much has been taken from its origin: bytes, blocks, passes. */
  readonly taken: () => number;
  /** The most that three values may take. */
  readonly most: number;
  /** Whether it holds a resource: a file, a buffer; absent where it never does. */
  readonly held?: () => boolean;
}

type Row = SourceRow<unknown>;

/** Times that each source is left; more than a thousand over all sources. */
const LEAVES = 60;

/** Makes the same tests for each source of a table. */
export function sourceTable(table: Readonly<Record<string, Row>>): void {
  for (const [name, row] of Object.entries(table)) testSource(name, row);
}

/** Forgets the type of a row after checking it. */
export function sourceRow<T>(row: SourceRow<T>): Row {
  return row as Row;
}

function testSource(name: string, { source, values, look = (value) => value, ...row }: Row): void {
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
  test(`${name}: unsubscribing midway releases everything, and nothing is emitted later`, async () => {
    const { source, held } = endless();
    const left$ = new Subject<void>();
    let seen = 0;
    const count = tap(() => {
      seen += 1;
      assert.ok(held?.() ?? true, 'it holds nothing while it emits');
      if (seen === 2) left$.next();
    });
    await lastValueFrom(source.pipe(count, takeUntil(left$)), { defaultValue: undefined });
    await until(() => !held?.());
    await turns();
    assert.is(seen, 2);
  });
  if (!synchronous) {
    test(`${name}: unsubscribing at once releases everything, and nothing is emitted`, async () => {
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
  test(`${name}: a second subscription ${once === undefined ? 'starts over' : 'is refused'}`, async () => {
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
