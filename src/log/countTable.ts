/** Counts of symbols after contexts, in a table of fixed size. */
export interface CountTable {
  /**
   * The probability of a symbol after a context, where it is `p` without the context; then counts it. Both are hashes of 32
   * bits. After a context that never came it stays `p`.
   */
  learn(context: number, symbol: number, p: number): number;
  /** The same after several contexts, from the least to the most specific one, each with the probability without it. */
  learnAll(contexts: Int32Array, symbol: number, p: number): number;
  /** Whether the last symbol never came after its context. */
  readonly isNew: boolean;
  /** The probability of that, where it was so; else 1, as after a context that never came. */
  readonly novelty: number;
  readonly state: Readonly<Record<string, Uint16Array | Int32Array>>;
}

const MOST_COUNT = 0x7fffffff;

/**
 * Makes a table of counts with Witten and Bell's estimate, (c + t·p) / (n + t) of c times in n with t different symbols.
 *
 * A context or pair whose place another one has is entered when that one has faded: each attempt halves its count. So what
 * came long ago and seldom makes room, and memory stays as it is. Witten and Bell, The zero-frequency problem, 1991.
 */
export function countTable({ contextBits, pairBits }: { contextBits: number; pairBits: number }): CountTable {
  const contexts = 1 << contextBits;
  const pairs = 1 << pairBits;
  const contextTags = new Uint16Array(contexts);
  const totals = new Int32Array(contexts);
  const kinds = new Uint16Array(contexts);
  const pairTags = new Uint16Array(pairs);
  const counts = new Int32Array(pairs);
  let isNew = true;
  let novelty = 1;

  function learn(context: number, symbol: number, p: number): number {
    let hash = Math.imul(context ^ (context >>> 15), 0x2c1b3c6d);
    hash ^= hash >>> 12;
    const place = hash & (contexts - 1);
    const tag = hash >>> 16;
    let pair = Math.imul(hash + symbol, 0x297a2d39) ^ symbol;
    pair = Math.imul(pair ^ (pair >>> 15), 0x85ebca6b);
    pair ^= pair >>> 13;
    const at = pair & (pairs - 1);
    const pairTag = pair >>> 16;
    const own = pairTags[at] === pairTag;
    const total = totals[place]!;
    let share = p;
    isNew = true;
    novelty = 1;
    if (total > 0 && contextTags[place] === tag) {
      const count = own ? Math.min(counts[at]!, total) : 0;
      const different = kinds[place]!;
      share = (count + different * p) / (total + different);
      isNew = count === 0;
      if (isNew) novelty = different / (total + different);
      if (total < MOST_COUNT) totals[place] = total + 1;
      if (count === 0 && different < 65535) kinds[place] = different + 1;
    } else if (total > 1) {
      totals[place] = total >> 1;
      kinds[place] = (kinds[place]! + 1) >> 1;
      return p;
    } else {
      contextTags[place] = tag;
      totals[place] = kinds[place] = 1;
    }
    if (own) {
      if (counts[at]! < MOST_COUNT) counts[at]! += 1;
    } else if (counts[at]! > 1) counts[at]! >>= 1;
    else {
      pairTags[at] = pairTag;
      counts[at] = 1;
    }
    return share;
  }
  return {
    learn,
    learnAll(contexts, symbol, p) {
      for (let i = 0; i < contexts.length; i++) p = learn(contexts[i]!, symbol, p);
      return p;
    },
    get isNew() {
      return isNew;
    },
    get novelty() {
      return novelty;
    },
    state: { contextTags, totals, kinds, pairTags, counts },
  };
}
