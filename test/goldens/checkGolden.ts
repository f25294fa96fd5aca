import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Comparison, comparison } from './comparison.js';
import { opsAdaptiveSoftmax } from './kinds/opsAdaptiveSoftmax.js';
import { opsAttention } from './kinds/opsAttention.js';
import { opsClip } from './kinds/opsClip.js';
import { opsCells } from './kinds/opsCells.js';
import { opsEmbeddingMixed } from './kinds/opsEmbeddingMixed.js';
import { opsLayerNormLstm } from './kinds/opsLayerNormLstm.js';
import { opsLayers } from './kinds/opsLayers.js';
import { opsLosses } from './kinds/opsLosses.js';
import { opsLosses2 } from './kinds/opsLosses2.js';
import { opsManyToOne } from './kinds/opsManyToOne.js';
import { opsMinGru, opsMinLstm } from './kinds/opsMinimal.js';
import { opsOptimizers } from './kinds/opsOptimizers.js';
import { opsOptimizers2 } from './kinds/opsOptimizers2.js';
import { opsRecurrent } from './kinds/opsRecurrent.js';
import { opsRgLru } from './kinds/opsRgLru.js';
import { opsSlstm } from './kinds/opsSlstm.js';
import { rngNumpy } from './kinds/rngNumpy.js';
import { rngTorch } from './kinds/rngTorch.js';
import { sys1, sys2 } from './kinds/srn.js';
import { sys3 } from './kinds/sys3.js';
import { sys4 } from './kinds/sys4.js';
import { sys5 } from './kinds/sys5.js';
import { sys6 } from './kinds/sys6.js';
import { sys7 } from './kinds/sys7.js';
import { sys8 } from './kinds/sys8.js';

/** A golden as read: its own settings and figures; each kind knows its fields and reports those it misses. */
// eslint-disable-next-line typescript/no-explicit-any
export type Golden = any;
export type Check = (golden: Golden, compare: Comparison, dataFile: (name: string) => string) => Promise<void> | void;

/** The kinds, by the prefix of a file's name. */
const KINDS: Readonly<Record<string, Check>> = {
  'rng-numpy': rngNumpy,
  'rng-torch': rngTorch,
  'ops-adaptive-softmax': opsAdaptiveSoftmax,
  'ops-attention': opsAttention,
  'ops-optimizers2': opsOptimizers2, // before the shorter prefix
  'ops-optimizers': opsOptimizers,
  'ops-clip': opsClip,
  'ops-losses2': opsLosses2, // before the shorter prefix
  'ops-losses': opsLosses,
  'ops-rnn': opsRecurrent,
  'ops-lstm': opsRecurrent,
  'ops-gru': opsRecurrent,
  'ops-mingru': opsMinGru,
  'ops-minlstm': opsMinLstm,
  'ops-slstm': opsSlstm,
  'ops-rglru': opsRgLru,
  'ops-layernorm-lstm': opsLayerNormLstm,
  'ops-cells': opsCells,
  'ops-layers': opsLayers,
  'ops-many-to-one': opsManyToOne,
  'ops-embedding-mixed': opsEmbeddingMixed,
  sys1,
  sys2,
  sys3,
  sys4,
  sys5,
  sys6,
  sys7,
  sys8,
};

/** Checks one golden file by its kind; an unknown kind and a file with nothing to compare are failures. */
export async function checkGolden(path: string): Promise<Comparison> {
  const compare = comparison();
  const kind = Object.keys(KINDS).find((prefix) => basename(path).startsWith(prefix));
  if (!kind) {
    compare.failures.push('unknown kind');
    return compare;
  }
  try {
    const golden: Golden = JSON.parse(readFileSync(path, 'utf8'));
    await KINDS[kind]!(golden, compare, (name) => dataFile(dirname(path), name));
  } catch (error) {
    compare.failures.push(error instanceof Error ? error.message : String(error));
  }
  if (compare.count === 0 && compare.failures.length === 0) compare.failures.push('nothing to compare');
  return compare;
}

function dataFile(folder: string, name: string): string {
  const project = fileURLToPath(new URL('../..', import.meta.url));
  const places = [folder, join(folder, '../data'), join(project, 'data'), join(project, '../shared/data')];
  const found = places.map((place) => join(place, name)).find((path) => existsSync(path));
  if (!found) throw new Error(`data file ${name} is in none of ${places.join(', ')}`);
  return found;
}
