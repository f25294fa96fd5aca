import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** A place in a file that may be renamed, copied and replaced: plain JSON. */
export interface FilePlace {
  /** The number of the file in its file system. */
  readonly inode: string;
  /** Bytes that lie before the place. */
  readonly offset: number;
  /** The beginning of the file: its length in bytes, up to 1,024, and a digest. It tells files apart. */
  readonly head: string;
  /** When the file was last written to, in milliseconds, as far as the reader had seen. */
  readonly modified: number;
}

/** A file that is read while it may grow, be truncated, and lose its name. */
export interface FollowedFile {
  readonly path: string;
  readonly inode: string;
  /** Offset of the next byte. */
  readonly offset: number;
  /** When it was last written to, in nanoseconds, at the last look. */
  readonly modified: bigint;
  /** The next bytes; `end` where there are no more now, `replaced` where it no longer holds what was read before. */
  read(): Promise<Uint8Array | 'end' | 'replaced'>;
  /** The place at an offset up to which it was read. */
  place(offset: number): FilePlace;
  /** What places say of its beginning, of all that was read of it. */
  readonly head: string;
  /** Closes the file, after what is being read of it. */
  close(): Promise<void>;
}

/** How many of the first bytes of a file tell it apart. */
export const HEAD = 1024;
const TAIL = 64;
const CHUNK = 0x10000;

/**
 * Opens a file to follow it from its beginning, or from a place that it holds; an LF that belongs to a CR before the place is
 * skipped. An Error for what is not a regular file.
 */
export async function openFollowed(path: string, place?: FilePlace): Promise<FollowedFile> {
  // Without waiting, should it be a pipe.
  const handle = await open(path, constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0));
  const start = place?.offset ?? 0;
  let offset = start;
  let head: Buffer = Buffer.alloc(0); // its first bytes
  let tail: Buffer = Buffer.alloc(0); // the bytes before `offset`
  let named = start > 0 ? place!.head : headOf(head); // what places say of the head, and of how many bytes
  let namedBytes = Math.min(HEAD, start);
  let modified = 0n;
  const inode = await begin();

  async function begin(): Promise<string> {
    try {
      const stats = await handle.stat({ bigint: true });
      if (stats.isDirectory()) throw new Error('is a directory, expected a file');
      if (!stats.isFile()) throw new Error('is a device or a pipe, expected a regular file');
      head = await bytesAt(0, Math.min(HEAD, start));
      tail = await bytesAt(Math.max(0, start - TAIL), Math.min(TAIL, start));
      const next = await bytesAt(start, 1);
      if (tail.at(-1) === CR && next[0] === LF) remember(next); // the rest of the ending before
      modified = stats.mtimeNs;
      return String(stats.ino);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }
  async function bytesAt(at: number, length: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(length);
    const { bytesRead } = await handle.read(buffer, 0, length, at);
    return buffer.subarray(0, bytesRead);
  }
  function remember(bytes: Buffer): void {
    if (head.length < HEAD) head = Buffer.concat([head, bytes.subarray(0, HEAD - head.length)]);
    tail = bytes.length >= TAIL ? Buffer.from(bytes.subarray(-TAIL)) : Buffer.concat([tail, bytes]).subarray(-TAIL);
    offset += bytes.length;
  }
  /** One read brings the bytes before the offset and those after it, so that no writer can come between the two. */
  async function read(): Promise<Uint8Array | 'end' | 'replaced'> {
    const beginning = await bytesAt(0, head.length);
    const bytes = await bytesAt(offset - tail.length, tail.length + CHUNK);
    if (!beginning.equals(head) || !bytes.subarray(0, tail.length).equals(tail)) return 'replaced';
    const fresh = bytes.subarray(tail.length);
    if (fresh.length > 0) {
      remember(fresh);
      return fresh;
    }
    modified = (await handle.stat({ bigint: true })).mtimeNs;
    return 'end';
  }
  return {
    path,
    inode,
    get offset() {
      return offset;
    },
    get modified() {
      return modified;
    },
    get head() {
      return headOf(head);
    },
    read,
    place(at) {
      if (namedBytes < HEAD && at > namedBytes) {
        namedBytes = Math.min(HEAD, at);
        named = headOf(head.subarray(0, namedBytes));
      }
      return { inode, offset: at, head: named, modified: Number(modified / 1_000_000n) };
    },
    close: () => handle.close(),
  };
}

/** What places say of the first bytes of their file. */
export function headOf(bytes: Uint8Array): string {
  return `${bytes.length}:${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}`;
}

/** Of how many bytes that is. */
export function headLength(head: string): number {
  return Number(head.slice(0, head.indexOf(':')));
}

const LF = 0x0a;
const CR = 0x0d;
