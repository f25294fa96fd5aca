import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';

/** A file of a log: the one that is written to, or one that has been put aside. */
export interface RotatedFile {
  readonly path: string;
  readonly inode: string;
  readonly size: number;
  /** When it was last written to, in nanoseconds. */
  readonly modified: bigint;
  /** When it was made; when it was last written to where the file system does not say, or where it is a copy with the time of another. */
  readonly made: bigint;
}

/**
 * Lists the files that a log of this path has been written to, in the order in which they were made, since a slow writer may
 * still add to any of them: those in its folder that rotation names after it, such as `app.log.1`, `app.log-20260102`,
 * `app-2026-01-02.log` and `app.log.old`, and last the file itself. Compressed ones are left out. Where two were made at one
 * time, numbers and dates in the names decide.
 */
export async function rotatedFiles(path: string): Promise<RotatedFile[]> {
  const folder = dirname(path);
  const base = basename(path);
  const names = (await readdir(folder)).filter((name) => name === base || mark(name, base) !== undefined);
  const found = await Promise.all(names.map((name) => describe(join(folder, name))));
  const age = (file: RotatedFile): number => ageOf(mark(basename(file.path), base));
  const isLast = (file: RotatedFile): number => Number(basename(file.path) === base);
  return found
    .filter((file) => file !== undefined)
    .toSorted(
      (a, b) => isLast(a) - isLast(b) || Number(a.made - b.made) || age(b) - age(a) || (a.path < b.path ? -1 : 1),
    );
}

async function describe(path: string): Promise<RotatedFile | undefined> {
  try {
    const found = await stat(path, { bigint: true });
    if (!found.isFile()) return undefined;
    const { ino, size, mtimeNs, birthtimeNs } = found;
    const made = birthtimeNs > 0n && birthtimeNs < mtimeNs ? birthtimeNs : mtimeNs;
    return { path, inode: String(ino), size: Number(size), modified: mtimeNs, made };
  } catch {
    return undefined; // renamed or removed meanwhile
  }
}

/** What rotation has added to a name: digits as of a number or a date, or a word; undefined for other names. */
function mark(name: string, base: string): string | undefined {
  const extension = extname(base);
  const stem = base.slice(0, base.length - extension.length);
  const added = name.startsWith(base)
    ? name.slice(base.length)
    : name.startsWith(stem) && name.endsWith(extension) && name.length > stem.length + extension.length
      ? name.slice(stem.length, name.length - extension.length)
      : '';
  return /^[.\-_]?\d[\d.\-_T:]*$/.test(added) || /^(?:\.(?:old|bak|prev)|~)$/.test(added) ? added : undefined;
}

/** Small numbers count up with age, dates down; the file itself is the youngest. */
function ageOf(added: string | undefined): number {
  if (added === undefined) return -Infinity;
  const digits = added.replaceAll(/\D/g, '');
  if (digits === '') return 1;
  return digits.length < 6 ? Number(digits) : -Number(digits.slice(0, 15));
}
