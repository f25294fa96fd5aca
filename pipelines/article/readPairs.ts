import { lastValueFrom, map, toArray } from 'rxjs';
import { csv } from '../../src/index.js';
import type { WordPair } from './translation.js';

/** The pairs of a CSV file whose first two columns are source and target, by any name. */
export async function readPairs(path: string): Promise<WordPair[]> {
  let [source, target] = ['', ''];
  const columns = (header: readonly string[]): readonly string[] => {
    if (header.length !== 2) throw new Error(`${path}: needs two columns, source and target, got ${header.length}`);
    [source, target] = header as [string, string];
    return header;
  };
  const row$ = csv(path, { columns, delimiter: 'auto' }).pipe(
    map((row): WordPair => [row[source]!.trim(), row[target]!.trim()]),
  );
  const pairs = await lastValueFrom(row$.pipe(toArray()));
  if (pairs.length === 0) throw new Error(`${path}: holds no pairs`);
  return pairs;
}
