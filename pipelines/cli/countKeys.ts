/** How many lines have no key. */
export interface KeyCount {
  /** Counts the key of a line, and gives it back. */
  add(key: string): string;
  /** What there is to say of lines without a key; `undefined` where each had one. */
  told(): string | undefined;
}

/** Counts lines without a key: a mistake in `--key` goes unnoticed otherwise, since such lines share one. */
export function countKeys(): KeyCount {
  let lines = 0;
  let without = 0;
  return {
    add(key) {
      lines += 1;
      if (key === '') without += 1;
      return key;
    },
    told() {
      if (without === 0) return undefined;
      if (without < lines)
        return `--key found no key, or an empty one, in ${without} of ${lines} lines: they share an empty key`;
      return `--key found no key in any of ${lines} lines: all share an empty key, as without --key`;
    },
  };
}
