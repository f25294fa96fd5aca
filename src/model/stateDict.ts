import type { Tensors } from '../types.js';
import type { Model } from './model.js';

/** Copies of a model's parameters by torch's names, in the order of declaration. */
export function stateDict(model: Model): Tensors {
  return new Map([...model.weights.tensors].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]));
}
