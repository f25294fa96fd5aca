import { map, type OperatorFunction } from 'rxjs';
import type { Unrolled } from '../learn/stages.js';
import type { Model, Tape } from '../model/model.js';
import type { Window } from '../types.js';

/** Takes the place of `unroll` for windows that a tape has run forward step by step when they come. */
export function alreadyUnrolled(model: Model, tape: Tape): OperatorFunction<Window, Unrolled> {
  const norms: number[] = [];
  return map((window) => ({ window, model, tape, pass: tape.passes, norms }));
}
