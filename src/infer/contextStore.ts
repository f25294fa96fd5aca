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
import { type TokenTable, tokenTable } from './tokenTable.js';

/** The context of no tokens; its entries are those from 0 to `vocabSize − 1`, in the order of the tokens. */
export const EMPTY = -2;

/** The place of a token that did not come after a context. */
export const ABSENT = -0x80000000;

/** Lists of more entries have a table of their tokens' places; shorter ones are searched from the most frequent on. */
const SEARCHED = 256;

/**
 * The first list of so many entries has a table, too, until it has `LATE` of them: results do not depend on it, since a table
 * finds what a search finds. The engine compiles functions by what
 * they have met: tables that come later than that have it compile all of them twice, 25 ms of a short run.
 */
const EARLY = 4;
const LATE = 32;

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
  /** Forgets the context whose last use is the longest ago, and returns its number, which a new one may have. */
  dropLeastRecent(): number;
}

/**
 * Made for few reads of memory that is outside the caches, which are what a token costs. The context with a token
 * appended is found where that token is counted, and confirmed by the context without its first token, which is used
 * whenever it is, and later, and so is dropped later. Most long contexts have one kind of token after them, which needs
 * no list; one that never had a table is in the order of its counts, so that frequent tokens are found soon. One with a
 * table has the most frequent token first and the others where they came, and so has the early one (`EARLY`) after it.
 */
export function contextStore(vocabSize: number): ContextStore {
  const memory = contextMemory(vocabSize);
  for (let token = 0; token < vocabSize; token++) {
    memory.entries[token * ENTRY] = token;
    memory.entries[token * ENTRY + 1] = NONE;
  }
  const uses = contextUses(memory);
  const orphans = new Map<number, number>(); // contexts kept after the one without their last token was dropped
  const tables = new Map<number, TokenTable>(); // of long lists, by context: where in its list a token is
  let early: number | undefined; // the context of the early one; NONE once it has none
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

  const hasTable = (context: number, kinds: number): boolean => kinds > SEARCHED || context === early;

  /** Moves an entry before those of smaller counts, or with a table, only before the first. */
  function moveUp(context: number, place: number, list: number): number {
    const { entries, counts } = memory;
    const count = counts[(place >> 1) + 1]!;
    const isInTable = hasTable(context, memory.fields[context * FIELDS + KINDS]!);
    let front = place;
    if (!isInTable) while (front > list && counts[((front - ENTRY) >> 1) + 1]! < count) front -= ENTRY;
    else if (counts[(list >> 1) + 1]! < count) front = list;
    if (front === place) return place;
    const token = entries[front]!;
    const child = entries[front + 1]!;
    const other = counts[(front >> 1) + 1]!;
    write(front, entries[place]!, entries[place + 1]!, count);
    write(place, token, child, other);
    if (isInTable) swapInTable(context, list, front, place);
    return front;
  }

  function swapInTable(context: number, list: number, front: number, place: number): void {
    const table = tables.get(context)!;
    table.set(memory.entries[front]!, (front - list) / ENTRY);
    table.set(memory.entries[place]!, (place - list) / ENTRY);
  }

  function placeByTable(context: number, list: number, token: Token): number {
    const i = tables.get(context)!.get(token);
    return i < 0 ? ABSENT : list + i * ENTRY;
  }

  /** Notes the last entry of a list, which has `kinds`, in its table, which it may get or lose now. */
  function writeTable(context: number, list: number, kinds: number): void {
    let table = tables.get(context);
    let from = kinds - 1;
    if (table === undefined) {
      tables.set(context, (table = tokenTable(2 * kinds)));
      from = 0;
    }
    for (let i = from; i < kinds; i++) table.set(memory.entries[list + i * ENTRY]!, i);
    if (context === early && kinds === LATE) dropTable(context);
  }

  function dropTable(context: number): void {
    tables.delete(context);
    if (context === early) early = NONE;
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
    if (early === undefined && kinds + 1 === EARLY) early = context;
    if (hasTable(context, kinds + 1)) writeTable(context, list, kinds + 1);
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
      if (hasTable(context, kinds)) return placeByTable(context, list, token);
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
      return moveUp(context, place, memory.fields[context * FIELDS + LIST]!);
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
        dropTable(context);
      }
      fields[at + FIRST] = NONE;
      memory.giveContextBack(context);
      kept -= 1;
      return context;
    },
  };
}

/** The room of so many tokens: the next power of two. */
function roomFor(kinds: number): number {
  return 2 ** (32 - Math.clz32(kinds - 1));
}
