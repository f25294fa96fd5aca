import type { OperatorFunction } from 'rxjs';
import { operator, type PageHinkleyTest, pageHinkleyTest } from '../../src/index.js';
import type { AlarmOf } from './scored.js';

/** Settings of the Page–Hinkley test, in bits per character of a line. */
export const CHANGE = { delta: 0.5, threshold: 12, minValues: 30 };

/** What of a line counts here. */
interface Measured {
  readonly number: number;
  readonly bitsPerCharacter: number;
  readonly alarm?: AlarmOf;
}

/**
 * Adds an alarm to the line at which the rise in surprisal becomes certain: the number of the first line after the
 * rise, and the mean bits per character before it and since. `test` has the settings `CHANGE`; the caller may save it.
 */
export function alarms<L extends Measured>(
  test: PageHinkleyTest = pageHinkleyTest(CHANGE),
): OperatorFunction<L, L & Measured> {
  return operator((subscriber) => ({
    next(line) {
      const change = test.add(line.bitsPerCharacter);
      if (!change || line.alarm) return subscriber.next(line); // one that is strange by itself says more
      const { index, since, before, after } = change;
      const first = line.number - (index - since);
      subscriber.next({ ...line, alarm: { kind: 'change', key: 'change', since: first, before, after, count: 1 } });
    },
  }));
}
