import type { Tensors } from '../types.js';
import type { Model } from './model.js';

/**
 * Copies of a model's parameters by torch's names, such as `rnn.weight_ih_l0`, in the order of declaration: what
 * `loadStateDict` takes. They are yours; learning goes on without changing them.
 */
export function stateDict(model: Model): Tensors {
  return new Map([...model.weights.tensors].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]));
}
