import { refuse } from '../check/refuse.js';
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
  readonly divisor?: number | undefined;
  /** Whether the losses are −ln p of target tokens, so that bits and perplexity have a meaning. */
  readonly ofTokens?: boolean;
  /** Whether the target of a row, `step · lanes + lane`, counts where the masks let it; absent: it does. */
  readonly counts?: ((row: number) => boolean) | undefined;
  /**
   * What each row's loss is multiplied by in what is differentiated, where that is not the gradient in the tape: of
   * `adaptiveCrossEntropy`.
   */
  readonly factors?: Numbers | undefined;
  /** The heads of a `jointLoss` by name, each scored by its own loss; absent for other losses. */
  readonly heads?: Readonly<Record<string, ScoredHead>> | undefined;
}

/** The part of a joint loss that one head has: `model` and `tape` are those of its outputs alone. */
export interface ScoredHead extends Scored {
  /** What its loss is multiplied by in the sum. */
  readonly weight: number;
}

/** A window whose gradients are in the buffers; `gradients` copies them out. */
export interface Differentiated extends Scored {
  /** Global norm of the gradient as back-propagation left it, before any clipping. */
  readonly gradientNorm: number;
}

/** Throws unless the buffers still hold the numbers of this handle. */
export function checkFresh(operator: string, handle: Unrolled): void {
  const { tape, pass } = (handle as Partial<Unrolled> | null | undefined) ?? {};
  if (typeof tape?.passes !== 'number' || pass === undefined) {
    refuse(operator, 'what comes in', 'what unroll and the stages after it emit', handle, 'none');
  }
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

/** Throws unless the buffers still hold this window's gradients: back-propagation comes before. */
export function checkDifferentiated(operator: string, handle: Differentiated): void {
  checkFresh(operator, handle);
  if (typeof handle.gradientNorm === 'number') return;
  throw new Error(
    `${operator}: this window was not run through backpropagate, so the buffers hold no gradients of it; the order ` +
      `is ${ORDER}`,
  );
}

/** Throws unless this window has a loss and was not back-propagated yet: what changes its gradient now has an effect. */
export function checkScored(operator: string, handle: Scored): void {
  checkFresh(operator, handle);
  if (typeof handle.loss !== 'number') {
    throw new Error(`${operator}: this window was not run through a loss; the order is ${ORDER}`);
  }
  if ('gradientNorm' in handle) {
    throw new Error(`${operator}: this window was run through backpropagate already; the order is ${ORDER}`);
  }
}

const ORDER = 'unroll, a loss, scaleLoss, backpropagate, clipGradNorm or clipGradValue, optimize';

/** The last gradient norms, oldest first, for error messages. */
export function lastNorms(norms: readonly number[]): string {
  return norms.length > 0 ? norms.map((norm) => norm.toPrecision(3)).join(', ') : 'none yet';
}
