import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom, type Observable, tap, toArray } from 'rxjs';
import type { Cursor } from '../../src/flow/openCursor.js';
import { until } from '../support/until.js';

/** A folder that is removed when the process ends. */
export const folder: string = mkdtempSync(join(tmpdir(), 'rxrnn-source-'));
process.on('exit', () => rmSync(folder, { recursive: true }));

let files = 0;

/** Writes a file and gives its path. */
export function temporary(content: string | Uint8Array, name: string = `${files++}.txt`): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** What was emitted, and the error that ended it. */
export async function outcome<T>(source: Observable<T>): Promise<{ values: T[]; error: Error | undefined }> {
  const values: T[] = [];
  let error: Error | undefined;
  await lastValueFrom(source.pipe(tap((value) => values.push(value))), { defaultValue: undefined }).catch(
    (thrown: Error) => (error = thrown),
  );
  return { values, error };
}

/** All values of an observable. */
export function all<T>(source: Observable<T>): Promise<T[]> {
  return lastValueFrom(source.pipe(toArray()));
}

/** Resolves once this process has no open file of this path; rejects when it keeps one. */
export async function fileClosed(path: string): Promise<void> {
  await until(
    () => !isOpen(path),
    () => `${path} is still open`,
  );
}

/** Whether this process has the file open; false where the system cannot tell. */
export function isOpen(path: string): boolean {
  if (!existsSync('/proc/self/fd')) return false;
  return readdirSync('/proc/self/fd').some((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path;
    } catch {
      return false; // the descriptor of this very listing
    }
  });
}

/** A cursor over chunks, at once or one promise each. */
export function chunks<T>(list: readonly T[], later: boolean): () => Cursor<T> {
  return () => {
    let index = 0;
    return {
      next() {
        const step = index < list.length ? { value: list[index++]!, done: false } : { value: undefined, done: true };
        return (later ? Promise.resolve(step) : step) as IteratorResult<T>;
      },
    };
  };
}

/** Cuts bytes at the given places, which may repeat and are taken modulo the length. */
export function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const cuts = [0, ...places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return cuts.slice(1).map((end, i) => bytes.subarray(cuts[i], end));
}
