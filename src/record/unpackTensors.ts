import type { Tensors } from '../types.js';
import type { PackedTensors } from './packTensors.js';

/** Tensors from the plain data that `packTensors` made, as copies, ready for `loadStateDict` or `initialState`. */
export function unpackTensors(packed: PackedTensors): Tensors {
  return new Map(Object.entries(packed).map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]));
}
