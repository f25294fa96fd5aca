import type { Tensors } from '../types.js';
import { checkDifferentiated, type Differentiated } from './stages.js';

/**
 * Copies a window's gradients, under the names and shapes of the parameters; frozen ones included.
 *
 * An Error where a later window has overwritten them: call it when the handle arrives; and before
 * `backpropagate`.
 */
export function gradients(differentiated: Differentiated): Tensors {
  checkDifferentiated('gradients', differentiated);
  const { tensors } = differentiated.tape.gradients;
  return new Map([...tensors].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]));
}
