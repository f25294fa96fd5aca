import { callReturn } from '../flow/callReturn.js';
import type { Cursor, Later, Step } from '../flow/openCursor.js';

/**
 * Makes a cursor that reads the header of a CSV, finds its delimiter, and then is the cursor that `read` makes of all
 * chunks and the delimiter. It looks at no more than `most` bytes, or the chunk in which they end.
 *
 * The delimiter is a comma; a semicolon or, without one, a tab where the header has one of these outside of quotes and
 * no comma there.
 */
export function csvDelimiter<T>(
  open: () => Cursor<Uint8Array>,
  most: number,
  read: (open: () => Cursor<Uint8Array>, delimiter: string) => Cursor<T>,
): () => Cursor<T> {
  return () => {
    const source = open();
    const seen: Uint8Array[] = [];
    const header = headerReader(most);
    let cursor: Cursor<T> | undefined;

    /** The cursor, once the delimiter is known. */
    function accept(step: Step<Uint8Array>): Cursor<T> | undefined {
      const over = step.done === true;
      if (!over) seen.push(step.value);
      if (!over && !header.isComplete(step.value)) return undefined;
      cursor = read(() => replay(seen, source, over), header.delimiter());
      return cursor;
    }
    async function wait(pending: Later<Uint8Array>): Promise<Step<T>> {
      for (;;) {
        const found = accept(await (pending as Promise<Step<Uint8Array>>));
        if (found) return found.next() as Step<T> | Promise<Step<T>>;
        pending = Promise.resolve(source.next() as Step<Uint8Array>);
      }
    }
    return {
      next() {
        while (!cursor) {
          const step = source.next();
          if ('then' in step) return wait(step);
          accept(step);
        }
        return cursor.next();
      },
      return: () => callReturn(cursor ?? source),
    };
  };
}

/** The chunks that were read, and then the rest. */
function replay(seen: Uint8Array[], source: Cursor<Uint8Array>, over: boolean): Cursor<Uint8Array> {
  return {
    next() {
      const value = seen.shift();
      if (value !== undefined) return { value, done: false };
      return over ? { value: undefined, done: true } : source.next();
    },
    return: () => callReturn(source),
  };
}

/** Counts the delimiters of the first line that is not blank. All that it looks for is ASCII, which UTF-8 keeps apart. */
function headerReader(most: number): { isComplete(chunk: Uint8Array): boolean; delimiter(): string } {
  let [left, blank, quoted, mayOpen] = [most, true, false, true];
  const found = new Set<number>();
  return {
    isComplete(chunk) {
      for (const byte of chunk) {
        const isEnd = !quoted && (byte === LF || byte === CR);
        if ((isEnd && !blank) || left-- <= 0) return true;
        if (isEnd) found.clear(); // the tabs of a blank line
        const isQuote = byte === QUOTE && (quoted || mayOpen);
        if (isQuote) quoted = !quoted;
        const isDelimiter = !quoted && DELIMITERS.includes(byte);
        if (isDelimiter) found.add(byte);
        if (byte > SPACE && !BYTE_ORDER_MARK.includes(byte)) blank = false;
        // after a quote, too: two of them are one in the field
        mayOpen = isEnd || isDelimiter || isQuote || BYTE_ORDER_MARK.includes(byte);
      }
      return false;
    },
    delimiter: () => String.fromCharCode(DELIMITERS.find((delimiter) => found.has(delimiter)) ?? DELIMITERS[0]!),
  };
}

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
/** Comma, semicolon and tab, the first of which is taken that there is. */
const DELIMITERS = [0x2c, 0x3b, 0x09];
