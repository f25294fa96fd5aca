import type { Tensors } from '../types.js';
import { checkFresh, type Differentiated } from './stages.js';

/**
 * Copies a window's gradients, under the names and shapes of the parameters; frozen ones included.
 *
 * An Error where a later window has overwritten them: call it when the handle arrives.
 */
export function gradients(differentiated: Differentiated): Tensors {
  checkFresh('gradients', differentiated);
  const { tensors } = differentiated.tape.gradients;
  return new Map([...tensors].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]));
}
