import { readFileSync, statSync } from 'node:fs';
import { readSafetensors } from '../../src/index.js';

/**
 * Reads what a model file says of how it was made, whatever its layers, `{}` where it says nothing; undefined where the file
 * is not one. The `job` in it names the one that saved it, as it is started after `rxrnn`.
 */
export function modelProvenance(path: string): Readonly<Record<string, unknown>> | undefined {
  try {
    if (!statSync(path).isFile()) return undefined;
    const { metadata } = readSafetensors(readFileSync(path));
    if (metadata.get('format') !== 'rxrnn') return undefined;
    return Object(JSON.parse(metadata.get('provenance') ?? '{}')) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
