import type { Token } from '../types.js';

/** What came after one context. */
interface Context {
  /** How often each token came, those that came at all. */
  readonly counts: Map<Token, number>;
  total: number;
}

/** Counts of what came after the last tokens of a stream, for every length of context. */
export interface Contexts {
  /** The contexts that the stream is in now and that were seen before, the shortest first. */
  known(): readonly Context[];
  /** Counts a token in all of them, and moves on. */
  add(token: Token): void;
}

/** Contexts of up to `longest` tokens; beyond `max` of them the least recently added to is forgotten. */
export function contexts(longest: number, vocabSize: number, max: number): Contexts {
  const units = vocabSize > 0x10000 ? 2 : 1; // of a string, for a token
  const kept = new Map<string, Context>();
  let past = ''; // the last tokens, as a string of units

  /** The names of the contexts that the stream is in, the shortest first. */
  function names(): string[] {
    const found = [''];
    for (let length = units; length <= past.length; length += units) found.push(past.slice(-length));
    return found;
  }

  return {
    known() {
      const found: Context[] = [];
      for (const name of names()) {
        const context = kept.get(name);
        if (context === undefined) continue;
        found.push(context);
      }
      return found;
    },
    add(token) {
      for (const name of names().toReversed()) {
        const context = kept.get(name) ?? { counts: new Map<Token, number>(), total: 0 };
        context.counts.set(token, (context.counts.get(token) ?? 0) + 1);
        context.total += 1;
        kept.delete(name); // and set again: the order of a Map is that of insertion
        kept.set(name, context);
      }
      for (const name of kept.keys()) {
        if (kept.size <= max) break;
        kept.delete(name);
      }
      const unit = units === 1 ? String.fromCharCode(token) : String.fromCharCode(token >>> 16, token & 0xffff);
      past = longest === 0 ? '' : (past + unit).slice(-longest * units);
    },
  };
}
