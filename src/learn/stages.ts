import type { Model, Tape } from '../model/model.js';
import type { Numbers, Window } from '../types.js';

/**
 * A window that has run forward: a handle, whose numbers live in the model's buffers until the next window is unrolled.
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

/** A window with its loss; the buffers hold the gradient at the model's outputs. */
export interface Scored extends Unrolled {
  /** Mean loss per target that counts, weighted where the classes have weights: nats for cross-entropy. */
  readonly loss: number;
  /** How many targets count. */
  readonly count: number;
  /** The loss of each target, in a buffer of the loss operator, which `losses` copies out; absent where none is kept. */
  readonly losses?: Numbers | undefined;
  /** What the mean divides by, where that is not the count. */
  readonly divisor?: number;
  /** Whether the losses are −ln p of target tokens, so that bits and perplexity mean something. */
  readonly ofTokens?: boolean;
}

/** A window whose gradients are in the buffers; `gradients` copies them out. */
export interface Differentiated extends Scored {
  /** Global norm of the gradient as back-propagation left it, before any clipping. */
  readonly gradientNorm: number;
}

/** Throws unless the buffers still hold the numbers of this handle. */
export function checkFresh(operator: string, { tape, pass }: Unrolled): void {
  if (tape.passes < 0) {
    throw new Error(
      `${operator}: the buffers of this window serve another run, or its model was disposed; copy what you need ` +
        'when it arrives',
    );
  }
  if (tape.passes !== pass) {
    throw new Error(
      `${operator}: a later window has overwritten this one's numbers (pass ${pass} of ${tape.passes}); between ` +
        'unroll and optimize every stage must be synchronous, or copy what it needs when it arrives',
    );
  }
}

/** The last gradient norms, oldest first, for error messages. */
export function lastNorms(norms: readonly number[]): string {
  return norms.length > 0 ? norms.map((norm) => norm.toPrecision(3)).join(', ') : 'none yet';
}
