/** What a system answers where it cannot write at the moment, whatever the options are: no space, no quota, a broken device. */
const CODES = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO', 'ENOMEM', 'EMFILE', 'ENFILE']);
const MOST_CAUSES = 10;

/** Whether an error, or one that it came of, is the system's, not a mistake of the user. */
export function ofSystem(error: unknown): boolean {
  for (let i = 0; i < MOST_CAUSES && error instanceof Error; i++) {
    if (CODES.has((error as NodeJS.ErrnoException).code ?? '')) return true;
    error = error.cause;
  }
  return false;
}
