import { extname } from 'node:path';
import { filter, lastValueFrom, map, toArray } from 'rxjs';
import { csv, lines } from '../../src/index.js';

/** Reads a list of names: the column `name` of a CSV file, else one name per line; blank lines are skipped. */
export async function readNames(path: string): Promise<string[]> {
  const name$ =
    extname(path).toLowerCase() === '.csv'
      ? csv(path, { columns: ['name'] }).pipe(map((row) => row['name']!))
      : lines(path);
  const names = await lastValueFrom(
    name$.pipe(
      map((name) => name.trim()),
      filter((name) => name !== ''),
      toArray(),
    ),
  );
  if (names.length === 0) throw new Error(`${path}: contains no names`);
  return names;
}
