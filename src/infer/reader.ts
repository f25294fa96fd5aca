import type { CrossEntropyTerms } from '../kernel/kernel.js';
import type { Model, Tape } from '../model/model.js';
import type { Numbers, Token } from '../types.js';

/** Cross-entropy as it is by default: what scoring shares with the evaluator, to the bit. */
export const PLAIN: CrossEntropyTerms = { ignoreIndex: -100, labelSmoothing: 0, weight: undefined };

/** One lane of a model read token by token, in buffers of its own: nothing is allocated a token. */
export interface Reader {
  readonly tape: Tape;
  /** Takes one token in; the logits of the next one then stand in `tape.output`. */
  read(token: Token): void;
  /** The probabilities of the next token, by the kernel's softmax; worked out once for each token read. */
  probabilities(): Numbers;
  /** −ln p of a token after what was read: the kernel's cross-entropy. */
  nats(token: Token): number;
}

/** `name` is the caller's, for messages. A RangeError for what is no token of the model, and where nats are not finite. */
export function reader(name: string, model: Model): Reader {
  const { dtype, kernel, outputSize } = model;
  const tape = model.tape(1, 1);
  const { output, outputGradient: shares } = tape; // where a loss would leave p − onehot
  const input = new Int32Array(1);
  const rounded = dtype === 'float32' ? Math.fround : (x: number) => x;
  let spread = false; // the logits of what was read last
  let largest = 0;
  let rest = 0;

  function spreadOut(): void {
    if (spread) return;
    ({ largest, rest } = kernel.softmaxRow(shares, output, outputSize));
    spread = true;
  }

  return {
    tape,
    read(token) {
      input[0] = token;
      tape.forward(input, 1);
      spread = false;
    },
    probabilities() {
      spreadOut();
      return shares;
    },
    nats(token) {
      checkToken(name, token, outputSize);
      spreadOut();
      const nats = rounded(rest - (output[token]! - largest)); // as an evaluator adds them up
      if (!Number.isFinite(nats)) throw notFinite(name, tape);
      return nats;
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
