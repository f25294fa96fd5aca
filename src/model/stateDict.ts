import type { Tensors } from '../types.js';
import { checkModel } from './checkModel.js';
import type { Model } from './model.js';

/**
 * Copies a model's parameters by torch's names, such as `rnn.weight_ih_l0`, in the order of declaration: what
 * `loadStateDict` takes. The copies are yours; learning does not change them.
 */
export function stateDict(model: Model): Tensors {
  checkModel('stateDict', 'model', model);
  return new Map([...model.weights.tensors].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]));
}
