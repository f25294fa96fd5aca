import type { Numbers, Tensors } from '../types.js';

/** Tensors as plain data, which can be recorded; `unpackTensors` gives them back. */
export type PackedTensors = Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Numbers }>>;

/** Copies of tensors (parameters, states, moments, gradients) as plain data, for `recorder().mark` and for snapshots. */
export function packTensors(tensors: Tensors): PackedTensors {
  return Object.fromEntries([...tensors].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]));
}
