import { lastValueFrom, map, toArray } from 'rxjs';
import { csv, rowOrigin } from '../../src/index.js';
import { checkText } from '../cli/checkText.js';
import type { WordPair } from './translation.js';

/** The pairs of a CSV file whose first two columns are source and target, by any name. */
export async function readPairs(path: string): Promise<WordPair[]> {
  checkText(path); // all pairs are held in memory
  let [source, target] = ['', ''];
  const columns = (header: readonly string[]): readonly string[] => {
    if (header.length !== 2) throw new Error(`${path}: needs two columns, source and target, got ${header.length}`);
    [source, target] = header as [string, string];
    if (source === target) throw new Error(`${path}: its two columns need different names`);
    return header;
  };
  const row$ = csv(path, { columns, delimiter: 'auto' }).pipe(
    map((row): WordPair => {
      const pair = [row[source]!.trim(), row[target]!.trim()] as const;
      if (pair.includes('')) throw new Error(`${rowOrigin(row)}: has no ${pair[0] === '' ? source : target}`);
      return pair;
    }),
  );
  const pairs = await lastValueFrom(row$.pipe(toArray()));
  if (pairs.length === 0) throw new Error(`${path}: holds no pairs`);
  return pairs;
}
