import type { Model, Tape } from '../model/model.js';
import type { Numbers, Window } from '../types.js';

/**
 * A window that has run forward. A handle: its numbers live in the model's buffers until the next window is unrolled;
 * `outputs` and `hiddenState` copy them out.
 */
export interface Unrolled {
  readonly window: Window;
  readonly model: Model;
  readonly tape: Tape;
  /** The tape's count of passes when this one was made. */
  readonly pass: number;
  /** Gradient norms of up to ten windows before this one, oldest first: for messages. `backpropagate` adds to them. */
  readonly norms: number[];
}

/** A window with its loss; the gradient at the model's outputs stands in the buffers. */
export interface Scored extends Unrolled {
  /** Mean loss a target that counts, weighted where the targets' classes have weights: nats for cross-entropy. */
  readonly loss: number;
  /** How many targets count. */
  readonly count: number;
  /** The loss of each target, in a buffer of the loss operator; `losses` copies it out. */
  readonly losses?: Numbers | undefined;
}

/** A window whose gradients stand in the buffers; `gradients` copies them out. */
export interface Differentiated extends Scored {
  /** Global norm of the gradient as back-propagation left it, before any clipping. */
  readonly gradientNorm: number;
}

/** Throws unless the numbers of a handle are still those it was made for. */
export function checkFresh(operator: string, { tape, pass }: Unrolled): void {
  if (tape.passes !== pass) {
    throw new Error(
      `${operator}: a later window has overwritten this one's numbers (pass ${pass} of ${tape.passes}); between ` +
        'unroll and optimize every stage must be synchronous, or copy what it needs when it arrives',
    );
  }
}
