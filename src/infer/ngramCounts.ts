import type { Token } from '../types.js';
import { ENTRY, FIELDS, KINDS, LIST, NONE, TOTAL } from './contextMemory.js';
import { ABSENT, contextStore, EMPTY } from './contextStore.js';
import { countOrder } from './countOrder.js';
import { RECENT, type NgramView } from './ngramView.js';

/** Counts of the tokens that came after each context of a stream, for every length of context. */
export interface NgramCounts {
  /** What ranks and the most likely tokens are computed from. */
  readonly view: NgramView;
  /** The probability of a token to come next. */
  probability(token: Token): number;
  /** Counts a token after all contexts that end the stream now, and appends it. */
  add(token: Token): void;
}

/**
 * Counts after contexts of up to `longest` tokens; beyond `max` contexts the least recently used is dropped.
 *
 * Where a token is after each context is looked for once, for its probability, and used again when it is counted.
 */
export function ngramCounts(longest: number, max: number, vocabSize: number): NgramCounts {
  const store = contextStore(vocabSize);
  const { memory } = store;
  const order = countOrder(vocabSize);
  const { counts } = order; // after the empty context
  const ending = new Int32Array(longest); // the contexts that end the stream now, from one token up
  const past = new Int32Array(longest); // its last tokens, the latest first
  let length = 0; // of `past`
  const found = new Int32Array(longest); // the places of the token looked for after these contexts
  let sought: Token = NONE; // that token
  const places = new Int32Array(longest + 1); // of the last token, after the empty context and each that ended before it
  const scratch = new Int32Array(longest);
  const view: NgramView = {
    memory,
    ending,
    order,
    known: 0,
    kinds: 0,
    total: 0,
    recent: new Int32Array(RECENT),
    hubs: new Map(),
    countAfter,
    probability,
    probabilityUpTo,
    probabilityOf,
    writeSeen,
    writeProbabilities,
  };

  /** Writes where a token is after each context to `found`, which is scratch for others than the next token. */
  function probability(token: Token, found = scratch): number {
    const { known, kinds, total } = view;
    const uniform = 1 / vocabSize;
    if (total === 0) return uniform;
    const { fields, totals, counts: entryCounts } = memory;
    let p = uniform * (kinds / (total + kinds)) + counts[token]! / (total + kinds);
    for (let k = 0; k < known; k++) {
      const context = ending[k]!;
      const kinds = fields[context * FIELDS + KINDS]!;
      const total = totals[context * (FIELDS / 2) + TOTAL]!;
      const place = store.placeOf(context, token);
      found[k] = place;
      p *= kinds / (total + kinds);
      if (place !== ABSENT) p += (place < 0 ? total : entryCounts[(place >> 1) + 1]!) / (total + kinds);
    }
    return p;
  }

  function countAfter(k: number, token: Token): number {
    const place = store.placeOf(ending[k]!, token);
    if (place === ABSENT) return 0;
    return place < 0 ? memory.totals[~place * (FIELDS / 2) + TOTAL]! : memory.counts[(place >> 1) + 1]!;
  }

  function probabilityUpTo(depth: number, token: Token): number {
    const { fields, totals } = memory;
    const { known, kinds, total } = view;
    const uniform = 1 / vocabSize;
    let p = uniform * (kinds / (total + kinds)) + counts[token]! / (total + kinds);
    for (let k = 0; k < known; k++) {
      const kinds = fields[ending[k]! * FIELDS + KINDS]!;
      const total = totals[ending[k]! * (FIELDS / 2) + TOTAL]!;
      p *= kinds / (total + kinds);
      if (k < depth) p += countAfter(k, token) / (total + kinds);
    }
    return p;
  }

  function probabilityOf(count: number): number {
    const { known, kinds, total } = view;
    const uniform = 1 / vocabSize;
    if (total === 0) return uniform;
    const { fields, totals } = memory;
    let p = uniform * (kinds / (total + kinds)) + count / (total + kinds);
    for (let k = 0; k < known; k++) {
      const kinds = fields[ending[k]! * FIELDS + KINDS]!;
      p *= kinds / (totals[ending[k]! * (FIELDS / 2) + TOTAL]! + kinds);
    }
    return p;
  }

  function writeSeen(k: number, to: Int32Array): number {
    if (k >= view.known) return 0;
    const { fields, entries } = memory;
    const kinds = fields[ending[k]! * FIELDS + KINDS]!;
    const list = fields[ending[k]! * FIELDS + LIST]!;
    if (kinds === 1) to[0] = list;
    else for (let i = 0; i < kinds; i++) to[i] = entries[list + i * ENTRY]!;
    return kinds;
  }

  function writeProbabilities(tokens: Int32Array, to: Float64Array): void {
    const { known, kinds, total } = view;
    const uniform = 1 / vocabSize;
    if (total === 0) {
      for (const w of tokens) to[w] = uniform;
      return;
    }
    const { fields, totals, entries, counts: entryCounts } = memory;
    const unseen = uniform * (kinds / (total + kinds));
    for (const w of tokens) to[w] = unseen + counts[w]! / (total + kinds);
    for (let k = 0; k < known; k++) {
      const at = ending[k]! * FIELDS;
      const kinds = fields[at + KINDS]!;
      const list = fields[at + LIST]!;
      const total = totals[ending[k]! * (FIELDS / 2) + TOTAL]!;
      const shorter = kinds / (total + kinds);
      for (const w of tokens) to[w]! *= shorter;
      if (kinds === 1) to[list]! += total / (total + kinds);
      else {
        for (let place = list, end = list + kinds * ENTRY; place < end; place += ENTRY) {
          to[entries[place]!]! += entryCounts[(place >> 1) + 1]! / (total + kinds);
        }
      }
    }
  }

  function seek(token: Token): number {
    sought = token;
    return probability(token, found);
  }

  function countAfterAll(token: Token): void {
    const { known } = view;
    if (sought !== token) seek(token);
    sought = NONE;
    for (let k = known; k < length; k++) {
      ending[k] = store.create(places[k]!, k === 0 ? EMPTY : ending[k - 1]!, past[k]!, token);
    }
    places[0] = token * ENTRY;
    for (let k = 0; k < known; k++) places[k + 1] = store.count(ending[k]!, token, found[k]!);
    for (let k = known; k < length; k++) places[k + 1] = ~ending[k]!;
    for (let k = length - 1; k >= 0; k--) store.use(ending[k]!); // a context without its first token after it
    if (counts[token] === 0) view.kinds += 1;
    order.add(token);
    view.recent[view.total % RECENT] = token;
    view.total += 1;
  }

  function append(token: Token): void {
    if (length < longest) length += 1;
    for (let k = length - 1; k > 0; k--) past[k] = past[k - 1]!;
    if (longest > 0) past[0] = token;
    let known = 0;
    for (let shorter = EMPTY; known < length; known++) {
      shorter = store.find(places[known]!, shorter, past[known]!);
      if (shorter === NONE) break;
      ending[known] = shorter;
    }
    view.known = known;
  }

  return {
    view,
    probability: seek,
    add(token) {
      countAfterAll(token);
      for (let excess = store.kept() + 1 - max; excess > 0; excess--) view.hubs.delete(store.dropLeastRecent()); // the empty one is kept
      append(token);
    },
  };
}
