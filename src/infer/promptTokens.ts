import { isInt32 } from '../check/isInt32.js';
import { notAToken } from '../check/notAToken.js';
import { refuse } from '../check/refuse.js';
import { show } from '../check/show.js';
import type { Vocabulary } from '../token/vocabularyOf.js';
import type { Token } from '../types.js';

/** What a model reads before it draws the first token. */
export interface Prompt {
  readonly prompt?: string | ArrayLike<Token> | undefined;
  readonly vocabulary?: Vocabulary | undefined;
  /** The token before the prompt: −1 for "no input", `null` for none. */
  readonly previous?: Token | null | undefined;
}

/** The tokens that a model reads before it draws: the token before the first, where there is one, and the prompt. */
export function promptTokens(who: string, { prompt = [], vocabulary, previous = -1 }: Prompt): Token[] {
  if (previous !== null && !isInt32(previous)) refuse(who, 'previous', 'a token or null', previous, 'none');
  const tokens = previous === null ? [] : [previous];
  if (typeof prompt === 'string') encode(who, prompt, vocabulary, tokens);
  else append(who, Array.from(prompt), tokens);
  if (tokens.length > 0) return tokens;
  throw new RangeError(`${who}: a prompt is needed where previous is null`);
}

/** What cannot be compared with a number. */
const NOT_READABLE: ReadonlySet<string> = new Set(['bigint', 'symbol']);

/** Accepts texts and anything that can be iterated. */
export function checkPrompt(who: string, option: string, value: unknown): void {
  if (
    typeof value === 'string' ||
    typeof (value as Partial<Iterable<Token>> | null)?.[Symbol.iterator] === 'function'
  ) {
    return;
  }
  refuse(who, option, 'a text or tokens', value, 'none');
}

/** Accepts vocabularies. */
export function hasSymbols(who: string, option: string, value: unknown): void {
  if (typeof (value as Partial<Vocabulary> | null)?.token === 'function') return;
  refuse(who, option, 'what vocabulary() or vocabularyOf gives', value, 'none');
}

function encode(who: string, text: string, vocabulary: Vocabulary | undefined, tokens: Token[]): void {
  if (!vocabulary) throw new TypeError(`${who}: a prompt that is a text needs a vocabulary`);
  for (const symbol of text) {
    const token = vocabulary.token(symbol) ?? vocabulary.unknown;
    if (token === undefined) throw new RangeError(`${who}: the prompt has ${show(symbol)}, which the vocabulary lacks`);
    tokens.push(token);
  }
}

function append(who: string, prompt: readonly Token[], tokens: Token[]): void {
  for (let i = 0; i < prompt.length; i++) {
    const token = prompt[i]!;
    if (NOT_READABLE.has(typeof token)) throw notAToken(who, `${i} of the prompt`, token); // others the model refuses
    tokens.push(token);
  }
}
