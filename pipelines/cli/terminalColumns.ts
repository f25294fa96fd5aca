import type { WriteStream } from 'node:tty';

/**
 * The width of the terminal that a stream is, standard output by default; `Infinity` where it is none, or one of unknown
 * width, which says 0.
 */
export function terminalColumns({ isTTY, columns }: Pick<WriteStream, 'isTTY' | 'columns'> = process.stdout): number {
  return isTTY && columns > 0 ? columns : Infinity;
}
