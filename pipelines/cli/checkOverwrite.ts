import { existsSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { type LayerMakers, loadModel, visible } from '../../src/index.js';
import { UsageError } from './command.js';

/**
 * Throws a UsageError where a file exists and does not hold a model of the same data, before anything is trained. `from`
 * is the entry of the model's provenance that names the data, such as `{ data: 'names.csv' }`; `layers` makes those of the
 * model that are not the library's. Returns the provenance of the model that is there.
 */
export function checkOverwrite(
  path: string,
  from: Readonly<Record<string, string>>,
  layers: LayerMakers = {},
): Readonly<Record<string, unknown>> {
  let provenance: Readonly<Record<string, unknown>> = {};
  if (!existsSync(path)) return provenance;
  try {
    provenance = loadModel(path, { layers }).provenance ?? {};
  } catch {
    throw new UsageError(`${path} exists and is not a model; --force overwrites it, another --out keeps it`);
  }
  for (const [name, data] of Object.entries(from)) {
    const before = provenance[name];
    if (typeof before === 'string' && resolve(before) === resolve(data)) continue;
    const what = typeof before === 'string' ? `a model of ${visible(before, { most: 200 })}` : 'a model of other data';
    throw new UsageError(`${path} holds ${what}; --force overwrites it, another --out keeps it`);
  }
  return provenance;
}

/** Tells whether two paths lead to one existing file. */
export function isSameFile(path: string, other: string): boolean {
  return existsSync(path) && existsSync(other) && realpathSync(path) === realpathSync(other);
}
