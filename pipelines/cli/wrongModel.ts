import { type LayerMakers, visible } from '../../src/index.js';
import { UsageError } from './command.js';
import { modelProvenance } from './modelProvenance.js';

/** What a job takes with `--model`. */
export interface ModelKind {
  /** Such as `a classifier`. */
  readonly what: string;
  /** The job whose `--out` makes one, as it is started after `rxrnn`. */
  readonly job: string;
  /** Makes the layers that are not the library's. */
  readonly layers?: LayerMakers;
}

/**
 * The error of a file of `--model` that is not what a job takes: which job makes one and, where the file names the one that
 * made it, that one, else `why`.
 */
export function wrongModel(path: string, { what, job }: ModelKind, why: string): UsageError {
  const provenance = modelProvenance(path);
  const made = provenance?.['job'];
  const reason = typeof made === 'string' && made !== job ? `rxrnn ${visible(made, { most: 40 })} made it` : why;
  const taken = provenance === undefined ? 'a model file' : what;
  return new UsageError(`--model: ${path} is not ${taken}; \`rxrnn ${job} --out FILE\` makes one (${reason})`);
}
