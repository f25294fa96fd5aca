import type { OperatorFunction } from 'rxjs';
import { operator } from '../flow/operator.js';
import { checkSize } from '../layer/checkSize.js';
import { log } from '../kernel/math/log.js';
import type { Alarm } from './alarm.js';
import { checkValue } from './checkValue.js';
import { type Bucket, histogram } from './histogram.js';

/** How sure `adwin` must be, of what values, and how often it looks. */
export interface AdwinOptions {
  /** How sure an alarm must be, in (0, 1): the smaller, the fewer false ones; 0.002 by default. */
  readonly confidence?: number;
  /** How far apart values may lie, above 0, in their unit; 16 by default, for bits of tokens. */
  readonly range?: number;
  /** Values between two looks for a change: a positive integer; 32 by default. */
  readonly every?: number;
}

/**
 * Tells when the mean of a stream of numbers has changed, without a size of change to be chosen: it keeps a window as
 * long as the mean holds, and when the two parts of some cut differ by more than chance would have it, drops the older
 * part of the cut where they differ most (the paper drops bucket by bucket until none differ, and so finds one change
 * several times).
 *
 * ```
 * values   -1-2-1-2-…-9-9-9-9-|
 * adwin()  -----------------a-|     a: { index, since, before, after }
 * ```
 *
 * Memory and the work of a look grow with the logarithm of the window's length. Bifet and Gavaldà, Learning from
 * Time-Changing Data with Adaptive Windowing, 2007 (ADWIN2, five buckets a row, the bound that knows the variance). A
 * RangeError for values that are not finite.
 */
export function adwin(options: AdwinOptions = {}): OperatorFunction<number, Alarm> {
  const { confidence = 0.002, range = 16, every = 32 } = options;
  if (!(confidence > 0 && confidence < 1)) {
    throw new RangeError(`adwin: confidence must be above 0 and below 1, got ${confidence}`);
  }
  if (!(range > 0 && range < Infinity)) throw new RangeError(`adwin: range must be above 0, got ${range}`);
  checkSize('adwin', 'every', every);

  return operator((subscriber) => {
    const window = histogram();
    let index = -1;

    /** The older part of the window where its mean changed most, beside what chance would do; if it changed. */
    function change(): Bucket | undefined {
      const { whole } = window;
      if (whole.count < 10) return undefined;
      const doubt = log(2 * log(whole.count)) - log(confidence);
      const variance = whole.squares / whole.count;
      let found: Bucket | undefined;
      let most = 1;
      window.eachCut((older) => {
        const rest = whole.count - older.count;
        const inverse = 1 / older.count + 1 / rest;
        const bound = Math.sqrt(2 * inverse * variance * doubt) + (2 / 3) * range * inverse * doubt;
        const apart = Math.abs(older.sum / older.count - (whole.sum - older.sum) / rest) / bound;
        if (apart <= most) return;
        most = apart;
        found = older;
      });
      return found;
    }

    return {
      next(value) {
        index += 1;
        checkValue('adwin', value, index);
        window.add(value);
        const older = (index + 1) % every === 0 ? change() : undefined;
        if (older === undefined) return;
        const { count, sum } = window.whole;
        const recent = count - older.count;
        while (window.whole.count > recent) window.drop();
        const after = (sum - older.sum) / recent;
        subscriber.next({ index, since: index - recent + 1, before: older.sum / older.count, after });
      },
    };
  });
}
