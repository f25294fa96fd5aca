import { sha256 } from './sha256.js';

/** Bytes with random access; `fileBytes` makes them of a file. */
export interface Bytes {
  readonly length: number;
  /** Returns a copy or a view of the bytes from `start` to before `end`; both are within the length. */
  read(start: number, end: number): Uint8Array;
}

/** The position of a block, and the digest of everything up to its end. */
export interface Block {
  readonly start: number;
  readonly end: number;
  /** Its first line in the text, from 1. */
  readonly line: number;
  readonly entries: number;
  /** The step of its first entry. */
  readonly step: number;
  readonly digest: string;
}

/** Bytes that are read at once. */
const PIECE = 65_536;
const [NEWLINE, AT, CLOSING, TITLE] = [10, 64, 126, 61]; // line feed, @, ~, =
const INDEX = /^(\d{15} \d{15} |end )/;

/**
 * Finds the blocks of a run log that was cut short, whose first block begins at `start`: those that were closed, and of the
 * one that was open the whole lines. Its digest is that of what is there.
 */
export function scanBlocks(bytes: Bytes, start: number): Block[] {
  const blocks: Block[] = [];
  let begun: { start: number; line: number; step: number } | undefined;
  let [entries, line, end] = [0, 2, start];

  /** Takes a line, whose bytes are whole; false where the blocks have ended. */
  function take(text: Uint8Array, at: number): boolean {
    const first = text[0];
    if (first === AT) {
      begun = { start: at, line, step: Number(/^@ (\d{1,15}) /.exec(decode(text.subarray(0, 20)))?.[1] ?? 0) };
      entries = 0;
    } else if (first === CLOSING && begun) {
      blocks.push({ ...begun, entries, end: at + text.length + 1, digest: decode(text.subarray(2)) });
      begun = undefined;
    } else if (!begun || INDEX.test(decode(text.subarray(0, 32)))) return false;
    else if (first !== TITLE) entries += 1;
    line += 1;
    end = at + text.length + 1;
    return true;
  }
  let rest = new Uint8Array(0); // of a line that has not ended
  let at = start; // its place
  scanning: for (let from = start; from < bytes.length; from += PIECE) {
    const piece = joined(rest, bytes.read(from, Math.min(from + PIECE, bytes.length)));
    let begin = 0;
    for (let i = piece.indexOf(NEWLINE); i >= 0; i = piece.indexOf(NEWLINE, begin)) {
      if (!take(piece.subarray(begin, i), at)) break scanning;
      at += i + 1 - begin;
      begin = i + 1;
    }
    rest = piece.slice(begin);
  }
  if (begun && entries > 0) {
    const before = new TextEncoder().encode(blocks.at(-1)?.digest ?? '');
    blocks.push({ ...begun, entries, end, digest: sha256(joined(before, bytes.read(begun.start, end))) });
  }
  return blocks;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
