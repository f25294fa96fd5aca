import { endOfText } from '../check/endOfText.js';

/**
 * Whether any mark of JSON outside its texts, a bracket, brace or comma, passes the test, which gets it with its place and
 * with how many values it is nested in: a bracket in itself, too. Takes no memory; of text that is not JSON, whatever
 * comes before the first error is seen as a parser sees it.
 */
export function someMark(text: string, test: (mark: string, depth: number, at: number) => boolean): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfText(text, at);
      if (at < 0) return false;
    } else if (code === COMMA) {
      if (test(',', depth, at)) return true;
    } else if (code === BRACKET || code === BRACE) {
      depth += 1;
      if (test(text[at]!, depth, at)) return true;
    } else if (code === END_BRACKET || code === END_BRACE) {
      if (test(text[at]!, depth, at)) return true;
      depth -= 1;
    }
  }
  return false;
}

const [QUOTE, COMMA] = [0x22, 0x2c];
const [BRACKET, END_BRACKET, BRACE, END_BRACE] = [0x5b, 0x5d, 0x7b, 0x7d];
