import type { ScoreParts } from './lineScore.js';

/**
 * What the parts of a score weigh: those of a logistic regression, which `test/bench/tasks/fitScore.ts` of the repository
 * prints.
 */
export const scoreWeights: ScoreParts = {
  unlike: 0.57,
  unlikeBefore: 0.35,
  rarityBefore: 0.23,
  word: 0.17,
  isNew: 3.8,
  value: 0.7,
  burst: 0.5,
};
