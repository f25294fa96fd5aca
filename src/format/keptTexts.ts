import type { Scaling } from '../series/scalingOf.js';
import type { Vocabulary } from '../token/vocabularyOf.js';
import { savedScaling } from './scalingText.js';
import { someMark } from './someMark.js';
import { savedVocabulary } from './vocabularyTexts.js';

/** What a file keeps beside a model, as far as it must fit the model. */
export interface Kept {
  readonly vocabulary: Vocabulary | undefined;
  readonly scaling: Scaling | undefined;
}

/**
 * The vocabulary and the scaling of a file's metadata, where it has them. A RangeError where one is larger than `most`,
 * the model's inputs or outputs: they are counted before they are built.
 */
export function keptTexts(metadata: ReadonlyMap<string, string>, most: number): Kept {
  check('vocabulary', 'symbols', 1);
  check('scaling', 'columns', 2);
  return { vocabulary: savedVocabulary(metadata), scaling: savedScaling(metadata) };

  function check(key: string, unit: string, values: number): void {
    let commas = 0;
    const isMore = someMark(metadata.get(key) ?? '', (mark) => mark === ',' && ++commas >= values * most);
    if (isMore)
      throw new RangeError(`${key} must have at most as many ${unit} as the model has inputs or outputs, ${most}`);
  }
}
