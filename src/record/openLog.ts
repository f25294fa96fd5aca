import { parseValue } from './parseValue.js';
import type { Entry } from './recording.js';
import { readBlock } from './readBlock.js';
import { RecordingError } from './RecordingError.js';
import { sha256 } from './sha256.js';

/** Bytes that can be read anywhere; `fileBytes` makes them of a file. */
export interface Bytes {
  readonly length: number;
  /** A copy or a view of the bytes from `start` to before `end`; both are within the length. */
  read(start: number, end: number): Uint8Array;
}

/** Where a block lies, and the digest of everything up to its end. */
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

/** A tape that is open: its head and index are read and checked, its blocks are not. */
export interface RunLog {
  readonly about: unknown;
  /** Entries of a block, of the last one at most. */
  readonly block: number;
  readonly entries: number;
  readonly blocks: readonly Block[];
  /** Reads a block, checks its digest and gives its entries; a RecordingError where it was changed. */
  readonly read: (index: number) => readonly Entry[];
}

const [ROW, END, LONGEST_HEAD] = [129, 117, 2 ** 20];
const HEAD = /^rxrnn tape (\d+), blocks of ([1-9]\d{0,14}), about /;

/**
 * Opens a tape that was written by `tape`: reads its head and its index, 129 bytes a block, and nothing else. A
 * RecordingError, with line and column, where it is no tape, of another version, cut short, or changed there.
 */
export function openLog(bytes: Bytes): RunLog {
  const start = firstLine(bytes);
  const length = start.indexOf('\n') + 1;
  const [matched, version, block] = HEAD.exec(start) ?? refuse('expected "rxrnn tape 1, …"', 1, 1);
  if (version !== '1') refuse(`expected version 1, got ${version}`, 1, 12);
  if (length === 0) refuse(`expected a first line of at most ${LONGEST_HEAD} bytes`, 1, start.length + 1);
  const head = start.slice(0, length);
  const about = parseValue(head.slice(0, -1), matched.length, (message, at) => refuse(message, 1, at + 1));
  const body = new TextEncoder().encode(head).length;
  const { rows, entries, index } = tail(bytes, head);
  const blocks = rows.map(([start, line, entries, step], i): Block => {
    const end = i + 1 < rows.length ? Number(rows[i + 1]![0]) : index;
    return {
      start: Number(start),
      end,
      line: Number(line),
      entries: Number(entries),
      step: Number(step),
      digest: rows[i]![4]!,
    };
  });
  for (const [i, { start, end }] of blocks.entries()) {
    if (start < (i === 0 ? body : blocks[i - 1]!.end) || end < start) refuse('expected blocks one after another', 1, 1);
  }
  const read = (i: number): readonly Entry[] => {
    const it = blocks[i] ?? refuse(`expected a block below ${blocks.length}, got ${i}`, 1, 1);
    return readBlock(decoded(bytes.read(it.start, it.end)), it, i === 0 ? '' : blocks[i - 1]!.digest);
  };
  return { about, block: Number(block), entries, blocks, read };
}

/** The beginning of the text, up to its first line and more; an endless line is not read to its end. */
function firstLine(bytes: Bytes): string {
  for (let length = 1024; ; length *= 4) {
    const start = bytes.read(0, Math.min(bytes.length, length));
    if (start.includes(10) || length >= bytes.length || length >= LONGEST_HEAD) return decoded(start);
  }
}

/** The rows of the index, from the end of the tape. */
function tail(bytes: Bytes, head: string): { rows: string[][]; entries: number; index: number } {
  const end = decoded(bytes.read(Math.max(0, bytes.length - END), bytes.length));
  const [, at, count, entries, check] =
    /^end (\d{15}) (\d{15}) (\d{15}) ([0-9a-f]{64})\n$/.exec(end) ??
    refuse('expected the index of the blocks: cut short?', ...lastPlace(bytes));
  const index = Number(at);
  const size = Number(count) * ROW;
  const text = index + size + END === bytes.length ? decoded(bytes.read(index, index + size)) : undefined;
  if (text === undefined || sha256(new TextEncoder().encode(head + text)) !== check) {
    refuse('expected the digest of the first line and the index: edited?', ...lastPlace(bytes));
  }
  const rows = text.split('\n').slice(0, -1);
  const cells = rows.map((row) => row.split(' '));
  const listed = cells.reduce((sum, [, , some]) => sum + Number(some), 0);
  if (listed !== Number(entries))
    refuse(`expected ${listed} entries, as the index lists, got ${Number(entries)}`, ...lastPlace(bytes));
  return { rows: cells, entries: listed, index };
}

/** Line and column of the last line. */
function lastPlace(bytes: Bytes): [line: number, column: number] {
  let lines = 1;
  for (let at = 0; at < bytes.length - 1; at += 65_536) {
    for (const byte of bytes.read(at, Math.min(at + 65_536, bytes.length - 1))) if (byte === 10) lines += 1;
  }
  return [lines, 1];
}

/** A byte that is no UTF-8 becomes U+FFFD, and then a digest differs. */
function decoded(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

function refuse(message: string, line: number, column: number): never {
  throw new RecordingError(message, line, column, 'openLog');
}
