import { callReturn } from '../flow/callReturn.js';
import { closeCursor } from '../flow/closeCursor.js';
import type { Cursor, Later, Step } from '../flow/openCursor.js';

/** Turns chunks into items: `take` is called until it has no more items, then the next chunk is pushed. */
export interface Parser<C, T> {
  /** Accepts the next chunk; `undefined` is the end. */
  push(chunk: C | undefined): void;
  /** The next item, or `undefined` when it needs another chunk. */
  take(): T | undefined;
}

/**
 * Makes a cursor over the items that a parser finds in the chunks of another cursor: one item per pull, whatever the
 * size of the chunks.
 *
 * At most one chunk is asked for at a time, and only when the last one is used up. If the parser throws, the cursor
 * below is closed. Each cursor has its own parser and one step object, which the caller must read before the next pull.
 */
export function parseChunks<C, T>(open: () => Cursor<C>, parse: () => Parser<C, T>): () => Cursor<T> {
  return () => {
    const parser = parse();
    const source = open();
    const step = { value: undefined as T, done: false as const };
    let over = false;

    function accept(chunk: Step<C>): void {
      over = chunk.done === true;
      parser.push(chunk.done === true ? undefined : chunk.value);
    }
    /** The next item, or the promise of the chunk that it waits for. */
    function advance(): Step<T> | Later<C> {
      for (;;) {
        const value = parser.take();
        if (value !== undefined) {
          step.value = value;
          return step;
        }
        if (over) return END;
        const chunk = source.next();
        if ('then' in chunk) return chunk;
        accept(chunk);
      }
    }
    async function wait(chunk: Later<C>): Promise<Step<T>> {
      try {
        for (let pending = chunk; ;) {
          accept(await pending);
          const answer = advance();
          if (!('then' in answer)) return answer;
          pending = answer;
        }
      } catch (error) {
        closeCursor(source);
        throw error;
      }
    }
    return {
      next() {
        try {
          const answer = advance();
          return 'then' in answer ? wait(answer) : answer;
        } catch (error) {
          closeCursor(source);
          throw error;
        }
      },
      return: () => callReturn(source),
    };
  };
}

const END = { value: undefined, done: true } as const;
