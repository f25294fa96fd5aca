import type { Numbers, Window } from '../types.js';
import { checkProbabilities } from './checkProbabilities.js';

/** How far from 1 the sum of a distribution may be: what it was rounded to, such as thirds to 0.33, is one still. */
const ROUNDED = 0.02;

const ADVICE = 'cross-entropy is for classes: targets that are measured need a loss of numbers, such as squaredError()';

/**
 * Throws unless each row of targets that counts is a distribution over two classes or more: the softmax of a single output
 * is 1 whatever the weights, so that nothing would be learned and the loss be 0.
 */
export function checkDistributions(name: string, targets: Numbers, window: Window, rows: number, width: number): void {
  if (width === 1 && rows > 0) {
    throw new RangeError(
      `${name}: the targets are numbers and the model has one output, whose softmax is 1 whatever it learns; ${ADVICE}, ` +
        'or binaryCrossEntropy() for one probability',
    );
  }
  checkProbabilities(name, targets, window, rows, width, undefined, `; ${ADVICE}`);
  const { lanes, mask } = window;
  for (let r = 0, i = 0; r < rows; r++) {
    let sum = 0;
    for (const end = i + width; i < end; i++) sum += targets[i]!;
    if ((mask && mask[r] === 0) || Math.abs(sum - 1) <= ROUNDED) continue;
    const place = `step ${Math.floor(r / lanes)}, lane ${r % lanes}`;
    throw new RangeError(
      `${name}: the probabilities of a target must sum to 1, got ${sum} (${place}); ${ADVICE}, ` +
        'or binaryCrossEntropy() for classes that do not exclude each other',
    );
  }
}
