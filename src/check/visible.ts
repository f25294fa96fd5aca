import { isRevoked } from './isRevoked.js';

/** How `visible` writes a text. */
export interface VisibleOptions {
  /** The most characters (code points) that are kept; "…" stands for the others. The whole text by default. */
  readonly most?: number | undefined;
  /** Keeps line feeds and tabs, for a text whose lines are its own, such as a generated one. */
  readonly lines?: boolean | undefined;
}

/**
 * Makes a text from outside safe to print: a terminal that shows it obeys nothing in it, and a reader sees all of it.
 *
 * Escapes as in JSON (`\u001b`, `\n`) take the place of control characters (C0 and C1: ESC, backspace, carriage return,
 * and so every sequence that one of them begins, such as CSI and OSC), of marks that turn the direction of text, of
 * characters without width (all that Unicode calls default ignorable: fillers and most selectors, too), of line and
 * paragraph separators, and of halves of surrogate pairs. Other Unicode stays as it is, with it joiners inside an emoji
 * or a word, and one of the selectors U+FE00 to U+FE0F after a character, such as an emoji's. Nothing else is escaped, so
 * the text is to be read, not to be parsed again.
 *
 * ```ts
 * import { visible } from 'rxrnn';
 *
 * console.log(visible('café \u001b[31m')); // -> café \u001b[31m
 * console.log(visible('naïve', { most: 3 })); // -> naï…
 * ```
 */
export function visible(text: string, options: VisibleOptions = {}): string {
  if (typeof text !== 'string') throw new TypeError(`visible: text must be a string, got ${typeof text}`);
  const { most = Infinity, lines = false } = checked(options);
  const kept = start(text, most);
  return `${kept.replace(lines ? UNSAFE_BUT_LINES : UNSAFE, escaped)}${kept.length < text.length ? '…' : ''}`;
}

function kindOf(value: unknown): string {
  if (isRevoked(value)) return 'a revoked proxy';
  if (value === null || typeof value === 'number') return String(value);
  return typeof value;
}

/** The options, checked here: the functions that check those of others write their messages by `visible`. */
function checked(options: VisibleOptions): VisibleOptions {
  if (typeof options !== 'object' || options === null || isRevoked(options) || Array.isArray(options)) {
    throw new TypeError(`visible: options must be an object, got ${kindOf(options)}`);
  }
  const unknown = Object.keys(options).find((name) => name !== 'most' && name !== 'lines');
  if (unknown !== undefined) {
    throw new TypeError(`visible: unknown option ${visible(unknown, { most: 60 })}; there are most, lines`);
  }
  const { most, lines } = options;
  if (most !== undefined && most !== Infinity && !(Number.isSafeInteger(most) && most >= 0)) {
    throw new RangeError(`visible: most must be an integer from 0 up, got ${kindOf(most)}`);
  }
  if (lines !== undefined && typeof lines !== 'boolean') {
    throw new TypeError(`visible: lines must be true or false, got ${kindOf(lines)}`);
  }
  return { ...(most !== undefined && { most }), ...(lines !== undefined && { lines }) };
}

/** Formats are the marks of direction and what has no width, but also signs that are seen, and joiners. */
const SEEN = String.raw`\u0600-\u0605\u06dd\u0890\u0891\u08e2\u{110bd}\u{110cd}\u200c\u200d`;
const JOINER = String.raw`(?<![\p{L}\p{M}\p{Emoji}])[\u200c\u200d]`; // with nothing before it to join
// What is ignored where it is not known has no width either, whatever its category: fillers, joiners of graphemes, selectors.
const IGNORED = String.raw`(?![\ufe00-\ufe0f])\p{Default_Ignorable_Code_Point}`; // those of a form, below
const SELECTOR = String.raw`(?<![\p{L}\p{M}\p{N}\p{P}\p{S}])[\ufe00-\ufe0f]|(?<=[\ufe00-\ufe0f])[\ufe00-\ufe0f]`;
const UNSAFE_SOURCE = String.raw`[\p{Cc}\p{Cs}\u2028\u2029]|(?![${SEEN}])(?:\p{Cf}|${IGNORED})|${JOINER}|${SELECTOR}`;
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
