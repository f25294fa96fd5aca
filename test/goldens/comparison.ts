/** What a golden's check has compared so far. */
export interface Comparison {
  /** Values compared. */
  count: number;
  /** The largest ratio of a difference to its tolerance; 1 is the limit. */
  worst: number;
  /** The largest plain difference. */
  largestError: number;
  /** Descriptions of the differences. */
  readonly failures: string[];
  /** Compares two values for equality: numbers to the bit, texts, nested arrays. */
  same(name: string, actual: unknown, expected: unknown): void;
  /** Compares numbers, or arrays of them, by `|actual − expected| <= absolute + relative · |expected|`. */
  close(name: string, actual: Numeric, expected: Numeric, allowed: Allowed): void;
}

type Numeric = number | ArrayLike<number>;
export interface Allowed {
  readonly absolute?: number;
  readonly relative?: number;
}

export function comparison(): Comparison {
  const result: Comparison = {
    count: 0,
    worst: 0,
    largestError: 0,
    failures: [],
    same(name, actual, expected) {
      result.count += Array.isArray(expected) ? expected.flat(Infinity).length : 1;
      const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
      if (expected === undefined) result.failures.push(`${name}: the file has no such value`);
      else if (got !== wanted) result.failures.push(`${name}: expected ${short(wanted)}, got ${short(got)}`);
    },
    close(name, actual, expected, { absolute = 0, relative = 0 }) {
      const [got, wanted] = [list(actual), list(expected)];
      if (got.length !== wanted.length) {
        result.failures.push(`${name}: expected ${wanted.length} numbers, got ${got.length}`);
        return;
      }
      let reported = false;
      for (const [i, value] of wanted.entries()) {
        result.count++;
        const error = Math.abs(got[i]! - value);
        const allowed = absolute + relative * Math.abs(value);
        const good = error <= allowed; // false for NaN
        if (Number.isFinite(error)) result.largestError = Math.max(result.largestError, error);
        if (allowed > 0) result.worst = Math.max(result.worst, Number.isNaN(error) ? Infinity : error / allowed);
        if (good || reported) continue;
        reported = true; // the first difference of a list is enough
        const place = wanted.length > 1 ? `[${i}]` : '';
        result.failures.push(`${name}${place}: expected ${value}, got ${got[i]}, off by ${error}, allowed ${allowed}`);
      }
    },
  };
  return result;
}

function list(numbers: Numeric): number[] {
  return typeof numbers === 'number' ? [numbers] : Array.from(numbers);
}

function short(text: string | undefined): string {
  return text === undefined || text.length <= 80 ? String(text) : `${text.slice(0, 77)}...`;
}
