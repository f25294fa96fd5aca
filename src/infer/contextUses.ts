import { type ContextMemory, FIELDS, FIRST, NONE, USED } from './contextMemory.js';

/** The order in which contexts were last used. */
export interface ContextUses {
  /** Notes that a context is used now. */
  add(context: number): void;
  /** The context whose last use is the longest ago, which is then dropped. */
  leastRecent(): number;
}

/**
 * A use writes its number to its context, which is in the caches then; nothing else is kept. Where the least recent is
 * asked for, contexts are sorted by these numbers, and those that were used since are passed over until all are
 * through: one sort for at least as many uses or drops as it has contexts. Uses are counted up to `last`, then from the
 * number of contexts again.
 */
export function contextUses(memory: ContextMemory, last: number = 2 ** 31 - 1): ContextUses {
  let clock = 0;
  let sorted = new Int32Array(0);
  let next = 0; // of `sorted`
  let sortedAt = 0; // the clock then

  /** Sorts the contexts by their last uses, and numbers these from 0. */
  function sort(): void {
    const { fields } = memory;
    let kept = 0;
    let contexts = new Int32Array(memory.made());
    for (let context = 0; context < contexts.length; context++) {
      if (fields[context * FIELDS + FIRST] !== NONE) contexts[kept++] = context;
    }
    contexts = contexts.subarray(0, kept);
    let other = new Int32Array(kept);
    for (const shift of [0, 11, 22]) {
      sortByDigit(other, contexts, fields, shift);
      [contexts, other] = [other, contexts];
    }
    for (const [i, context] of contexts.entries()) fields[context * FIELDS + USED] = i;
    sorted = contexts;
    next = 0;
    sortedAt = clock = kept;
  }

  return {
    add(context) {
      if (clock === last) sort();
      memory.fields[context * FIELDS + USED] = clock++;
    },
    leastRecent() {
      for (;;) {
        if (next === sorted.length) sort();
        const context = sorted[next++]!;
        const at = context * FIELDS;
        // not one that was used, or dropped, or dropped and made again since
        if (memory.fields[at + USED]! < sortedAt && memory.fields[at + FIRST] !== NONE) return context;
      }
    },
  };
}

/** A pass of a radix sort: by eleven bits of the contexts' last uses, leaving those that are equal in their order. */
function sortByDigit(to: Int32Array, from: Int32Array, fields: Int32Array, shift: number): void {
  const places = new Int32Array(2049);
  const digit = (context: number): number => (fields[context * FIELDS + USED]! >>> shift) & 2047;
  for (const context of from) places[digit(context) + 1]! += 1;
  for (let i = 1; i < places.length; i++) places[i]! += places[i - 1]!;
  for (const context of from) to[places[digit(context)]!++] = context;
}
