import { createHash } from 'node:crypto';
import { largestOf } from '../cli/largestOf.js';

type Rows = readonly (readonly number[])[];

/** Rows of a series by which others know them, without their times: the digest of each with those before it, and its place. */
export type RowMarks = readonly (readonly [digest: string, row: number])[];

const RUN = 16; // rows of a digest
const VARIED = 4; // of them at least are different: a night of zeros is like any other
const MOST = 1024; // marks, about

/** The marks of a series: of its last row and of others, of all in a short one. */
export function rowMarks(rows: Rows): RowMarks {
  const digests = rowDigests(rows);
  const share = Math.ceil(rows.length / MOST);
  return [...digests].filter(
    ([digest, row]) => row === rows.length - 1 || Number.parseInt(digest.slice(0, 8), 16) % share === 0,
  );
}

/** The first row that comes after those of a marked series of so many rows; undefined where none of them is found. */
export function afterMarked(rows: Rows, marks: RowMarks, marked: number): number | undefined {
  const places = new Map(marks);
  const known = [...rowDigests(rows)].filter(([digest]) => places.has(digest));
  const ends = known.map(([digest, row]) => row + marked - places.get(digest)!);
  return ends.length === 0 ? undefined : Math.min(rows.length, largestOf(ends));
}

/** The digests of the rows that have enough others before them, each with the last of its rows. */
function rowDigests(rows: Rows): Map<string, number> {
  const texts = rows.map((row) => row.join(' '));
  const digests = new Map<string, number>();
  for (let end = RUN; end <= texts.length; end++) {
    const run = texts.slice(end - RUN, end);
    if (new Set(run).size < VARIED) continue;
    digests.set(createHash('sha256').update(run.join('\n')).digest('hex').slice(0, 12), end - 1);
  }
  return digests;
}
