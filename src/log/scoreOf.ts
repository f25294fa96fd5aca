import { exp } from '../kernel/math/exp.js';
import { log } from '../kernel/math/log.js';
import type { ScoreParts } from './lineScore.js';
import { scoreWeights } from './scoreWeights.js';

const USUAL = 1; // weighed parts of a usual line
const SPREAD = 1.4; // so that lines of a new template score about 10

/** The score of a line: the weighted sum of its parts, above that of a usual line, from 0 up. */
export function scoreOf({ unlike, unlikeBefore, rarityBefore, word, isNew, value, burst, fatal }: ScoreParts): number {
  const w = scoreWeights;
  const ofText = w.unlike * unlike + w.unlikeBefore * unlikeBefore + w.rarityBefore * rarityBefore + w.word * word;
  const sum = ofText + w.isNew * isNew + w.burst * burst + w.value * value + w.fatal * fatal;
  const x = SPREAD * (sum - USUAL);
  return x > 30 ? x : log(1 + exp(x));
}
