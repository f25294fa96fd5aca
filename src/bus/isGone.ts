/** Whether an error of the file system says that there is no such file or folder. */
export function isGone(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
