import { originOf } from '../check/originOf.js';
import type { Row } from './csv.js';

/**
 * Where `csv` has read a row, such as `data.csv, line 7`, for a message about its cells; undefined for any other object.
 *
 * ```ts
 * import { take } from 'rxjs';
 * import { csv, rowOrigin } from 'rxrnn';
 *
 * csv('data/dinosaurs.csv', { columns: ['name'] })
 *   .pipe(take(1))
 *   .subscribe((row) => console.log(rowOrigin(row)));
 * // -> data/dinosaurs.csv, line 2
 * ```
 */
export function rowOrigin(row: Row): string | undefined {
  return originOf(row);
}
