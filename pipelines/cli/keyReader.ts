import { UsageError } from './command.js';
import { linearPattern } from './linearPattern.js';

/** Reads the key of a line: the first group of the match, or all of it; lines without a match share one key. */
export function keyReader(expression: string | undefined): ((line: string) => string) | undefined {
  if (expression === undefined) return undefined;
  try {
    const find = linearPattern(expression);
    return (line) => {
      const found = find(line);
      return found?.group ?? found?.text ?? '';
    };
  } catch (error) {
    throw new UsageError(`--key: ${(error as Error).message}`);
  }
}
