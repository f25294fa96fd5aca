import type { CrossEntropyTerms } from '../kernel/kernel.js';
import { zeros } from '../kernel/zeros.js';
import type { Model, Tape } from '../model/model.js';
import type { Token } from '../types.js';

/** Cross-entropy as it is by default: what scoring shares with the evaluator, to the bit. */
export const PLAIN: CrossEntropyTerms = { ignoreIndex: -100, labelSmoothing: 0, weight: undefined };

/** One lane of a model read token by token, in buffers of its own: nothing is allocated a token. */
export interface Reader {
  readonly tape: Tape;
  /** Takes one token in; the logits of the next one then stand in `tape.output`. */
  read(token: Token): void;
  /** −ln p of a token after what was read, by the kernel's own cross-entropy; `tape.outputGradient` is p − onehot. */
  nats(token: Token): number;
}

/** `name` is the caller's, for messages. A RangeError for what is no token of the model, and where nats are not finite. */
export function reader(name: string, model: Model): Reader {
  const { dtype, kernel, outputSize } = model;
  const tape = model.tape(1, 1);
  const { output, outputGradient } = tape;
  const losses = zeros(dtype, 1);
  const input = new Int32Array(1);
  const target = new Int32Array(1);

  return {
    tape,
    read(token) {
      input[0] = token;
      tape.forward(input, 1);
    },
    nats(token) {
      checkToken(name, token, outputSize);
      target[0] = token;
      const nats = kernel.crossEntropy(losses, outputGradient, output, target, undefined, PLAIN, 1, outputSize);
      if (!Number.isFinite(nats)) throw notFinite(name, tape);
      return losses[0]!; // and not the sum, which is double: the numbers that an evaluator adds up are these
    },
  };
}

export function isToken(token: Token, size: number): boolean {
  return Number.isInteger(token) && token >= 0 && token < size;
}

export function checkToken(name: string, token: Token, size: number): void {
  if (isToken(token, size)) return;
  throw new RangeError(`${name}: token must be a whole number from 0 to ${size - 1}, got ${token}`);
}

export function notFinite(name: string, tape: Tape): Error {
  const layer = tape.firstNotFinite();
  const where = layer ? `the output of layer ${layer} is not finite` : 'it has probability 0';
  return new RangeError(`${name}: the surprisal of a token is not finite: ${where}`);
}
