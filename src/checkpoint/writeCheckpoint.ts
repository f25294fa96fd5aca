import { readFileSync } from 'node:fs';
import { visible } from '../check/visible.js';
import { reasonOf } from '../check/reasonOf.js';
import type { LayerForms } from '../model/formOf.js';
import type { LayerMakers } from '../model/buildModel.js';
import { formsForFile } from '../model/formsForFile.js';
import { showName } from '../check/showName.js';
import type { Tensor, Tensors } from '../types.js';
import { jsonText } from '../format/jsonText.js';
import { readTexts } from './loadCheckpoint.js';
import { seal } from './seal.js';
import { PREFIXES, type Snapshot } from './snapshot.js';
import { scalingText } from '../format/scalingText.js';
import { keptTexts } from '../format/keptTexts.js';
import { vocabularyTexts } from '../format/vocabularyTexts.js';
import { writeFileAtomic } from './writeFileAtomic.js';

/**
 * Writes a snapshot to one safetensors file, whole or not at all, which `loadCheckpoint` reads: tensors under
 * `weights.`, `optimizer.` and `hidden.`, the losses as `losses`, the rest as JSON in `__metadata__`.
 *
 * `who` is the function that the user called. A RangeError, and no file, where any number of the tensors is not finite; an Error where `loadCheckpoint` could not build the
 * model or read a text back.
 */
export function writeCheckpoint(who: string, path: string, snapshot: Snapshot, layers: LayerMakers): void {
  const { training, losses = [] } = snapshot;
  const { configuration, weights, optimizer, hidden, step } = training;
  const tensors = new Map<string, Tensor>([
    ...prefixed(PREFIXES.weights, weights),
    ...prefixed(PREFIXES.moments, optimizer.moments),
    ...prefixed(PREFIXES.hidden, hidden),
    ['losses', { shape: [losses.length], data: Float64Array.from(losses) }],
  ]);
  for (const [name, { data }] of tensors) {
    if (!data.every(Number.isFinite)) {
      throw new RangeError(
        `${who}: ${showName(name)} is not finite after step ${step}; ${visible(path)} was not written`,
      );
    }
  }
  const { vocabulary, scaling } = snapshot;
  const kept = { vocabulary, scaling };
  const forms = readable('this model', () => formsForFile(configuration, weights, layers, kept));
  const texts = readable('what goes with it', () => {
    const written = textsOf(snapshot, forms);
    const metadata = new Map(Object.entries(written));
    readTexts(metadata);
    keptTexts(metadata, Infinity); // formsForFile has compared the sizes
    return written;
  });
  writeFileAtomic(path, seal(tensors, texts), who);

  function readable<T>(what: string, read: () => T): T {
    try {
      return read();
    } catch (cause) {
      throw new Error(
        `${who}: loadCheckpoint could not read ${what}: ${reasonOf(cause)}; ${visible(path)} was not written`,
        { cause },
      );
    }
  }
}

/** The texts of the metadata, in order. */
function textsOf(
  { training, vocabulary, scaling, place, randoms, validations, nextLoss, data, config }: Snapshot,
  forms: LayerForms | undefined,
): Record<string, string> {
  const { configuration, step, tokens, dropoutRandom: dropout } = training;
  const { moments: _, ...optimizer } = training.optimizer;
  const json = {
    configuration,
    forms,
    training: { step, tokens, optimizer, dropout },
    place,
    randoms,
    validations,
    nextLoss,
    data,
    config,
  };
  const texts: Record<string, string> = { format: 'rxrnn-checkpoint', version: '1' };
  for (const [key, value] of Object.entries(json)) if (value !== undefined) texts[key] = jsonText(key, value);
  const made = { rxrnn: libraryVersion(), node: process.versions.node, v8: process.versions.v8 };
  return { ...texts, ...vocabularyTexts(vocabulary), ...scalingText(scaling), versions: JSON.stringify(made) };
}

function prefixed(prefix: string, tensors: Tensors): [string, Tensor][] {
  return [...tensors].map(([name, tensor]) => [prefix + name, tensor]);
}

let library: string | undefined;

/** The version in package.json, two folders above this file and the built one; a bundle may be elsewhere. */
function libraryVersion(): string {
  try {
    library ??= String(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version);
  } catch {
    library = 'unknown';
  }
  return library;
}
