/** Neighbouring values as one: how many, their sum, and the squares of their distances from their mean. */
export interface Bucket {
  readonly count: number;
  readonly sum: number;
  readonly squares: number;
}

/** A window over a stream in logarithmic memory: buckets of 1, 2, 4, … values, at most `PER_ROW` of each. */
export interface Histogram {
  /** All of the window as one bucket. */
  readonly whole: Bucket;
  add(value: number): void;
  /** Forgets the oldest bucket. */
  drop(): void;
  /** Visits the older part of each cut between two buckets, the shortest first. */
  eachCut(visit: (older: Bucket) => void): void;
}

const PER_ROW = 5;
const NONE: Bucket = { count: 0, sum: 0, squares: 0 };

/** An exponential histogram: Datar, Gionis, Indyk and Motwani, 2002. */
export function histogram(): Histogram {
  const rows: Bucket[][] = []; // rows[i]: buckets of 2^i values, the oldest first
  let whole = NONE;

  return {
    get whole() {
      return whole;
    },
    add(value) {
      const bucket = { count: 1, sum: value, squares: 0 };
      whole = merged(whole, bucket);
      for (let i = 0, next: Bucket | undefined = bucket; next !== undefined; i++) {
        const row = (rows[i] ??= []);
        row.push(next);
        next = row.length > PER_ROW ? merged(row.shift()!, row.shift()!) : undefined;
      }
    },
    drop() {
      rows.at(-1)!.shift();
      while (rows.length > 0 && rows.at(-1)!.length === 0) rows.pop();
      whole = NONE;
      for (const row of rows) for (const bucket of row) whole = merged(whole, bucket);
    },
    eachCut(visit) {
      let older = NONE;
      for (const row of rows.toReversed()) {
        for (const bucket of row) {
          older = merged(older, bucket);
          if (older.count < whole.count) visit(older);
        }
      }
    },
  };
}

/** Two buckets as one: Chan, Golub and LeVeque, 1983. */
function merged(a: Bucket, b: Bucket): Bucket {
  if (a.count === 0) return b;
  if (b.count === 0) return a;
  const count = a.count + b.count;
  const apart = b.sum / b.count - a.sum / a.count;
  return {
    count,
    sum: a.sum + b.sum,
    squares: a.squares + b.squares + (apart * apart * a.count * b.count) / count,
  };
}
