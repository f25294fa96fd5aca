import { parseValue } from './parseValue.js';
import type { Entry, ErrorText } from './recording.js';
import { RecordingError } from './RecordingError.js';
import { sha256 } from './sha256.js';
import { options as checkOptions } from '../check/options.js';
import { flag } from '../check/flag.js';
import { optional } from '../check/optional.js';
import { type Block, type Bytes, scanBlocks } from './scanBlocks.js';
import { callable } from '../check/callable.js';
import { checkBytes } from '../check/checkBytes.js';
import { checkRecord } from '../check/checkRecord.js';
import { wholeNumber } from '../check/wholeNumber.js';

/** A run log that is open: its first line and index are read and checked, its blocks are not. */
export interface RunLog {
  readonly about: unknown;
  /** Entries per block; the last block may have fewer. */
  readonly block: number;
  readonly entries: number;
  readonly blocks: readonly Block[];
  /** Reads a block, checks its digest and returns its entries; a RecordingError where it was changed. */
  readonly read: (index: number) => readonly Entry[];
}

/** What a log may be. */
export interface OpenLogOptions {
  /**
   * Whether a log without its index, whose writer was killed, is read as far as its lines are whole; `false` by default,
   * and then it is refused. All of it is read to find its blocks.
   */
  readonly unfinished?: boolean | undefined;
}

const [ROW, END, LONGEST_HEAD] = [129, 117, 2 ** 20];
const size = wholeNumber();
const HEAD = /^rxrnn log (\d+), blocks of ([1-9]\d{0,14}), about /;

/**
 * Opens a run log that `runLog` wrote: it reads the first line and the index, 129 bytes per block, and nothing else. A
 * RecordingError, with line and column, where the bytes are not a run log, are of another version, cut short, or
 * changed in these parts; one that was cut short is read where it may be `unfinished`.
 */
export function openLog(given: Bytes, options: OpenLogOptions = {}): RunLog {
  const bytes = checkedBytes(given);
  const { unfinished = false } = checkOptions('openLog', options, { unfinished: optional(flag) });
  const start = readFirstLine(bytes);
  const length = start.indexOf('\n') + 1;
  const [matched, version, block] = HEAD.exec(start) ?? refuse('expected "rxrnn log 1, …"', 1, 1);
  if (version !== '1') refuse(`expected version 1, got ${version}`, 1, 11);
  if (length === 0) refuse(`expected a first line of at most ${LONGEST_HEAD} bytes`, 1, start.length + 1);
  const head = start.slice(0, length);
  const about = parseValue(head.slice(0, -1), matched.length, (message, at) => refuse(message, 1, at + 1));
  const body = new TextEncoder().encode(head).length;
  const finished = !unfinished || INDEX_END.test(endOf(bytes));
  const { blocks, entries } = finished ? readIndex(bytes, head) : scanned(bytes, body);
  for (const [i, { start, end }] of blocks.entries()) {
    if (start < (i === 0 ? body : blocks[i - 1]!.end) || end < start) refuse('expected blocks one after another', 1, 1);
  }
  const read = (i: number): readonly Entry[] => {
    const block = blocks[i] ?? refuse(`expected a block below ${blocks.length}, got ${i}`, 1, 1);
    const before = i === 0 ? '' : blocks[i - 1]!.digest;
    const open = !finished && i === blocks.length - 1;
    return readBlock(decode(bytes.read(block.start, block.end)), block, before, open);
  };
  return { about, block: Number(block), entries, blocks, read };
}

/** The same bytes, which refuse to be read as anything else than bytes. */
function checkedBytes(bytes: Bytes): Bytes {
  checkRecord('openLog', 'bytes', bytes);
  const { length } = bytes;
  size('openLog', 'bytes.length', length);
  callable('openLog', 'bytes.read', bytes.read);
  const read = (start: number, end: number): Uint8Array => {
    const part = bytes.read(start, end);
    checkBytes('openLog', 'what bytes.read returns', part);
    return part;
  };
  return { length, read };
}

/** Reads the beginning of the text, the first line and more; of an endless line it reads a bounded part. */
function readFirstLine(bytes: Bytes): string {
  for (let length = 1024; ; length *= 4) {
    const start = bytes.read(0, Math.min(bytes.length, length));
    if (start.includes(10) || length >= bytes.length || length >= LONGEST_HEAD) return decode(start);
  }
}

/**
 * Reads the entries of a block whose digest, over the digest before and its text, is right; a RecordingError otherwise.
 * The last block of an unfinished log may be `open`: it has no line for its digest.
 */
function readBlock(
  text: string,
  { line: first, entries, digest, step: start }: Block,
  before: string,
  open: boolean,
): Entry[] {
  const closing = `~ ${digest}\n`;
  const closed = text.endsWith(closing);
  const body = closed ? text.slice(0, -closing.length) : text;
  if (!(closed || open) || sha256(new TextEncoder().encode(before + body)) !== digest) {
    throw new RecordingError('expected the digest of this block of entries: edited?', first, 1, 'openLog');
  }
  const read: Entry[] = [];
  const titles: string[] = [];
  let step = start;
  for (const [i, line] of body.split('\n').slice(0, -1).entries()) {
    const refuse = (message: string, at: number): never => {
      throw new RecordingError(message, first + i, at + 1, 'openLog');
    };
    if (line.startsWith('@ ')) {
      const list = parseValue(line, line.indexOf(' ', 2) + 1, refuse);
      if (Array.isArray(list)) for (const title of list) titles.push(String(title));
      continue;
    }
    if (line.startsWith('= ')) {
      titles.push(String(parseValue(line, 2, refuse)));
      continue;
    }
    const [matched, later, track] = /^(\d{1,15}) (\d{1,9}) /.exec(line) ?? refuse('expected steps, track and value', 0);
    const title = titles[Number(track)] ?? refuse('expected a track that was named', later!.length + 1);
    step += Number(later);
    const at = matched.length;
    if (line[at] === '|' && line.length === at + 1) read.push({ title, step, kind: 'C' });
    else if (line[at] === '#') {
      read.push({ title, step, kind: 'E', error: parseValue(line, at + 2, refuse) as ErrorText });
    } else read.push({ title, step, kind: 'N', value: parseValue(line, at, refuse) });
  }
  if (read.length !== entries) {
    throw new RecordingError(`expected ${entries} entries in this block, got ${read.length}`, first, 1, 'openLog');
  }
  return read;
}

const INDEX_END = /^end (\d{15}) (\d{15}) (\d{15}) ([0-9a-f]{64})\n$/;

/** The text where the last line of an index is. */
function endOf(bytes: Bytes): string {
  return decode(bytes.read(Math.max(0, bytes.length - END), bytes.length));
}

function scanned(bytes: Bytes, start: number): { blocks: readonly Block[]; entries: number } {
  const blocks = scanBlocks(bytes, start);
  return { blocks, entries: blocks.reduce((sum, { entries }) => sum + entries, 0) };
}

/** Reads the index, from the end of the log. */
function readIndex(bytes: Bytes, head: string): { blocks: readonly Block[]; entries: number } {
  const [, at, count, entries, check] =
    INDEX_END.exec(endOf(bytes)) ?? refuse('expected the index of the blocks: cut short?', ...lastPlace(bytes));
  const index = Number(at);
  const size = Number(count) * ROW;
  const text = index + size + END === bytes.length ? decode(bytes.read(index, index + size)) : undefined;
  if (text === undefined || sha256(new TextEncoder().encode(head + text)) !== check) {
    refuse('expected the digest of the first line and the index: edited?', ...lastPlace(bytes));
  }
  const rows = text
    .split('\n')
    .slice(0, -1)
    .map((row) => row.split(' '));
  const blocks = rows.map(([start, line, entries, step, digest], i): Block => {
    const end = i + 1 < rows.length ? Number(rows[i + 1]![0]) : index;
    return {
      start: Number(start),
      end,
      line: Number(line),
      entries: Number(entries),
      step: Number(step),
      digest: digest!,
    };
  });
  const listed = blocks.reduce((sum, { entries }) => sum + entries, 0);
  if (listed !== Number(entries))
    refuse(`expected ${listed} entries, as the index lists, got ${Number(entries)}`, ...lastPlace(bytes));
  return { blocks, entries: listed };
}

/** Line and column of the last line. */
function lastPlace(bytes: Bytes): [line: number, column: number] {
  let lines = 1;
  for (let at = 0; at < bytes.length - 1; at += 65_536) {
    for (const byte of bytes.read(at, Math.min(at + 65_536, bytes.length - 1))) if (byte === 10) lines += 1;
  }
  return [lines, 1];
}

/** Invalid UTF-8 becomes U+FFFD, and then a digest differs. */
function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

function refuse(message: string, line: number, column: number): never {
  throw new RecordingError(message, line, column, 'openLog');
}
