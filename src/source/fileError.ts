import { visible } from '../check/visible.js';

/** Makes the error of a file of its system's error: it begins with the name of the file, and has the other as its cause. */
export function fileError(name: string, error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = code === undefined ? undefined : REASONS[code];
  return new Error(`${name}: ${reason ?? visible(message)}`, { cause: error });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'is a directory, expected a file',
  ENOTDIR: 'there is no such file: a part of the path is not a directory',
  EACCES: 'permission to read it is denied',
  EMFILE: 'too many files are open',
};
