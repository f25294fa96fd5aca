import type { Token } from '../types.js';
import type { GenerateTextOptions } from './generateText.js';

/** What a generator reads before it draws: the token before the first, where there is one, and the prompt. */
export function promptTokens({ prompt = [], vocabulary, previous = -1 }: GenerateTextOptions): Token[] {
  const before = previous === null ? [] : [previous];
  const tokens = [...before, ...(typeof prompt === 'string' ? encoded(prompt) : Array.from(prompt))];
  if (tokens.length > 0) return tokens;
  throw new RangeError('generateText: needs a prompt where previous is null');

  function encoded(text: string): Token[] {
    if (!vocabulary) throw new TypeError('generateText: a prompt that is a text needs a vocabulary');
    return Array.from(text, (symbol) => {
      const token = vocabulary.token(symbol) ?? vocabulary.unknown;
      if (token !== undefined) return token;
      throw new RangeError(`generateText: the prompt has ${JSON.stringify(symbol)}, which the vocabulary lacks`);
    });
  }
}
