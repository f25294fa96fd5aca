import type { Token } from '../types.js';

/** A token that a model generated; plain JSON. */
export interface Generated {
  readonly token: Token;
  /** How surprising the token was to the model, as `surprisal` measures it: at temperature 1, among all tokens. */
  readonly bits: number;
}

/** A token that a model generated, with its text. */
export interface GeneratedText extends Generated {
  /** The token's symbol. */
  readonly text: string;
}
