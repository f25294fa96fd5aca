import { existsSync } from 'node:fs';
import { loadModel } from '../../src/index.js';

/** Says whether a file holds a model that was made in this way: what is `undefined` there must be absent. */
export function isModelOf(path: string, made: Readonly<Record<string, unknown>>): boolean {
  if (!existsSync(path)) return false;
  const { provenance } = loadModel(path);
  if (!provenance) return false;
  return Object.entries(made).every(([name, value]) => JSON.stringify(provenance[name]) === JSON.stringify(value));
}
