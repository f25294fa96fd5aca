import type { Place } from '../flow/bookmark.js';
import type { TrainingState } from '../learn/trainingState.js';
import type { RandomState } from '../random/random.js';
import type { Scaling } from '../series/scalingOf.js';
import type { Vocabulary } from '../token/vocabularyOf.js';

/** What goes into a checkpoint: the run, and what it needs of the world around it. */
export interface Snapshot {
  readonly training: TrainingState;
  /** The vocabulary of the tokens; absent where the run did not give it. */
  readonly vocabulary?: Vocabulary | undefined;
  /** The scaling of the series; absent where the run did not give it. */
  readonly scaling?: Scaling | undefined;
  /** The place in the corpus after the last window; absent without a bookmark. */
  readonly place?: Place | undefined;
  /** States of generators other than that of dropout, by names of yours: samples, the order of the data; absent without any. */
  readonly randoms?: Readonly<Record<string, RandomState>> | undefined;
  /** Losses of the last steps, oldest first, up to `training.step`; none by default. */
  readonly losses?: readonly number[] | undefined;
  /** The last validations, oldest first, after the best of those before them; none by default. */
  readonly validations?: readonly ValidationMark[] | undefined;
  /** The loss of the step after this one, with which a resumed run must begin; absent unless the run was stopped there. */
  readonly nextLoss?: number | undefined;
  /** The digest of the data, as it was given to `checkpoint`; absent where it was not. */
  readonly data?: string | undefined;
  /** Settings of yours, as plain JSON: file names, sizes, seeds; absent where there are none. */
  readonly config?: Readonly<Record<string, unknown>> | undefined;
}

/** The loss that a validation found. */
export interface ValidationMark {
  readonly step: number;
  /** Mean loss of the held-out targets: nats, unless another measure was given. */
  readonly loss: number;
}

/** The metadata of a checkpoint, in order: JSON, except the first three texts. */
export const TEXTS = [
  'sha256',
  'format',
  'version',
  'configuration',
  'forms',
  'training',
  'place',
  'randoms',
  'validations',
  'nextLoss',
  'data',
  'config',
  'vocabulary',
  'unknown',
  'scaling',
  'versions',
] as const;

/** The prefixes of tensor names, by what the tensors belong to. */
export const PREFIXES = { weights: 'weights.', moments: 'optimizer.', hidden: 'hidden.' } as const;
