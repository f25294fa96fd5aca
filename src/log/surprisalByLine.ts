import type { OperatorFunction } from 'rxjs';
import { callable } from '../check/callable.js';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { show } from '../check/show.js';
import { operator } from '../flow/operator.js';
import type { LineScore, LineScorer } from './lineScore.js';
import { lineScorer } from './lineScorer.js';

/** How lines of a stream are scored. */
export interface SurprisalByLineOptions {
  /** The scorer to use, so that its `state()` can be kept; by default each subscription has one of its own. */
  readonly scorer?: LineScorer | undefined;
  /** Gives the key of a line, such as its host: templates are predicted from those before of the same key. */
  readonly keyOf?: ((line: string) => string) | undefined;
}

/**
 * Scores each line of a log by how surprising it is, and why, and learns from it.
 *
 * ```
 * lines              -a-b-c-|
 * surprisalByLine()  -s-s-s-|     s: { line, bits, score, template, strange, why, … }
 * ```
 *
 * What is computed, its bounds and its sources are `lineScorer`'s. A TypeError for a line that is not a string.
 *
 * ```ts
 * import { filter, from } from 'rxjs';
 * import { surprisalByLine } from 'rxrnn';
 *
 * const lines = Array.from({ length: 1000 }, (_, i) => (i === 700 ? 'disk failure on sdb' : `request ${i} served`));
 * from(lines)
 *   .pipe(
 *     surprisalByLine(),
 *     filter(({ alarm }) => alarm !== undefined),
 *   )
 *   .subscribe(({ number, line }) => console.log(number, line)); // -> 701 disk failure on sdb
 * ```
 */
export function surprisalByLine(given: SurprisalByLineOptions = {}): OperatorFunction<string, LineScore> {
  const { scorer, keyOf } = options('surprisalByLine', given, {
    scorer: optional((who, name, value) =>
      callable(who, `${name}.score`, (value as Partial<LineScorer> | null)?.score),
    ),
    keyOf: optional(callable),
  });
  return operator((subscriber) => {
    const own = scorer ?? lineScorer();
    let index = 0;
    return {
      next(line) {
        if (typeof line !== 'string') {
          throw new TypeError(`surprisalByLine: line ${index} must be a string, got ${show(line)}`);
        }
        index += 1;
        subscriber.next(own.score(line, keyOf?.(line)));
      },
    };
  });
}
