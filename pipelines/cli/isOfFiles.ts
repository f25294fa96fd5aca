const MOST_CAUSES = 10;

/** Whether an error, or one that it came of, is a call for a file that the system has refused: no space, no folder, no right. */
export function isOfFiles(error: unknown): boolean {
  for (let i = 0; i < MOST_CAUSES && error instanceof Error; i++) {
    if (/^E[A-Z\d]+$/.test((error as NodeJS.ErrnoException).code ?? '')) return true;
    error = error.cause;
  }
  return false;
}
