import { extname } from 'node:path';
import { filter, lastValueFrom, map, toArray } from 'rxjs';
import { csv, lines, rowOrigin } from '../../src/index.js';
import { amount } from '../cli/amount.js';
import { checkLength } from '../cli/checkLength.js';

/** Characters of the longest name. */
const MOST = 10_000;

/**
 * Reads a list of names: the column `name` of a CSV file, else one name per line. Blank lines are skipped; names of more
 * than 10,000 characters are refused.
 */
export async function readNames(path: string): Promise<string[]> {
  const name$ =
    extname(path).toLowerCase() === '.csv'
      ? csv(path, { columns: ['name'] }).pipe(map((row) => ({ name: row['name']!.trim(), origin: rowOrigin(row)! })))
      : lines(path).pipe(map((line, i) => ({ name: line.trim(), origin: `${path}, line ${i + 1}` })));
  const names = await lastValueFrom(
    name$.pipe(
      filter(({ name }) => name !== ''),
      map(({ name, origin }) => {
        const { length } = Array.from(name);
        checkLength(origin, amount(length, 'character'), length, MOST);
        return name;
      }),
      toArray(),
    ),
  );
  if (names.length === 0) throw new Error(`${path}: contains no names`);
  return names;
}
