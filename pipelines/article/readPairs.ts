import { lastValueFrom, map, toArray } from 'rxjs';
import { csv, rowOrigin } from '../../src/index.js';
import { checkText } from '../cli/checkText.js';
import { columnNamed } from '../cli/columnNamed.js';
import type { WordPair } from './translation.js';

/** The pairs of a CSV file with the columns `source` and `target`. */
export async function readPairs(path: string): Promise<WordPair[]> {
  checkText(path); // all pairs are held in memory
  let [source, target] = ['', ''];
  const columns = (header: readonly string[]): readonly string[] => {
    [source, target] = ['source', 'target'].map((name) => {
      const column = columnNamed(header, name);
      if (column !== undefined) return column;
      throw new Error(
        `${path}: there is no column ${name}, only ${header.join(', ')}; its first line must name the columns source and target`,
      );
    }) as [string, string];
    return [source, target];
  };
  const row$ = csv(path, { columns, delimiter: 'auto' }).pipe(
    map((row): WordPair => {
      const pair = [row[source]!.trim(), row[target]!.trim()] as const;
      if (pair.includes('')) throw new Error(`${rowOrigin(row)}: has no ${pair[0] === '' ? 'source' : 'target'}`);
      return pair;
    }),
  );
  const pairs = await lastValueFrom(row$.pipe(toArray()));
  if (pairs.length === 0) throw new Error(`${path}: holds no pairs`);
  return pairs;
}
