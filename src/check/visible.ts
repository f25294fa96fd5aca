/** How `visible` writes a text. */
export interface VisibleOptions {
  /** The most characters (code points) that are kept; "…" stands for the others. The whole text by default. */
  readonly most?: number;
  /** Keeps line feeds and tabs, for a text whose lines are its own, such as a generated one. */
  readonly lines?: boolean;
}

/**
 * Makes a text from outside safe to print: a terminal that shows it obeys nothing in it, and a reader sees all of it.
 *
 * Escapes as in JSON (`\u001b`, `\n`) take the place of control characters (C0 and C1: ESC, backspace, carriage return, and so
 * every sequence that one of them begins, such as CSI and OSC), of marks that turn the direction of text, of characters
 * without width, of line and paragraph separators, and of halves of surrogate pairs. Other Unicode stays as it is, joiners
 * inside an emoji or a word with it. Nothing else is escaped, so the text is to be read, not to be parsed again.
 *
 * ```ts
 * import { visible } from 'rxrnn';
 *
 * console.log(visible('café \u001b[31m')); // -> café \u001b[31m
 * console.log(visible('naïve', { most: 3 })); // -> naï…
 * ```
 */
export function visible(text: string, { most = Infinity, lines = false }: VisibleOptions = {}): string {
  const kept = start(text, most);
  return `${kept.replace(lines ? UNSAFE_BUT_LINES : UNSAFE, escaped)}${kept.length < text.length ? '…' : ''}`;
}

/** Formats are the marks of direction and what has no width, but also signs that are seen, and joiners. */
const SEEN = String.raw`\u0600-\u0605\u06dd\u0890\u0891\u08e2\u{110bd}\u{110cd}\u200c\u200d`;
const JOINER = String.raw`(?<![\p{L}\p{M}\p{Emoji}])[\u200c\u200d]`; // with nothing before it to join
const UNSAFE_SOURCE = String.raw`[\p{Cc}\p{Cs}\u2028\u2029]|(?![${SEEN}])\p{Cf}|${JOINER}`;
const UNSAFE = new RegExp(UNSAFE_SOURCE, 'gu');
const UNSAFE_BUT_LINES = new RegExp(String.raw`(?![\n\t])(?:${UNSAFE_SOURCE})`, 'gu');

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escaped(character: string): string {
  const digits = character.codePointAt(0)!.toString(16);
  return NAMED[character] ?? (digits.length > 4 ? `\\u{${digits}}` : `\\u${digits.padStart(4, '0')}`);
}

/** The first `most` code points; the rest is not walked through. */
function start(text: string, most: number): string {
  if (text.length <= most) return text;
  let end = 0;
  for (let count = 0; count < most && end < text.length; count++) end += text.codePointAt(end)! > 0xffff ? 2 : 1;
  return text.slice(0, end);
}
