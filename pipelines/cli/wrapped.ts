import type { WriteStream } from 'node:tty';
import { fold } from './fold.js';
import { terminalColumns } from './terminalColumns.js';

/** Breaks the lines of a text at words to the width of the terminal that a stream is; on other streams they stay whole. */
export function wrapped(text: string, stream: Pick<WriteStream, 'isTTY' | 'columns'>): string {
  const columns = terminalColumns(stream);
  return text
    .split('\n')
    .flatMap((line) => fold(line, columns))
    .join('\n');
}
