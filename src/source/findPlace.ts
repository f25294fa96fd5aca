import { open } from 'node:fs/promises';
import { type FilePlace, HEAD, headLength, headOf } from './openFollowed.js';
import { type RotatedFile, rotatedFiles } from './rotatedFiles.js';

/**
 * Finds the file that holds a place: the one of its number, or else a copy of it. A place from before the first byte tells
 * nothing of what its file held, which may have been copied and emptied since: then it is the oldest file written to since.
 */
export async function findPlace(path: string, place: FilePlace): Promise<RotatedFile | undefined> {
  const files = await rotatedFiles(path);
  if (headLength(place.head) === 0) {
    const since = BigInt(place.modified + 1) * 1_000_000n;
    return files.find(({ inode, size, modified }) => inode === place.inode || (size > 0 && modified >= since));
  }
  const same = files.filter(({ inode }) => inode === place.inode);
  return (await firstHolding(same, place)) ?? firstHolding(files.toReversed(), place);
}

/** The first of these files that holds a place. */
export async function firstHolding(files: readonly RotatedFile[], place: FilePlace): Promise<RotatedFile | undefined> {
  for (const found of files) if (await holdsPlace(found.path, place)) return found;
  return undefined;
}

/** Tells whether the file of a path holds the place: has its beginning, and is as long. */
async function holdsPlace(path: string, { offset, head }: FilePlace): Promise<boolean> {
  const handle = await open(path, 'r');
  try {
    const length = headLength(head);
    const beginning = Buffer.allocUnsafe(Math.min(length, HEAD));
    const { bytesRead } = await handle.read(beginning, 0, beginning.length, 0);
    const { size } = await handle.stat();
    return bytesRead === length && size >= offset && headOf(beginning) === head;
  } finally {
    await handle.close();
  }
}
