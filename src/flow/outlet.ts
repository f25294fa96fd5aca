import type { Observable } from 'rxjs';
import type { Checks } from '../check/options.js';
import { optional } from '../check/optional.js';
import { orInfinity } from '../check/orInfinity.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { type Credit, credit as makeCredit } from './credit.js';
import { checkCredit } from './checkCredit.js';
import { iterate } from './iterate.js';
import { operator } from './operator.js';

/** What bounds the values that wait for their reader. */
export interface OutletOptions {
  /** The credit that the source is pulled with: it stops the source while the reader is slower. None by default. */
  readonly credit?: Credit | undefined;
  /** Values that may wait where there is no credit; one more is an Error. 1024 by default; `Infinity` for any number. */
  readonly limit?: number | undefined;
}

/** The checks of these options. */
export const OUTLET_CHECKS: Checks<OutletOptions> = {
  credit: optional(checkCredit),
  limit: optional(orInfinity(positiveInteger)),
};

const LIMIT = 1024;

/**
 * Makes an iterator over the values of `source` for a reader that asks for one after another: `iterate`, with a bound
 * where nothing can stop the source.
 */
export function outlet<T>(
  who: string,
  source: Observable<T>,
  { credit, limit = LIMIT }: OutletOptions,
): AsyncIterableIterator<T, undefined, undefined> {
  if (credit) return iterate(source, credit);
  const own = makeCredit({ high: Math.min(limit, Number.MAX_SAFE_INTEGER) });
  const bounded = operator<T, T>((subscriber) => ({
    next(value) {
      if (own.held < limit) return subscriber.next(value);
      subscriber.error(
        new Error(
          `${who}: ${limit} values wait for a slower reader; pull the source with a credit and give the same one as ` +
            '{ credit }, or allow more by { limit }',
        ),
      );
    },
  }));
  return iterate(source.pipe(bounded), own);
}
