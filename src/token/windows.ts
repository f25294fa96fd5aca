import type { OperatorFunction } from 'rxjs';
import { isInt32 } from '../check/isInt32.js';
import { notAToken } from '../check/notAToken.js';
import { options } from '../check/options.js';
import { optional } from '../check/optional.js';
import { positiveInteger } from '../check/positiveInteger.js';
import type { Bookmark } from '../flow/bookmark.js';
import { checkBookmark } from '../flow/checkBookmark.js';
import { operator } from '../flow/operator.js';
import type { Token, Window } from '../types.js';

/** Tokens of a window, with the last targets: 4 GiB of them. */
const MOST = 1_073_741_824;

/** How a stream of tokens is cut into windows. */
export interface WindowsOptions {
  /** Targets per window and lane: how far back the gradient reaches. */
  readonly steps: number;
  /** Parallel streams, interleaved in the source (token 0 of every lane, then token 1, …); 1 by default. */
  readonly lanes?: number | undefined;
  /** Saves the beginning of the next window and resumes from it: the same bookmark that the source has. */
  readonly bookmark?: Bookmark | undefined;
}

/**
 * Cuts tokens into windows for truncated back-propagation; the target of each token is the next one in its lane.
 *
 * ```
 * tokens                 -a-b-c-d-e-f-|
 * windows({ steps: 2 })  -----x---y---(z|)
 *
 * x  inputs a b  targets b c  resets 1
 * y  inputs c d  targets d e
 * z  inputs e    targets f
 * ```
 *
 * For one lane this is `bufferCount(steps + 1, steps)`, where the inputs are all but the last and the targets all but the
 * first; with `lanes`, a row of `lanes` tokens takes the place of one token. On completion the shorter rest follows, if it has
 * a target, and an incomplete last row is dropped; an error drops both. The first window of each subscription resets every
 * lane; therefore `repeat` after this operator starts every epoch from zeros, and `repeat` before it carries the state on. Each
 * window owns its arrays. A RangeError at once for sizes that are not positive integers; a TypeError that names the place for a
 * token that is not an integer. Whether it is in the vocabulary, the model checks.
 *
 * ```ts
 * import { pull, windows } from 'rxrnn';
 *
 * pull([0, 1, 2, 3])
 *   .pipe(windows({ steps: 2 }))
 *   .subscribe(({ inputs, targets }) => console.log(inputs, targets));
 * // -> Int32Array(2) [ 0, 1 ] Int32Array(2) [ 1, 2 ]
 * // -> Int32Array(1) [ 2 ] Int32Array(1) [ 3 ]
 * ```
 */
export function windows(given: WindowsOptions): OperatorFunction<Token, Window> {
  given = options('windows', given, {
    steps: positiveInteger,
    lanes: optional(positiveInteger),
    bookmark: optional(checkBookmark),
  });
  const { steps, lanes = 1, bookmark } = given;
  if ((steps + 1) * lanes > MOST) {
    throw new RangeError(`windows: steps × lanes must be at most ${MOST - lanes}, got ${steps} × ${lanes}`);
  }
  return operator((subscriber) => {
    const rows = new Int32Array((steps + 1) * lanes);
    let count = 0; // tokens in `rows`
    let first = true;
    let before = 0; // tokens of this subscription that `rows` no longer has
    const begun = bookmark?.keep('windows', () => [lanes, first ? 1 : 0, ...rows.subarray(0, count)]);
    if (begun) {
      if (begun[0] !== lanes || begun.length - 2 > steps * lanes) {
        throw new RangeError(
          `windows: the bookmark lies in windows of ${begun[0]} lanes, these are ${steps} × ${lanes}`,
        );
      }
      first = begun[1] === 1;
      count = begun.length - 2;
      before = -count;
      rows.set(begun.slice(2));
    }

    function emit(length: number): void {
      const size = length * lanes;
      const window = { steps: length, lanes, inputs: rows.slice(0, size), targets: rows.slice(lanes, size + lanes) };
      rows.copyWithin(0, size, size + lanes); // before `next`, which may bring the next token
      before += size;
      count = lanes;
      if (!first) return subscriber.next(window);
      first = false;
      subscriber.next({ ...window, resets: new Uint8Array(lanes).fill(1) });
    }
    return {
      next(token) {
        if (!isInt32(token)) throw notAToken('windows', before + count, token);
        rows[count++] = token;
        if (count === rows.length) emit(steps);
      },
      complete() {
        const length = Math.floor(count / lanes) - 1;
        if (length >= 1) emit(length);
        subscriber.complete();
      },
    };
  });
}
