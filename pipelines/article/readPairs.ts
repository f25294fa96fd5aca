import { lastValueFrom, map, toArray } from 'rxjs';
import { csv, rowOrigin } from '../../src/index.js';
import { amount } from '../cli/amount.js';
import { checkLength } from '../cli/checkLength.js';
import { checkText } from '../cli/checkText.js';
import { columnNamed } from '../cli/columnNamed.js';
import type { WordPair } from './translation.js';

/** Letters of the longest word: every batch is as long as the longest of all. */
const MOST = 1000;

/** The pairs of a CSV file with the columns `source` and `target`; words of more than 1,000 letters are refused. */
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
      for (const { length } of pair.map((word) => Array.from(word))) {
        checkLength(rowOrigin(row)!, `a word of ${amount(length, 'letter')}`, length, MOST);
      }
      if (pair.includes('')) throw new Error(`${rowOrigin(row)}: has no ${pair[0] === '' ? 'source' : 'target'}`);
      return pair;
    }),
  );
  const pairs = await lastValueFrom(row$.pipe(toArray()));
  if (pairs.length === 0) throw new Error(`${path}: holds no pairs`);
  return pairs;
}
