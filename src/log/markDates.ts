import { type ParameterKind, WILDCARD } from './maskToken.js';
import { MONTH } from './monthOf.js';

const NAME = /* @__PURE__ */ new RegExp(String.raw`^[[("']?${MONTH}[.,)\]"']?$`, 'i');
const DAY = /^[[("']?(?:0?[1-9]|[12]\d|3[01])[.,)\]"']{0,2}$/;
const YEAR = /^(?:19|20)\d\d[.,;)\]"']{0,2}$/;
const HALF = /^[ap]\.?m\.?[.,)\]"']?$/i;
const ZONE = /^(?:[A-Z]{3,4}|[+-]\d{4})$/;
const CLOCK = /^\d{1,2}:\d\d/;
const MOST_DAY = 5; // characters
const MOST_HALF = 5;

/** The tokens of a line, and what they are masked as. */
interface MaskedLine {
  readonly tokens: readonly string[];
  readonly masked: string[];
  readonly kinds: ParameterKind[];
}

/**
 * Finds dates of several tokens, such as `Mar 3 2026`, `3 March` and `6:00:29 PM`, and makes their parts times: the name of the
 * month beside a day, the day, the year behind them or behind their clock, and the half of the day.
 */
export function markDates(line: MaskedLine): void {
  const { tokens, kinds } = line;
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    if (kinds[i] === 'number') {
      if (token.length <= MOST_DAY && DAY.test(token)) markAround(line, i);
    } else if (kinds[i] === 'word' && token.length <= MOST_HALF && mayBeHalf(token) && HALF.test(token)) {
      if (i > 0 && CLOCK.test(tokens[i - 1]!)) mark(line, i);
    }
  }
}

/** Marks the date whose day may be a token. */
function markAround(line: MaskedLine, day: number): void {
  const { tokens } = line;
  const isBehind = day > 0 && NAME.test(tokens[day - 1]!);
  if (!isBehind && !(day + 1 < tokens.length && NAME.test(tokens[day + 1]!))) return;
  mark(line, day);
  mark(line, isBehind ? day - 1 : day + 1);
  let next = isBehind ? day + 1 : day + 2;
  if (CLOCK.test(tokens[next] ?? '')) {
    next += 1;
    if (ZONE.test(tokens[next] ?? '')) next += 1;
  }
  if (YEAR.test(tokens[next] ?? '')) mark(line, next);
}

function mark({ masked, kinds }: MaskedLine, i: number): void {
  kinds[i] = 'time';
  if (!masked[i]!.includes(WILDCARD)) masked[i] = WILDCARD;
}

/** Whether a token begins with a or p and has m or a dot next. */
function mayBeHalf(token: string): boolean {
  const first = token.charCodeAt(0) | 32;
  const second = token.charCodeAt(1);
  return (first === 97 || first === 112) && (second === 46 || (second | 32) === 109);
}
