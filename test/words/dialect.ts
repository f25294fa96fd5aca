// Phrases of a dialect that slows readers down, each with what plain English has instead.
import type { Prose } from './proseOf.js';

/** A phrase of the dialect. */
export interface Finding {
  /** Line of the file on which it begins. */
  readonly line: number;
  readonly phrase: string;
  /** What to write instead. */
  readonly instead: string;
}

const COUNTED = [
  'one|once|twice|numbers?|loss|losses|rows?|nats?|bits?|bytes?|characters?|tokens?|windows|words|weights|gates?|updates',
  'values|entries|symbols|letters|items|chunks|marbles|seeds?|terms|steps|[KMG]i?B|milliseconds|microseconds|ms|s',
].join('|');
const UNITS = [
  'target|step|row|column|name|unit|character|token|lane|second|minute|hour|hidden|direction|layer|line|window|key|epoch',
  'turn|round|millisecond|sequence|batch|symbol|byte|chunk|call|item|gate|update|iteration|word|letter|track|mark|code',
].join('|');

/** Patterns with what to write instead; a space in a pattern is any white space. */
const DIALECT: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [new RegExp(`\\b(?:${COUNTED}) an? (?:${UNITS})\\b(?! (?:later|ago|time|pass|run|one|model)\\b)`), 'per'],
  [/\btold\b/, 'given, says, shows, is notified of'],
  [/\bstand(?:s|ing)? (?:behind|beside|before|in(?! for\b)|at|on|there|where|here|for (?:it|them))\b/, 'is, follows'],
  [/\b(?:what|who) stands?\b/, 'the content, what is in'],
  [
    /(?<!\bthere )\b(?:is|are|was|were|be) no (?!longer\b|more\b|less\b|fewer\b|such\b|need\b|use\b|better\b|worse\b|faster\b|slower\b|larger\b|smaller\b)(?=[a-z])/,
    'is not a',
  ],
  [/\bwhich an? [a-z]+ (?:has|is|does) not\b(?! have\b)/, 'which a … does not have'],
  [/\b(?:has|have|had) not(?=[.,;:)'"]|$)/, 'does not have'],
  [/\bknows? no\b/, 'does not know'],
  [
    /\b(?:whoever|anew|afresh|reckon\w*|hitherto|thereof|whence|thence|lest|nought|foreseen?)\b/,
    'any code that; again; compute; predict',
  ],
  [/(?:^|[.;:] )[a-z]+(?:ed|wn|ken) (?:is|are|was|were) (?:the|what|those|all|how)\b/, 'the subject first'],
  [/\bas a rule\b/, 'usually'],
  [/\bthe same of\b/, 'as above for; the noun again'],
  [/\bone on another\b/, 'stacked'],
  [/\b(?:go|goes|going|went) on (?:from|with|to)\b/, 'continues, resumes'],
  [/\b(?:crew|storey|sieve|hire)[ds]?\b/, "the field's term"],
];

const PATTERNS = DIALECT.map(
  ([{ source }, instead]) => [new RegExp(source.replaceAll(' ', '\\s+'), 'gi'), instead] as const,
);

/** Finds what is left of the dialect in pieces of prose. */
export function dialect(prose: readonly Prose[]): Finding[] {
  const found = prose.flatMap(({ line, text }) =>
    PATTERNS.flatMap(([pattern, instead]) =>
      Array.from(text.matchAll(pattern), ({ index, 0: phrase }) => ({
        line: line + text.slice(0, index).split('\n').length - 1,
        phrase: phrase.trim().replaceAll(/\s+/g, ' '),
        instead,
      })),
    ),
  );
  return found.toSorted((a, b) => a.line - b.line);
}
