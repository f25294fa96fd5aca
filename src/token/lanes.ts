import { refuse } from '../check/refuse.js';
import { isInt32 } from '../check/isInt32.js';
import { notAToken } from '../check/notAToken.js';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import type { Bookmark } from '../flow/bookmark.js';
import { checkBookmark } from '../flow/checkBookmark.js';
import type { Pullable } from '../flow/openCursor.js';
import type { Token } from '../types.js';

/**
 * Reads a corpus in memory as `count` parallel streams: its contiguous stretches of `floor(length / count)` tokens,
 * interleaved (token 0 of every stretch, then token 1, …) as `windows({ steps, lanes: count })` expects them.
 *
 * The remainder is dropped; the corpus is not copied. Pull it: `pull(lanes(tokens, 32), demand)`. With a `bookmark` it
 * starts where the bookmark lies. A RangeError at once when a stretch would have fewer than two tokens, which leaves
 * nothing to learn; a TypeError when a token is reached that is not an integer.
 *
 * ```ts
 * import { lanes, pull, windows } from 'rxrnn';
 *
 * const tokens = [0, 1, 2, 3, 4, 5];
 * pull(lanes(tokens, 2))
 *   .pipe(windows({ steps: 2, lanes: 2 }))
 *   .subscribe(({ inputs, targets }) => console.log(inputs.join(' '), '→', targets.join(' ')));
 * // -> 0 3 1 4 → 1 4 2 5
 * ```
 */
export function lanes(
  tokens: ArrayLike<Token>,
  count: number,
  given: { readonly bookmark?: Bookmark | undefined } = {},
): Pullable<Token> {
  if (!(Array.isArray(tokens) || ArrayBuffer.isView(tokens)))
    refuse('lanes', 'tokens', 'a list of tokens', tokens, 'none');
  positiveInteger('lanes', 'count', count);
  given = options('lanes', given, { bookmark: optional(checkBookmark) });
  const { bookmark } = given;
  const length = Math.floor(tokens.length / count);
  if (length < 2) {
    throw new RangeError(`lanes: ${count} lanes need at least ${2 * count} tokens, got ${tokens.length}`);
  }
  return () => {
    const step = { value: 0, done: false as const }; // reused: the caller reads it before pulling again
    let lane = 0;
    let time = 0;
    const begin = bookmark?.keep('lanes', () => [tokens.length, count, time, lane], true);
    if (begin) {
      if (begin[0] !== tokens.length || begin[1] !== count) {
        throw new RangeError(
          `lanes: the bookmark lies in ${begin[1]} lanes of ${begin[0]} tokens, these are ${count} of ${tokens.length}`,
        );
      }
      [time, lane] = [begin[2]!, begin[3]!];
      const within = time >= 0 && lane >= 0 && (time < length ? lane < count : time === length && lane === 0);
      if (!within) throw new RangeError('lanes: the place of the bookmark lies outside of the lanes');
    }
    return {
      next() {
        if (time === length) return { value: undefined, done: true };
        const at = lane * length + time;
        step.value = tokens[at]!;
        if (!isInt32(step.value)) throw notAToken('lanes', at, step.value);
        if (++lane === count) {
          lane = 0;
          time++;
        }
        return step;
      },
    };
  };
}
