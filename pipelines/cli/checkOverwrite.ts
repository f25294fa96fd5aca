import { existsSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { visible } from '../../src/index.js';
import { UsageError } from './command.js';
import { modelProvenance } from './modelProvenance.js';

/**
 * Throws a UsageError where a file exists and does not hold a model that the same job made of the same data, before
 * anything is trained. `job` is how the job is started after `rxrnn`, which it saves in the model's provenance; `from` is
 * the entry there that names the data, such as `{ data: 'names.csv' }`. Returns the provenance of the model that is there.
 */
export function checkOverwrite(
  path: string,
  job: string,
  from: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> {
  if (!existsSync(path)) return {};
  const hint = '--force overwrites it, another --out keeps it';
  const provenance = modelProvenance(path);
  if (provenance === undefined) throw new UsageError(`${path} exists and is not a model; ${hint}`);
  const { job: made } = provenance;
  if (made !== job) {
    const maker = typeof made === 'string' ? `rxrnn ${visible(made, { most: 40 })}` : 'another program';
    throw new UsageError(`${path} holds a model that ${maker} made, not rxrnn ${job}; ${hint}`);
  }
  for (const [name, data] of Object.entries(from)) {
    const before = provenance[name];
    if (typeof before === 'string' && resolve(before) === resolve(data)) continue;
    const what = typeof before === 'string' ? `a model of ${visible(before, { most: 200 })}` : 'a model of other data';
    throw new UsageError(`${path} holds ${what}; ${hint}`);
  }
  return provenance;
}

/** Tells whether two paths lead to one existing file. */
export function isSameFile(path: string, other: string): boolean {
  return existsSync(path) && existsSync(other) && realpathSync(path) === realpathSync(other);
}
