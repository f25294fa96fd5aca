import { endOfText } from './endOfText.js';
import { reasonOf } from './reasonOf.js';
import { show } from './show.js';

/**
 * Parses JSON that a file has as `key`, in time linear in its length, and refuses before it builds anything what
 * JSON.parse takes in silence: a name that an object has twice, of which it keeps the last, a member `__proto__`, which a
 * copy would make a prototype, a number beyond float64, which would be Infinity, more than 100 nested values, which would
 * overflow a stack, and more than `most` values, of which an empty list or object counts as two. A TypeError names the key.
 */
export function parseJson(key: string, text: string, most: number = Infinity): unknown {
  const open: (Set<string> | undefined)[] = []; // the values that `at` is in: the names of each so far, if there are any
  let values = 1;
  let opened = 0; // the last text
  let end = 0;
  try {
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        opened = at;
        at = endOfText(text, at);
        if (at < 0) break; // which JSON.parse refuses
        end = at + 1;
      } else if (code === COLON) {
        addName(JSON.parse(text.slice(opened, end)) as string);
      } else if (isDigit(code)) {
        at = numberEnd(at) - 1;
      } else if (code === END_BRACKET || code === END_BRACE) {
        open.pop();
      } else if (code === COMMA || code === BRACKET || code === BRACE) {
        values += 1;
        if (values > most) throw new TypeError(`${key} must have at most ${most} values`);
        if (code === COMMA) continue;
        open.push(undefined);
        if (open.length > DEEPEST) throw new TypeError(`${key} must have at most ${DEEPEST} nested values`);
      }
    }
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new TypeError(`${key} must be JSON: ${reasonOf(error)}`, { cause: error });
    throw error;
  }

  /** Where a number ends, of which this is a digit. Only one with an exponent, or of 309 digits, can be beyond float64. */
  function numberEnd(at: number): number {
    let after = at + 1;
    let mayBeLarge = false;
    for (let code = text.charCodeAt(after); IN_NUMBER.has(code); code = text.charCodeAt(++after)) {
      mayBeLarge ||= code === LOWER_E || code === UPPER_E;
    }
    if (!mayBeLarge && after - at < 309) return after;
    const number = text.slice(at, after);
    if (Number(number) !== Infinity) return after; // what is not a number JSON.parse refuses
    throw new TypeError(`${key} must have numbers below 1.8e308, got ${show(number)}`);
  }

  function addName(name: string): void {
    if (name === '__proto__') throw new TypeError(`${key} must not have a member __proto__`);
    const names = (open[open.length - 1] ??= new Set());
    if (names.has(name)) {
      throw new TypeError(`${key} must have each member once, got ${show(name)} twice: leave one of the two`);
    }
    names.add(name);
  }
}

/** What follows the first digit of a number: digits, a point and an exponent. */
const IN_NUMBER: ReadonlySet<number> = /* @__PURE__ */ new Set([...'0123456789.eE+-'].map((c) => c.charCodeAt(0)));
const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

const DEEPEST = 100;
const [UPPER_E, LOWER_E] = [0x45, 0x65];
const [QUOTE, COMMA, COLON] = [0x22, 0x2c, 0x3a];
const [BRACKET, END_BRACKET, BRACE, END_BRACE] = [0x5b, 0x5d, 0x7b, 0x7d];
