import type { OperatorFunction } from 'rxjs';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { orInfinity } from '../check/orInfinity.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { token as checkToken } from '../check/token.js';
import { wholeNumber } from '../check/wholeNumber.js';
import { operator } from '../flow/operator.js';
import { log } from '../kernel/math/log.js';
import type { Token } from '../types.js';
import { type Surprisal, surprisalOf } from './surprisalOf.js';

/** How far back n-grams reach, and how many counts are kept. */
export interface NgramOptions {
  /** The longest run of tokens that is counted: 1 ignores the tokens before, 5 uses the four before. */
  readonly order: number;
  /** The size of the vocabulary: tokens are 0 to `vocabSize − 1`. */
  readonly vocabSize: number;
  /** The most contexts to keep, from `order` up; the least recently seen is dropped; 1000000 by default. */
  readonly maxContexts?: number;
  /** How many of the most likely tokens to return with each; 0 by default. */
  readonly topK?: number;
}

/**
 * Scores each token by counts of the n-grams before it, then counts it, too: the baseline that a network has to beat.
 *
 * ```
 * tokens           -a-b-c-|
 * ngram({ order })  -s-s-s-|     s: { token, bits, rank, top }, as of surprisal; the first has log2 vocabSize bits
 * ```
 *
 * Interpolated Witten–Bell: with c(h w) tokens w after context h, c(h) in all and T(h) different ones,
 * p(w|h) = (c(h w) + T(h) p(w|h′)) / (c(h) + T(h)), where h′ is h without its first token; below the empty context all
 * tokens are equally likely. Work per token is `order × vocabSize`; memory is one count per different token after each
 * context kept. Witten and Bell, The Zero-Frequency Problem, 1991 (method C); Chen and Goodman, 1998, section 2.6.
 * A RangeError for anything that is not a token of the vocabulary.
 *
 * ```ts
 * import { from, map } from 'rxjs';
 * import { encode, ngram, vocabularyOf } from 'rxrnn';
 *
 * from('aaab')
 *   .pipe(
 *     encode(vocabularyOf(['a', 'b'])),
 *     ngram({ order: 1, vocabSize: 2 }),
 *     map(({ bits }) => bits.toFixed(2)),
 *   )
 *   .subscribe((bits) => console.log(bits));
 * // -> 1.00
 * // -> 0.42
 * // -> 0.26
 * // -> 3.00
 * ```
 */
export function ngram(given: NgramOptions): OperatorFunction<Token, Surprisal> {
  options('ngram', given, {
    order: positiveInteger,
    vocabSize: positiveInteger,
    maxContexts: optional(orInfinity(wholeNumber(given.order))),
    topK: optional(wholeNumber()),
  });
  const { order, vocabSize, maxContexts = Math.max(1_000_000, order), topK = 0 } = given;

  return operator((subscriber) => {
    const counts = ngramCounts(order - 1, maxContexts);
    const probabilities = new Float64Array(vocabSize);
    return {
      next(token) {
        checkToken('ngram', token, vocabSize);
        counts.probabilities(probabilities);
        counts.add(token);
        const nats = -log(probabilities[token]!);
        subscriber.next(surprisalOf(token, nats, probabilities, probabilities, 0, vocabSize, topK));
      },
    };
  });
}

/** Counts of the tokens that came after each context of a stream, for every length of context. */
interface NgramCounts {
  /** Writes the probability of each token to come next. */
  probabilities(to: Float64Array): void;
  /** Counts a token after all contexts that end the stream now, and appends it. */
  add(token: Token): void;
}

// A context is a number; what is known of it, in one array of so many numbers per context:
const KINDS = 0; // how many different tokens came after it
const START = 1; // where those tokens and their counts begin
const OLDER = 2; // the context used last before it, or NONE
const NEWER = 3;
const SHORTER = 4; // the context without its first token
const FIRST = 5; // its first token
const CHAINED = 6; // the next context with the same hash, or the next one that is free
const FIELDS = 8;
const NONE = -1;
const EMPTY = 0; // the context of no tokens, in use from the first token on

/**
 * Counts after contexts of up to `longest` tokens; beyond `max` contexts the least recently used is dropped.
 *
 * A context is found from the one without its first token, which is used whenever it is, and later, and so is dropped
 * later. The tokens that came after a context lie side by side, in room for a power of two of them.
 */
function ngramCounts(longest: number, max: number): NgramCounts {
  let contexts = new Int32Array(64 * FIELDS);
  let totals = new Float64Array(64); // how many tokens came after each context
  let made = 0; // contexts that `contexts` holds, those that are free included
  let kept = 0;
  let free = NONE;
  let oldest = NONE;
  let newest = NONE;
  let buckets = new Int32Array(64).fill(NONE); // the first context of each hash
  let tokens = new Int32Array(256);
  let counts = new Float64Array(256);
  let used = 0; // of `tokens` and `counts`
  const rooms: number[][] = []; // rooms that are free, by the logarithm of their size

  const past = new Int32Array(longest); // the last tokens, the latest first
  let length = 0; // of `past`
  const ending = new Int32Array(longest + 1); // the contexts that end the stream now, by their length
  let known = 0; // how many of them there are

  function hash(shorter: number, first: Token): number {
    const mixed = Math.imul(shorter, 0x9e3779b1) ^ Math.imul(first + 1, 0x85ebca6b);
    return (mixed ^ (mixed >>> 15)) & (buckets.length - 1);
  }
  function find(shorter: number, first: Token): number {
    let context = buckets[hash(shorter, first)]!;
    for (; context !== NONE; context = contexts[context * FIELDS + CHAINED]!) {
      const at = context * FIELDS;
      if (contexts[at + SHORTER] === shorter && contexts[at + FIRST] === first) break;
    }
    return context;
  }
  function chain(context: number): void {
    const at = context * FIELDS;
    const bucket = hash(contexts[at + SHORTER]!, contexts[at + FIRST]!);
    contexts[at + CHAINED] = buckets[bucket]!;
    buckets[bucket] = context;
  }
  function unchain(context: number): void {
    const at = context * FIELDS;
    const bucket = hash(contexts[at + SHORTER]!, contexts[at + FIRST]!);
    const after = contexts[at + CHAINED]!;
    let before = buckets[bucket]!;
    if (before === context) {
      buckets[bucket] = after;
      return;
    }
    while (contexts[before * FIELDS + CHAINED] !== context) before = contexts[before * FIELDS + CHAINED]!;
    contexts[before * FIELDS + CHAINED] = after;
  }

  function room(size: number): number {
    const found = rooms[Math.log2(size)]?.pop();
    if (found !== undefined) return found;
    const start = used;
    used += size;
    if (used > tokens.length) {
      tokens = grown(tokens, new Int32Array(2 * used));
      counts = grown(counts, new Float64Array(2 * used));
    }
    return start;
  }
  function leave(start: number, size: number): void {
    (rooms[Math.log2(size)] ??= []).push(start);
  }

  function create(shorter: number, first: Token): number {
    let context = free;
    if (context === NONE) {
      context = made++;
      if (made > totals.length) {
        contexts = grown(contexts, new Int32Array(2 * made * FIELDS));
        totals = grown(totals, new Float64Array(2 * made));
      }
    } else {
      free = contexts[context * FIELDS + CHAINED]!;
    }
    kept += 1;
    if (kept > buckets.length) {
      buckets = new Int32Array(2 * buckets.length).fill(NONE);
      for (let old = oldest; old !== NONE; old = contexts[old * FIELDS + NEWER]!) if (old !== EMPTY) chain(old);
    }
    const at = context * FIELDS;
    totals[context] = 0;
    contexts[at + KINDS] = 0;
    contexts[at + SHORTER] = shorter;
    contexts[at + FIRST] = first;
    append(context);
    if (context !== EMPTY) chain(context);
    return context;
  }
  function drop(context: number): void {
    const at = context * FIELDS;
    unlink(context);
    unchain(context);
    leave(contexts[at + START]!, roomFor(contexts[at + KINDS]!));
    contexts[at + CHAINED] = free;
    free = context;
    kept -= 1;
  }
  function append(context: number): void {
    contexts[context * FIELDS + OLDER] = newest;
    contexts[context * FIELDS + NEWER] = NONE;
    if (newest === NONE) oldest = context;
    else contexts[newest * FIELDS + NEWER] = context;
    newest = context;
  }
  function unlink(context: number): void {
    const older = contexts[context * FIELDS + OLDER]!;
    const newer = contexts[context * FIELDS + NEWER]!;
    if (older === NONE) oldest = newer;
    else contexts[older * FIELDS + NEWER] = newer;
    if (newer === NONE) newest = older;
    else contexts[newer * FIELDS + OLDER] = older;
  }

  function count(context: number, token: Token): void {
    const at = context * FIELDS;
    const kinds = contexts[at + KINDS]!;
    let start = contexts[at + START]!;
    totals[context]! += 1;
    let i = start;
    while (i < start + kinds && tokens[i] !== token) i++;
    if (i < start + kinds) {
      counts[i]! += 1;
      return;
    }
    const size = kinds === 0 ? 0 : roomFor(kinds);
    if (kinds === size) {
      const larger = room(Math.max(1, 2 * size));
      tokens.copyWithin(larger, start, start + kinds);
      counts.copyWithin(larger, start, start + kinds);
      if (size > 0) leave(start, size);
      contexts[at + START] = start = larger;
    }
    tokens[start + kinds] = token;
    counts[start + kinds] = 1;
    contexts[at + KINDS] = kinds + 1;
  }

  return {
    probabilities(to) {
      to.fill(1 / to.length);
      for (let k = 0; k < known; k++) {
        const context = ending[k]!;
        const kinds = contexts[context * FIELDS + KINDS]!;
        const start = contexts[context * FIELDS + START]!;
        const all = totals[context]! + kinds;
        const shorter = kinds / all;
        for (let w = 0; w < to.length; w++) to[w]! *= shorter;
        for (let i = start; i < start + kinds; i++) to[tokens[i]!]! += counts[i]! / all;
      }
    },
    add(token) {
      for (let k = known; k <= length; k++) ending[k] = create(k === 0 ? NONE : ending[k - 1]!, past[k - 1] ?? NONE);
      for (let k = length; k >= 0; k--) {
        const context = ending[k]!;
        count(context, token);
        unlink(context);
        append(context);
      }
      while (kept > max) drop(oldest);
      if (length < longest) length += 1;
      past.copyWithin(1, 0);
      past[0] = token;
      ending[0] = EMPTY;
      for (known = 1; known <= length; known++) {
        const context = find(ending[known - 1]!, past[known - 1]!);
        if (context === NONE) break;
        ending[known] = context;
      }
    },
  };
}

/** The room of so many tokens: the next power of two. */
function roomFor(kinds: number): number {
  return 2 ** (32 - Math.clz32(kinds - 1));
}

function grown<A extends Int32Array | Float64Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
