import type { RunHelpers } from 'rxjs/testing';
import { show } from '../check/show.js';
import { type MarbleTest, marbles, type RegisterTest } from './marbles.js';
import { callable } from '../check/callable.js';
import { checkRecord } from '../check/checkRecord.js';
import { string } from '../check/string.js';

/** Runs one body for each case of a table. */
export type CasesTest = <C>(
  name: string,
  table: Readonly<Record<string, C>>,
  body: (helpers: RunHelpers, row: C) => void,
) => void;

/** What `cases` is: a `CasesTest`, and the same for another runner. */
export interface Cases extends CasesTest {
  /** Gives a `CasesTest` that registers with the `test` or `it` of a runner. */
  with(register: RegisterTest): CasesTest;
}

/**
 * Runs one body for each case of a table, each in virtual time and as its own test, called `name: case`.
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
 * As `marbles`, it finds a global `it` or `test`, or uvu's; for other runners there is `cases.with(test)`. An empty table is a RangeError: it would test nothing and pass.
 */
export const cases: Cases = Object.assign(casesBy(marbles), {
  with(register: RegisterTest): CasesTest {
    callable('cases.with', 'register', register);
    return casesBy(marbles.with(register));
  },
});

function casesBy(run: MarbleTest): CasesTest {
  return (name, table, body) => {
    string('cases', 'name', name);
    checkRecord('cases', 'table', table);
    callable('cases', 'body', body);
    const rows = Object.entries(table);
    if (rows.length === 0) throw new RangeError(`cases: ${show(name)} needs at least one case`);
    for (const [title, row] of rows) run(`${name}: ${title}`, (helpers) => body(helpers, row));
  };
}
