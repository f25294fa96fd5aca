import { lastValueFrom, map, toArray } from 'rxjs';
import { csv } from '../../src/index.js';
import { checkReadable } from '../cli/checkReadable.js';
import { csvHead } from '../cli/csvHead.js';
import type { WordPair } from './translation.js';

/** The pairs of a CSV file whose first two columns are source and target, by any name. */
export async function readPairs(path: string): Promise<WordPair[]> {
  checkReadable(path); // it is read twice
  const { names: columns, delimiter } = csvHead(path);
  if (columns.length !== 2) throw new Error(`${path}: needs two columns, source and target, got ${columns.length}`);
  const [source, target] = columns as [string, string];
  const row$ = csv(path, { columns, delimiter }).pipe(
    map((row): WordPair => [row[source]!.trim(), row[target]!.trim()]),
  );
  const pairs = await lastValueFrom(row$.pipe(toArray()));
  if (pairs.length === 0) throw new Error(`${path}: holds no pairs`);
  return pairs;
}
