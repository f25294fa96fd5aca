import type { OperatorFunction } from 'rxjs';
import type { Bookmark } from '../flow/bookmark.js';
import { operator } from '../flow/operator.js';
import type { Token, Window } from '../types.js';

/** How a stream of tokens is cut. */
export interface WindowsOptions {
  /** Tokens to learn in a window, in each lane: how far back the gradient reaches. */
  readonly steps: number;
  /** Parallel streams, interleaved in the source (token 0 of every lane, then token 1, …); 1 by default. */
  readonly lanes?: number;
  /** Keeps what was begun of the next window, and goes on from it: the one that the source has. */
  readonly bookmark?: Bookmark | undefined;
}

/**
 * Cuts tokens into windows for truncated back-propagation, each token's target being the one after it in its lane.
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
 * For one lane this is `bufferCount(steps + 1, steps)`, the inputs being all but the last and the targets all but the
 * first; with `lanes`, a row of `lanes` tokens takes the place of the token. On completion the shorter rest follows, if
 * it has a target, and an incomplete last row is dropped. The first window after each subscription resets every lane;
 * `repeat` after this operator therefore starts every epoch afresh, and `repeat` before it carries on.
 * Each window owns its arrays. A RangeError at once for sizes that are not positive integers.
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
export function windows({ steps, lanes = 1, bookmark }: WindowsOptions): OperatorFunction<Token, Window> {
  if (!(Number.isInteger(steps) && steps >= 1)) {
    throw new RangeError(`windows: steps must be a positive integer, got ${steps}`);
  }
  if (!(Number.isInteger(lanes) && lanes >= 1)) {
    throw new RangeError(`windows: lanes must be a positive integer, got ${lanes}`);
  }
  return operator((subscriber) => {
    const rows = new Int32Array((steps + 1) * lanes);
    let filled = 0;
    let first = true;
    const begun = bookmark?.keep('windows', () => [lanes, first ? 1 : 0, ...rows.subarray(0, filled)]);
    if (begun) {
      if (begun[0] !== lanes || begun.length - 2 > steps * lanes) {
        throw new RangeError(
          `windows: the bookmark lies in windows of ${begun[0]} lanes, these are ${steps} × ${lanes}`,
        );
      }
      first = begun[1] === 1;
      filled = begun.length - 2;
      rows.set(begun.slice(2));
    }

    function emit(length: number): void {
      const count = length * lanes;
      const window = { steps: length, lanes, inputs: rows.slice(0, count), targets: rows.slice(lanes, count + lanes) };
      rows.copyWithin(0, count, count + lanes); // before `next`, which may bring the next token
      filled = lanes;
      if (!first) return subscriber.next(window);
      first = false;
      subscriber.next({ ...window, resets: new Uint8Array(lanes).fill(1) });
    }
    return {
      next(token) {
        rows[filled++] = token;
        if (filled === rows.length) emit(steps);
      },
      complete() {
        const length = Math.floor(filled / lanes) - 1;
        if (length >= 1) emit(length);
        subscriber.complete();
      },
    };
  });
}
