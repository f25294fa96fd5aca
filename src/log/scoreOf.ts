import { exp } from '../kernel/math/exp.js';
import { log } from '../kernel/math/log.js';
import type { ScoreParts } from './lineScore.js';

const USUAL = 1; // weighed parts of a usual line
const SPREAD = 1.4; // so that lines of a new template score about 10

/**
 * The score of a line: the weighted sum of its parts, above that of a usual line, from 0 up.
 *
 * The weights are those of a logistic regression: `test/bench/tasks/fitScore.ts` of the repository prints them.
 */
export function scoreOf({ unlike, unlikeBefore, rarityBefore, word, isNew, value, burst }: ScoreParts): number {
  const sum =
    0.57 * unlike + 0.35 * unlikeBefore + 0.23 * rarityBefore + 0.17 * word + 3.8 * isNew + 0.5 * burst + 0.7 * value;
  const x = SPREAD * (sum - USUAL);
  return x > 30 ? x : log(1 + exp(x));
}
