import { extname } from 'node:path';
import { filter, lastValueFrom, map, toArray } from 'rxjs';
import { csv, lines } from '../../src/index.js';

/** The names of a list: column `name` of a CSV file, else one name a line; blank lines are left out. */
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
  if (names.length === 0) throw new Error(`${path}: holds no names`);
  return names;
}
