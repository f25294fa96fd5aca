import type { Token } from '../types.js';
import {
  CHILD,
  contextMemory,
  type ContextMemory,
  ENTRY,
  FIELDS,
  FIRST,
  KINDS,
  LIST,
  NONE,
  SHORTER,
  TOTAL,
} from './contextMemory.js';
import { contextUses } from './contextUses.js';

/** The context of no tokens; its entries are those from 0 to `vocabSize − 1`, in the order of the tokens. */
export const EMPTY = -2;

/** The place of a token that did not come after a context. */
export const ABSENT = -0x80000000;

/**
 * The contexts of a stream, and how often each token came after each.
 *
 * The place of a token after a context is that of its entry; where no other came after it, the complement of the context.
 */
export interface ContextStore {
  readonly memory: ContextMemory;
  /** How many contexts there are besides the empty one. */
  kept(): number;
  /** The place of a token after a context, or ABSENT. */
  placeOf(context: number, token: Token): number;
  /** Counts a token once more after a context, where it has been at `place`, and returns its place from now on. */
  count(context: number, token: Token, place: number): number;
  /**
   * The context that begins with `first` and goes on as the context `shorter`, or NONE; `place` is that of its last token
   * after the rest of it.
   */
  find(place: number, shorter: number, first: Token): number;
  /** Makes that context, after which `token` came once. */
  create(place: number, shorter: number, first: Token, token: Token): number;
  /** Notes that a context is used now. */
  use(context: number): void;
  /** Forgets the context whose last use is the longest ago. */
  dropLeastRecent(): void;
}

/**
 * Made for few reads of memory that is outside the caches, which are what a token costs. The context with a token
 * appended is found where that token is counted, and confirmed by the context without its first token, which is used
 * whenever it is, and later, and so is dropped later. Most long contexts have one kind of token after them, which needs
 * no list; a list is in the order of its counts, so that frequent tokens are found soon.
 */
export function contextStore(vocabSize: number): ContextStore {
  const memory = contextMemory(vocabSize);
  for (let token = 0; token < vocabSize; token++) {
    memory.entries[token * ENTRY] = token;
    memory.entries[token * ENTRY + 1] = NONE;
  }
  const uses = contextUses(memory);
  const orphans = new Map<number, number>(); // contexts kept after the one without their last token was dropped
  let kept = 0;

  const orphanKey = (shorter: number, first: Token): number => (shorter - EMPTY) * vocabSize + first;

  function setChild(place: number, context: number): void {
    if (place < 0) memory.fields[~place * FIELDS + CHILD] = context;
    else memory.entries[place + 1] = context;
  }

  function write(place: number, token: Token, child: number, count: number): void {
    memory.entries[place] = token;
    memory.entries[place + 1] = child;
    memory.counts[(place >> 1) + 1] = count;
  }

  /** Moves an entry before those of smaller counts; each of these has one less, so that the first changes places with it. */
  function moveUp(place: number, list: number): number {
    const { entries, counts } = memory;
    const count = counts[(place >> 1) + 1]!;
    let front = place;
    while (front > list && counts[((front - ENTRY) >> 1) + 1]! < count) front -= ENTRY;
    if (front === place) return place;
    const [token, child] = [entries[front]!, entries[front + 1]!];
    write(front, entries[place]!, entries[place + 1]!, count);
    write(place, token, child, count - 1);
    return front;
  }

  /** Adds a token to those after a context, which has others. */
  function append(context: number, token: Token): number {
    const at = context * FIELDS;
    const kinds = memory.fields[at + KINDS]!;
    let list = memory.fields[at + LIST]!;
    if (kinds === 1) {
      const single = list;
      list = memory.takeList(2);
      write(list, single, memory.fields[at + CHILD]!, memory.totals[context * (FIELDS / 2) + TOTAL]! - 1);
    } else if (kinds === roomFor(kinds)) {
      const short = list;
      list = memory.takeList(2 * kinds);
      memory.entries.copyWithin(list, short, short + kinds * ENTRY);
      memory.giveListBack(short, kinds);
    }
    const place = list + kinds * ENTRY;
    write(place, token, NONE, 1);
    memory.fields[at + LIST] = list;
    memory.fields[at + KINDS] = kinds + 1;
    return place;
  }

  /** Keeps what a dropped context led to; if the child was dropped, too, and its number used again, it does no harm. */
  function abandon(child: number): void {
    const at = child * FIELDS;
    if (child === NONE || memory.fields[at + FIRST] === NONE) return;
    orphans.set(orphanKey(memory.fields[at + SHORTER]!, memory.fields[at + FIRST]!), child);
  }

  return {
    memory,
    kept: () => kept,
    placeOf(context, token) {
      const { fields } = memory;
      const at = context * FIELDS;
      const kinds = fields[at + KINDS]!;
      const list = fields[at + LIST]!;
      if (kinds === 1) return list === token ? ~context : ABSENT;
      const { entries } = memory;
      for (let place = list, end = list + kinds * ENTRY; place < end; place += ENTRY) {
        if (entries[place] === token) return place;
      }
      return ABSENT;
    },
    count(context, token, place) {
      memory.totals[context * (FIELDS / 2) + TOTAL]! += 1;
      if (place === ABSENT) return append(context, token);
      if (place < 0) return place;
      memory.counts[(place >> 1) + 1]! += 1;
      return moveUp(place, memory.fields[context * FIELDS + LIST]!);
    },
    find(place, shorter, first) {
      const { fields } = memory;
      const child = place < 0 ? fields[~place * FIELDS + CHILD]! : memory.entries[place + 1]!;
      const at = child * FIELDS;
      if (child !== NONE && fields[at + SHORTER] === shorter && fields[at + FIRST] === first) return child;
      if (orphans.size === 0) return NONE;
      const key = orphanKey(shorter, first);
      const orphan = orphans.get(key);
      if (orphan === undefined) return NONE;
      orphans.delete(key);
      setChild(place, orphan);
      return orphan;
    },
    create(place, shorter, first, token) {
      const context = memory.takeContext();
      const { fields } = memory;
      const at = context * FIELDS;
      fields[at + KINDS] = 1;
      fields[at + LIST] = token;
      fields[at + CHILD] = NONE;
      fields[at + SHORTER] = shorter;
      fields[at + FIRST] = first;
      memory.totals[context * (FIELDS / 2) + TOTAL] = 1;
      setChild(place, context);
      kept += 1;
      return context;
    },
    use: uses.add,
    dropLeastRecent() {
      const { fields, entries } = memory;
      const context = uses.leastRecent();
      const at = context * FIELDS;
      const kinds = fields[at + KINDS]!;
      const list = fields[at + LIST]!;
      if (orphans.size > 0) orphans.delete(orphanKey(fields[at + SHORTER]!, fields[at + FIRST]!));
      if (kinds === 1) abandon(fields[at + CHILD]!);
      else {
        for (let i = 0; i < kinds; i++) abandon(entries[list + i * ENTRY + 1]!);
        memory.giveListBack(list, roomFor(kinds));
      }
      fields[at + FIRST] = NONE;
      memory.giveContextBack(context);
      kept -= 1;
    },
  };
}

/** The room of so many tokens: the next power of two. */
function roomFor(kinds: number): number {
  return 2 ** (32 - Math.clz32(kinds - 1));
}
