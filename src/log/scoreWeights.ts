import type { ScoreParts } from './lineScore.js';

/**
 * What the parts of a score weigh: by a logistic regression, which `test/bench/tasks/fitScore.ts` of the repository prints, with
 * `rarityBefore` and `fatal` by average precision, as planted lines have the levels of lines beside them.
 */
export const scoreWeights: ScoreParts = {
  unlike: 0.57,
  unlikeBefore: 0.35,
  rarityBefore: 0.3,
  word: 0.17,
  isNew: 3.8,
  value: 0.7,
  burst: 0.5,
  fatal: 0.8,
};
