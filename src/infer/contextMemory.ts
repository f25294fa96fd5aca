// A context of one or more tokens is a number; what is known of it, 32 bytes, are `FIELDS` numbers of one array:
export const KINDS = 0; // how many different tokens came after it
export const LIST = 1; // where their entries begin; of a single kind, the token itself
export const CHILD = 2; // of a single kind, the context with that token appended, or NONE
export const SHORTER = 3; // the context without its first token
export const FIRST = 4; // its first token; NONE where the context was dropped
export const USED = 5; // the number of its last use
export const FIELDS = 8; // the last two hold a float64: how many tokens came after it in all
export const TOTAL = 3; // where that is among the `FIELDS / 2` numbers of float64

// An entry is a token after a context, the context with that token appended (or NONE), and in a float64 its count. Its place
// is that of its token.
export const ENTRY = 4;

export const NONE = -1;

/** Typed arrays that hold contexts, and the entries of those with several kinds of tokens after them. */
export interface ContextMemory {
  /** Of the contexts. It is another array after it has grown, as are the three below. */
  fields: Int32Array;
  /** The same memory. */
  totals: Float64Array;
  /** Of the entries. */
  entries: Int32Array;
  /** The same memory: the count of the entry at a place is number `(place >> 1) + 1`. */
  counts: Float64Array;
  /** How many contexts there are, those that are free included. */
  made(): number;
  /** The number of a new context. */
  takeContext(): number;
  giveContextBack(context: number): void;
  /** Where there is room for so many entries, a power of two. */
  takeList(size: number): number;
  giveListBack(list: number, size: number): void;
}

/** Makes the memory; the first `entries` entries are taken. */
export function contextMemory(entries: number): ContextMemory {
  let made = 0; // contexts, those that are free included
  let madeEntries = entries;
  let freeContext = NONE; // each free one has the next in its LIST
  const freeLists = new Int32Array(32).fill(NONE); // by the logarithm of their size; each has the next in its first number

  const memory: ContextMemory = {
    fields: new Int32Array(0),
    totals: new Float64Array(0),
    entries: new Int32Array(0),
    counts: new Float64Array(0),
    made: () => made,
    takeContext() {
      const context = freeContext;
      if (context !== NONE) {
        freeContext = memory.fields[context * FIELDS + LIST]!;
        return context;
      }
      if ((made + 1) * FIELDS > memory.fields.length) growContexts(2 * made);
      return made++;
    },
    giveContextBack(context) {
      memory.fields[context * FIELDS + LIST] = freeContext;
      freeContext = context;
    },
    takeList(size) {
      const index = 31 - Math.clz32(size);
      const list = freeLists[index]!;
      if (list !== NONE) {
        freeLists[index] = memory.entries[list]!;
        return list;
      }
      const start = madeEntries;
      madeEntries += size;
      if (madeEntries * ENTRY > memory.entries.length) growEntries(2 * madeEntries);
      return start * ENTRY;
    },
    giveListBack(list, size) {
      const index = 31 - Math.clz32(size);
      memory.entries[list] = freeLists[index]!;
      freeLists[index] = list;
    },
  };

  function growContexts(count: number): void {
    memory.fields = grown(memory.fields, count * FIELDS);
    memory.totals = new Float64Array(memory.fields.buffer);
  }
  function growEntries(count: number): void {
    memory.entries = grown(memory.entries, count * ENTRY);
    memory.counts = new Float64Array(memory.entries.buffer);
  }
  growContexts(64);
  growEntries(entries + 128);
  return memory;
}

function grown(from: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const to = new Int32Array(length);
  to.set(from);
  return to;
}
