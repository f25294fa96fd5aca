import { token as checkToken } from '../check/token.js';
import type { CrossEntropyTerms } from '../kernel/kernel.js';
import { roundingOf } from '../kernel/math/roundingOf.js';
import type { Model, Tape } from '../model/model.js';
import type { Numbers, Token } from '../types.js';
import { type StepRunner, stepRunner } from './stepRunner.js';

/** Cross-entropy with its defaults: scoring gives the bits that the evaluator gives. */
export const PLAIN: CrossEntropyTerms = { ignoreIndex: -100, labelSmoothing: 0, weight: undefined };

/** Reads one stream token by token through a model, in buffers of its own: nothing is allocated per token. */
export interface Reader extends Pick<StepRunner, 'tape' | 'kept'> {
  /** The logits of the next token, where the last `read` left them. */
  logits(): Numbers;
  /** Reads one token. */
  read(token: Token): void;
  /** The probabilities of the next token, by the kernel's softmax; computed once per token read. */
  probabilities(): Numbers;
  /** −ln p of a token after what was read: the kernel's cross-entropy. */
  nats(token: Token): number;
}

/**
 * Makes a reader; `who` is the caller's name, for errors. With `steps` it keeps windows as a step runner does. A
 * RangeError for anything but a token, and where nats are not finite.
 */
export function reader(who: string, model: Model, steps = 1): Reader {
  const { dtype, kernel, outputSize } = model;
  const { tape, kept, read, first, outputGradient } = stepRunner(model, steps);
  const input = new Int32Array(1);
  const rounded = roundingOf(dtype);
  let logits = first;
  let spread = false; // whether the probabilities after the last token read are where a loss would leave p − onehot
  let largest = 0;
  let rest = 0;

  function spreadOut(): void {
    if (spread) return;
    ({ largest, rest } = kernel.softmaxRow(outputGradient(), logits, outputSize));
    spread = true;
  }

  return {
    tape,
    kept,
    logits: () => logits,
    read(token) {
      input[0] = token;
      if (input[0] !== token) checkToken(who, token, model.inputSize); // such as a fraction: the tape checks the range
      logits = read(input);
      spread = false;
    },
    probabilities() {
      spreadOut();
      return outputGradient();
    },
    nats(token) {
      checkToken(who, token, outputSize);
      spreadOut();
      const nats = rounded(rest - (logits[token]! - largest)); // as an evaluator adds them up
      if (!Number.isFinite(nats)) throw notFinite(who, tape);
      return nats;
    },
  };
}

/** The error of a surprisal that is not finite; it names the first layer whose output is not. */
export function notFinite(who: string, tape: Tape): Error {
  const layer = tape.firstNotFinite();
  const where = layer ? `the output of layer ${layer} is not finite` : 'it has probability 0';
  return new RangeError(`${who}: the surprisal of a token is not finite: ${where}`);
}
