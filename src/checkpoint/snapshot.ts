import type { Place } from '../flow/bookmark.js';
import type { TrainingState } from '../learn/trainingState.js';
import type { RandomState } from '../random/random.js';
import type { Vocabulary } from '../token/vocabularyOf.js';

/** What goes into a checkpoint: the run, and what it needs of the world around it. */
export interface Snapshot {
  readonly training: TrainingState;
  /** What the tokens mean; absent where the run did not say. */
  readonly vocabulary?: Vocabulary | undefined;
  /** Where the corpus stands behind the last window. */
  readonly place?: Place | undefined;
  /** Where generators beside that of dropout stand, by names of yours: samples, the order of the data. */
  readonly randoms?: Readonly<Record<string, RandomState>> | undefined;
  /** Losses of the last steps, oldest first, up to `training.step`. */
  readonly losses?: readonly number[] | undefined;
  /** All validations so far. */
  readonly validations?: readonly ValidationMark[] | undefined;
  /** The loss of the step after this one, where the run was stopped behind it: what a resumed run must begin with. */
  readonly nextLoss?: number | undefined;
  /** Settings of yours, as plain JSON: file names, sizes, seeds. */
  readonly config?: Readonly<Record<string, unknown>> | undefined;
}

/** What a validation said. */
export interface ValidationMark {
  readonly step: number;
  /** Mean loss of the held-out targets: nats, unless another measure was given. */
  readonly loss: number;
}

/** The texts in which a checkpoint keeps all but its tensors, as JSON but for the first three, in their order. */
export const TEXTS = [
  'sha256',
  'format',
  'version',
  'configuration',
  'training',
  'place',
  'randoms',
  'validations',
  'nextLoss',
  'config',
  'vocabulary',
  'unknown',
  'versions',
] as const;

/** What names of tensors begin with, by what they belong to. */
export const PREFIXES = { weights: 'weights.', moments: 'optimizer.', hidden: 'hidden.' } as const;
