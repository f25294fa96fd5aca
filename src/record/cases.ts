import type { RunHelpers } from 'rxjs/testing';
import { show } from '../check/show.js';
import { marbles } from './marbles.js';

/**
 * Runs one body for each case of a table, each in virtual time and as its own uvu test, called `name: case`.
 *
 * ```ts
 * import { take } from 'rxjs';
 * import { cases } from 'rxrnn/marbles';
 * import { test } from 'uvu';
 *
 * cases(
 *   'take(2)',
 *   { 'of three': ['-a-b-c|', '-a-(b|)'], 'of none': ['--|', '--|'] } as const,
 *   ({ cold, expectObservable }, [source, expected]) => {
 *     expectObservable(cold(source).pipe(take(2))).toBe(expected);
 *   },
 * );
 * test.run(); // uvu's, at the end of the file
 * ```
 *
 * An empty table is a RangeError: it would test nothing and pass.
 */
export function cases<C>(
  name: string,
  table: Readonly<Record<string, C>>,
  body: (helpers: RunHelpers, row: C) => void,
): void {
  const rows = Object.entries(table);
  if (rows.length === 0) throw new RangeError(`cases: ${show(name)} needs at least one case`);
  for (const [title, row] of rows) marbles(`${name}: ${title}`, (helpers) => body(helpers, row));
}
