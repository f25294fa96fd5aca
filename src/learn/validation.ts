import { exp } from '../kernel/exp.js';
import type { TrainingStep } from '../types.js';
import type { Scored } from './stages.js';

/** How well a model foretells a text that it does not learn from; plain JSON. */
export interface Validation {
  /** Mean loss a target that counts: nats for cross-entropy. */
  readonly loss: number;
  /** The same in bits a token: `loss / ln 2`. */
  readonly bits: number;
  /** `exp(loss)`: among how many equally likely tokens the choice would be as hard. */
  readonly perplexity: number;
  /** Targets that count. */
  readonly tokens: number;
}

/** A training step, with the figures of a validation where one was due after it. */
export interface ValidatedStep extends TrainingStep {
  readonly validation?: Validation;
}

/** The sum of losses so far and how many there are. */
export interface Total {
  readonly loss: number;
  readonly tokens: number;
}

/** The figures of all windows; a window weighs as much as it has targets that count. A RangeError where none does. */
export function validation(caller: string, windows: Total): Validation {
  const { tokens } = windows;
  if (tokens === 0) throw new RangeError(`${caller}: the windows have no target that counts`);
  const loss = windows.loss / tokens;
  return { loss, bits: loss / Math.LN2, perplexity: exp(loss), tokens };
}

/** A sum with one window more. */
export function plus(total: Total, { loss, count }: Scored): Total {
  return { loss: total.loss + loss * count, tokens: total.tokens + count };
}
